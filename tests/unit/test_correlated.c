#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <cmocka.h>

#include "correlated.h"
#include "rng.h"
#include "stats.h"

enum { ROUNDS = 40, RUNS = 400 };

static double normal(struct ps_rng *rng)
{
    return sqrt(-2 * log(1 - ps_rng_unit(rng))) * cos(6.283185307179586 * ps_rng_unit(rng));
}

/* Each as much like the one before as c says. */
static void series(struct ps_rng *rng, double c, double *x, size_t n)
{
    x[0] = normal(rng);
    for (size_t i = 1; i < n; i++)
        x[i] = c * x[i - 1] + sqrt(1 - c * c) * normal(rng);
}

/* Over many series, and how many show none. */
static double mean_correlation(double c, size_t *none)
{
    struct ps_rng rng = {3};
    double x[ROUNDS], sum = 0;

    *none = 0;
    for (size_t i = 0; i < RUNS; i++) {
        double found;

        series(&rng, c, x, ROUNDS);
        found = ps_round_correlation(x, ROUNDS);
        *none += !(found > 0);
        sum += found;
    }
    return sum / RUNS;
}

static void test_correlation(void **state)
{
    size_t none;

    assert_true(fabs(mean_correlation(0.6, &none) - 0.6) < 0.05);
    assert_true(none < RUNS / 20);
    assert_true(mean_correlation(0, &none) < 0.05);
    assert_true(none > RUNS * 0.85 && none < RUNS * 0.95);
    mean_correlation(-0.6, &none);
    assert_int_equal(none, RUNS);
}

/* What single rounds are matters not, only which are above which. */
static void test_ranks_alone(void **state)
{
    double x[ROUNDS], wild[ROUNDS + 1], found;
    struct ps_rng rng = {5};

    series(&rng, 0.8, x, ROUNDS);
    found = ps_round_correlation(x, ROUNDS);
    assert_true(found > 0.5);
    for (size_t i = 0; i < ROUNDS; i++)
        wild[i < 9 ? i : i + 1] = exp(9 * x[i]);
    wild[9] = NAN;
    assert_true(ps_round_correlation(wild, ROUNDS + 1) == found);
}

static void test_equal_rounds(void **state)
{
    double x[ROUNDS] = {0};

    assert_true(ps_round_correlation(x, ROUNDS) == 0);
    assert_true(ps_round_correlation(x, 0) == 0);
}

/* 0.6 leaves an indicator with 2/pi asin(0.6^k): a third of the rounds. */
static void test_factor(void **state)
{
    assert_true(ps_correlated_factor(0, ROUNDS) == 1);
    assert_true(ps_correlated_factor(0.6, 5) == 1);
    assert_true(fabs(ps_correlated_factor(0.6, 100000) - 1.7254) < 0.01);
    assert_true(ps_correlated_factor(0.6, 20) > 1.9);
}

/* 9 of 10 medians at least, where without it 3 of 4 are held. */
static void test_medians_are_held(void **state)
{
    struct ps_rng rng = {7};
    size_t held = 0;

    for (size_t i = 0; i < RUNS; i++) {
        double x[ROUNDS];
        struct ps_interval found;

        series(&rng, 0.6, x, ROUNDS);
        assert_int_equal(ps_bootstrap_median(x, ROUNDS, i, &found), 0);
        held += found.low <= 0 && 0 <= found.high;
    }
    assert_true(held > RUNS * 0.88);
}

/* No further than the rounds themselves, and only for what there is. */
static void test_limits(void **state)
{
    double x[ROUNDS];
    struct ps_interval found = {20, 2, 38}, none = {20, NAN, NAN}, open = {20, -INFINITY, 21};

    for (size_t i = 0; i < ROUNDS; i++)
        x[i] = (double)i;
    assert_int_equal(ps_widen_correlated(x, ROUNDS, &found), 0);
    assert_true(found.low == 0 && found.high == ROUNDS - 1);
    assert_int_equal(ps_widen_correlated(x, ROUNDS, &none), 0);
    assert_true(isnan(none.low) && isnan(none.high));
    assert_int_equal(ps_widen_correlated(x, ROUNDS, &open), 0);
    assert_true(open.low == -INFINITY && open.high > 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_correlation),      cmocka_unit_test(test_ranks_alone),
        cmocka_unit_test(test_equal_rounds),     cmocka_unit_test(test_factor),
        cmocka_unit_test(test_medians_are_held), cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
