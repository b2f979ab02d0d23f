#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "schedstat.h"

static void test_waking_is_nobodys(void **state)
{
    const struct ps_schedstat from = {.delay = 1000, .slices = 10};
    const struct ps_schedstat woken = {.delay = 1000 + 4000 * 5000, .slices = 4010};
    const struct ps_schedstat kept = {.delay = 1000 + 100 * 3000000, .slices = 110};

    (void)state;
    assert_true(ps_schedstat_others(&from, &woken) == 0);
    assert_true(ps_schedstat_others(&from, &kept) == 100 * 2950000.0);
}

static void test_own(void **state)
{
    struct ps_schedstat s;

    (void)state;
    assert_true(ps_schedstat_of("/proc/self/schedstat", &s));
    assert_true(s.used > 0 && s.slices > 0);
}

static void test_none(void **state)
{
    struct ps_schedstat s = {1, 1, 1};

    (void)state;
    assert_false(ps_schedstat_of("/proc/self/no such", &s));
    assert_true(!s.used && !s.delay && !s.slices);
    assert_false(ps_schedstat_of("/dev/null", &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waking_is_nobodys),
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
