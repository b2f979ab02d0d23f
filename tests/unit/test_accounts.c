#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "accounts.h"

static void spinning_is_cpu_time(void **state)
{
    assert_true(spun_cpu(0, 0) == 0);
    assert_true(spun_cpu(0, 1) == 0);
    assert_true(spun_cpu(0.25, 1) == 0.25);
    assert_true(spun_cpu(1, 1) == 1);
}

/* So that what is left of the CPU time is never less than nothing. */
static void clocks_differ_a_little(void **state)
{
    assert_true(spun_cpu(1.01, 1) == 1);
}

/* Three spinners on one CPU: each has it for a third of the time that it spins. */
static void spinning_without_a_cpu_is_unknown(void **state)
{
    assert_true(isnan(spun_cpu(3, 1)));
    assert_true(isnan(spun_cpu(1.05, 1)));
    assert_true(isnan(spun_cpu(1e-6, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spinning_is_cpu_time),
        cmocka_unit_test(clocks_differ_a_little),
        cmocka_unit_test(spinning_without_a_cpu_is_unknown),
    };

    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
