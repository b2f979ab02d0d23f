#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdbool.h>
#include <cmocka.h>

#include "estimate.h"
#include "rng.h"

enum { ROUNDS = 30, TRIALS = 200 };

/* About normal, of mean 0 and deviation 1: the sum of twelve uniform values less 6. */
static double noise(struct ps_rng *r)
{
    double sum = -6;

    for (unsigned i = 0; i < 12; i++)
        sum += ps_rng_unit(r);
    return sum;
}

struct rounds {
    double test[ROUNDS], reference[ROUNDS];
};

/* A construct of `cost` around work of 1000, on a machine whose speed drifts by `drift` from round
 * to round. */
static struct rounds make(struct ps_rng *r, double cost, double drift)
{
    struct rounds x;

    for (unsigned i = 0; i < ROUNDS; i++) {
        double round = drift * noise(r);

        x.test[i] = 1000 + cost + round + noise(r);
        x.reference[i] = 1000 + round + noise(r);
    }
    return x;
}

static struct ps_interval estimate(const struct rounds *x)
{
    struct ps_interval i;

    assert_int_equal(estimate_difference(x->test, x->reference, ROUNDS, 1, &i), 0);
    return i;
}

/* Intervals that hold the truth, of TRIALS. */
static unsigned covered(double cost)
{
    struct ps_rng r = {7};
    unsigned holds = 0;

    for (unsigned t = 0; t < TRIALS; t++) {
        struct rounds x = make(&r, cost, 0);
        struct ps_interval i = estimate(&x);

        holds += i.low <= cost && cost <= i.high;
    }
    return holds;
}

static void test_intervals_hold_the_truth(void **state)
{
    /* 95 % less three standard deviations of a binomial count */
    assert_in_range(covered(20), 180, TRIALS);
    assert_in_range(covered(0), 180, TRIALS);
}

/* Drift a hundred times the noise, common to both: subtracting medians would not see the cost. */
static void test_a_rounds_drift_falls_out(void **state)
{
    struct ps_rng r = {1};
    struct rounds x = make(&r, 20, 100);
    struct ps_interval i = estimate(&x);

    assert_true(fabs(i.value - 20) < 2);
    assert_true(i.high - i.low < 4);
}

/* The reference's own noise must widen the interval. */
static void test_the_reference_is_uncertain_too(void **state)
{
    struct ps_rng r = {3};
    struct rounds x = make(&r, 20, 0);
    struct ps_interval sure, unsure;

    sure = estimate(&x);
    for (unsigned i = 0; i < ROUNDS; i++)
        x.reference[i] += 30 * noise(&r);
    unsure = estimate(&x);
    assert_true(unsure.high - unsure.low > 5 * (sure.high - sure.low));
}

static void test_nothing_is_clamped(void **state)
{
    struct ps_rng r = {5};
    struct rounds x = make(&r, -20, 0);
    struct ps_interval i = estimate(&x);

    assert_true(i.high < 0 && i.low < i.high);
    assert_true(fabs(i.value + 20) < 2);
}

static void test_rounds_without_a_value(void **state)
{
    struct ps_rng r = {9};
    struct rounds x = make(&r, 20, 0);
    struct ps_interval i;

    for (unsigned k = 0; k < ROUNDS; k += 2)
        x.test[k] = NAN;
    x.reference[1] = NAN;
    assert_true(fabs(estimate(&x).value - 20) < 2);
    for (unsigned k = 0; k < ROUNDS; k++)
        x.test[k] = NAN;
    i = estimate(&x);
    assert_true(isnan(i.value) && isnan(i.low) && isnan(i.high));
}

static void test_few_rounds_give_no_interval(void **state)
{
    const double test[] = {25, 26, 24, 25, 25}, reference[] = {5, 5, 5, 5, 5};
    struct ps_interval i;

    assert_int_equal(estimate_difference(test, reference, 5, 1, &i), 0);
    assert_true(fabs(i.value - 20) < 1e-9);
    assert_true(isnan(i.low) && isnan(i.high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals_hold_the_truth),
        cmocka_unit_test(test_a_rounds_drift_falls_out),
        cmocka_unit_test(test_the_reference_is_uncertain_too),
        cmocka_unit_test(test_nothing_is_clamped),
        cmocka_unit_test(test_rounds_without_a_value),
        cmocka_unit_test(test_few_rounds_give_no_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
