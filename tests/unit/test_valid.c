#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "registry.h"
#include "valid.h"

/* What is asked of plug-ins is kept by what is built in. */
static void test_built_in_workloads(void **state)
{
    for (size_t i = 0; ps_workloads[i]; i++) {
        const struct parscope_workload *one[] = {ps_workloads[i], NULL};
        const struct parscope_plugin abi = {PARSCOPE_PLUGIN_ABI, one, NULL};
        const struct ps_plugin plugin = {.file = "built-in", .abi = &abi};
        struct ps_err e = {""};

        ps_valid_plugin(&plugin, &e);
        assert_string_equal(e.text, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_built_in_workloads)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
