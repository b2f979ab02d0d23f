/* What changed between two estimates: intervals, and what they are judged to be. */
#include <math.h>

#include "fixture.h"

#include "change.h"

static void assert_near(double a, double b, double within)
{
    assert_true(fabs(a - b) <= within);
}

static void test_ratio_of_two_runs(void **state)
{
    struct ps_interval base = {2, 1.9, 2.1}, now = {2.2, 2.1, 2.3};
    struct ps_interval r = ps_ratio_apart(base, now);

    assert_near(r.value, 1.1, 1e-12);
    /* The distances in logarithms, as squares. */
    assert_near(log(r.value / r.low), hypot(log(2.2 / 2.1), log(2.1 / 2)), 1e-12);
    assert_near(log(r.high / r.value), hypot(log(2.3 / 2.2), log(2 / 1.9)), 1e-12);
}

static void test_ratio_needs_what_is_above_0(void **state)
{
    struct ps_interval zero = {0, 0, 0}, one = {1, 0.9, 1.1}, wide = {1, -1, 3};

    assert_true(isnan(ps_ratio_apart(zero, one).value));
    assert_near(ps_ratio_apart(wide, one).value, 1, 0);
    assert_true(isnan(ps_ratio_apart(wide, one).low));
    assert_true(isnan(ps_ratio_apart((struct ps_interval){1, NAN, NAN}, one).low));
}

static void test_difference_of_two_runs(void **state)
{
    struct ps_interval d = ps_difference_apart((struct ps_interval){0.1, 0.07, 0.12},
                                               (struct ps_interval){0.3, 0.26, 0.33});

    assert_near(d.value, 0.2, 1e-12);
    assert_near(d.low, 0.2 - hypot(0.04, 0.02), 1e-12);
    assert_near(d.high, 0.2 + hypot(0.03, 0.03), 1e-12);
}

/* Whatever both rounds share is no part of the change. */
static void test_pairs_cancel_drift(void **state)
{
    double base[40], now[40];
    struct ps_interval r;

    for (size_t i = 0; i < 40; i++) {
        base[i] = 1 + (double)i / 10;
        now[i] = 1.1 * base[i] * (1 + 1e-3 * ((double)(i % 3) - 1));
    }
    base[7] = NAN;
    now[9] = 0;
    assert_int_equal(ps_ratio_paired(base, now, 40, 1, &r), 0);
    assert_near(r.value, 1.1, 1e-9);
    assert_true(r.low > 1.098 && r.high < 1.102);
}

static void test_serial_fractions_of_pairs(void **state)
{
    const double p[] = {2, 4};
    double base[20], now_base[20], times[2][20], now_times[2][20];
    struct ps_point_times b = {p, times[0], base, 2, 20}, n = {p, now_times[0], now_base, 2, 20};
    struct ps_interval d;

    for (size_t r = 0; r < 20; r++) {
        base[r] = now_base[r] = 1 + (double)r;
        for (size_t i = 0; i < 2; i++) {
            times[i][r] = base[r] * (0.1 + 0.9 / p[i]);
            now_times[i][r] = base[r] * (0.25 + 0.75 / p[i]);
        }
    }
    assert_int_equal(ps_serial_paired(&b, &n, 1, &d), 0);
    assert_near(d.value, 0.15, 1e-12);
    assert_near(d.low, 0.15, 1e-9);
}

static void test_family(void **state)
{
    double factor = ps_family_factor(10, 100000);
    struct ps_interval i = {1, 0.9, 1.2};

    assert_near(ps_family_factor(1, 10), 1, 0);
    /* Of the normal distribution: 2.807 / 1.960. */
    assert_near(factor, 1.432, 0.002);
    assert_true(ps_family_factor(10, 6) > factor);
    assert_near(ps_widened_difference(i, 2).low, 0.8, 1e-12);
    assert_near(ps_widened_difference(i, 2).high, 1.4, 1e-12);
    assert_near(ps_widened_ratio(i, 2).low, 0.81, 1e-12);
    assert_near(ps_widened_ratio(i, 2).high, 1.44, 1e-12);
}

static enum ps_change less(double low, double high)
{
    return ps_judge_ratio((struct ps_interval){1, low, high}, 0.05, true);
}

static enum ps_change more(double low, double high)
{
    return ps_judge_ratio((struct ps_interval){1, low, high}, 0.05, false);
}

static void test_verdicts(void **state)
{
    assert_int_equal(less(1.06, 1.1), PS_CHANGE_WORSE);
    assert_int_equal(less(1.04, 1.1), PS_CHANGE_INCONCLUSIVE);
    assert_int_equal(less(0.5, 1.1), PS_CHANGE_INCONCLUSIVE);
    assert_int_equal(less(0.96, 1.04), PS_CHANGE_SAME);
    assert_int_equal(less(0.9, 1.04), PS_CHANGE_NOT_WORSE);
    assert_int_equal(less(0.9, 0.94), PS_CHANGE_BETTER);
    assert_int_equal(less(NAN, NAN), PS_CHANGE_INCONCLUSIVE);
    assert_int_equal(more(1.06, 1.1), PS_CHANGE_BETTER);
    assert_int_equal(more(0.9, 0.94), PS_CHANGE_WORSE);
    assert_int_equal(more(0.96, 1.2), PS_CHANGE_NOT_WORSE);
    /* As far to either side: 1 / 1.05 is 0.952. */
    assert_int_equal(more(0.951, 1.0), PS_CHANGE_INCONCLUSIVE);
    assert_int_equal(more(0.953, 1.0), PS_CHANGE_SAME);
    assert_int_equal(ps_judge_difference((struct ps_interval){0, 0.06, 0.1}, 0.05, true),
                     PS_CHANGE_WORSE);
    assert_int_equal(ps_judge_difference((struct ps_interval){0, -0.04, 0.04}, 0.05, true),
                     PS_CHANGE_SAME);
}

/* By what the interval has to narrow for the nearer answer. */
static void test_undecided(void **state)
{
    const struct ps_interval below = {1, 0.9, 1.1025}, above = {1.1025, 1, 1.2};

    assert_true(fabs(ps_undecided_ratio(below, 0.05, true) - 2) < 1e-9);
    assert_true(fabs(ps_undecided_ratio(above, 0.05, true) - 2) < 1e-9);
    assert_true(ps_undecided_ratio((struct ps_interval){1, 0.9, 1.04}, 0.05, true) == 0);
    assert_true(ps_undecided_ratio((struct ps_interval){1.1, 1.06, 1.2}, 0.05, true) == 0);
    assert_true(isinf(ps_undecided_ratio((struct ps_interval){1, NAN, NAN}, 0.05, true)));
    assert_true(
        fabs(ps_undecided_ratio((struct ps_interval){1 / 1.1025, 0.8, 1}, 0.05, false) - 2) < 1e-9);
    assert_true(fabs(ps_undecided_difference((struct ps_interval){0, -0.1, 0.1}, 0.05, true) - 2) <
                1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratio_of_two_runs),
        cmocka_unit_test(test_ratio_needs_what_is_above_0),
        cmocka_unit_test(test_difference_of_two_runs),
        cmocka_unit_test(test_pairs_cancel_drift),
        cmocka_unit_test(test_serial_fractions_of_pairs),
        cmocka_unit_test(test_family),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_undecided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
