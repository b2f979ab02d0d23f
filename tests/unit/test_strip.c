#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "strip.h"

#define MS UINT64_C(1000000)

static uint64_t sum(const uint64_t *bins)
{
    uint64_t all = 0;

    for (size_t i = 0; i < PS_STRIP_BINS; i++)
        all += bins[i];
    return all;
}

/* One thread for 1 ms, two for 1 ms, none for 0.5 ms, in bins of 10 us. */
static void test_each_time_is_in_its_bin(void **state)
{
    struct ps_strip s = {0};

    ps_strip_add(&s, 0, MS, 1, true);
    ps_strip_add(&s, MS, 2 * MS, 2, false);
    ps_strip_add(&s, 2 * MS, 2 * MS + MS / 2, 0, false);
    assert_int_equal(s.count, 250);
    assert_int_equal(s.width, MS / 100);
    assert_int_equal(s.running[0], s.width);
    assert_int_equal(s.alone[99], s.width);
    assert_int_equal(s.alone[100], 0);
    assert_int_equal(s.running[100], 2 * s.width);
    assert_int_equal(s.running[200], 0);
}

static void test_long_runs_have_wider_bins(void **state)
{
    struct ps_strip s = {0};

    for (uint64_t i = 0; i < 10000; i++)
        ps_strip_add(&s, i * MS, (i + 1) * MS, i % 10 < 3 ? 1 : 4, i % 10 < 3);
    assert_int_equal(sum(s.running), 10000 * (3 + 7 * 4) / 10 * MS);
    assert_int_equal(sum(s.alone), 3000 * MS);
    assert_true(s.count > PS_STRIP_BINS / 2 && s.count <= PS_STRIP_BINS);
    assert_true(s.width * s.count >= 10000 * MS);
    assert_true(s.width * (s.count - 1) < 10000 * MS);
}

/* A stretch that is longer than all bins together were. */
static void test_a_long_stretch(void **state)
{
    struct ps_strip s = {0};

    ps_strip_add(&s, 0, 5, 1, true);
    ps_strip_add(&s, 5, 3600 * 1000 * MS, 3, false);
    assert_int_equal(sum(s.alone), 5);
    assert_int_equal(sum(s.running), 5 + 3 * (3600 * 1000 * MS - 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_time_is_in_its_bin),
        cmocka_unit_test(test_long_runs_have_wider_bins),
        cmocka_unit_test(test_a_long_stretch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
