#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdbool.h>
#include <cmocka.h>

#include "grain.h"
#include "rng.h"

#include "../tries.h"

/* Sequentially n takes COST * n, in parallel START + COST * n / P: parallel pays from TRUTH on. */
#define COST  1e-9
#define START 20e-6
#define P     2
#define TRUTH (START / (COST * (1 - 1.0 / P)))

enum { POINTS = 14, ROUNDS = 20 };

struct data {
    double x[POINTS], time[POINTS * ROUNDS], base[POINTS * ROUNDS];
};

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-9 * fabs(b);
}

static double normal(struct ps_rng *rng)
{
    double u = 1 - ps_rng_unit(rng), v = ps_rng_unit(rng);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* x = first, 2 first, 4 first, ... in rounds at very different speeds, each time with noise of its
 * own. */
static struct data make_data(double first, double noise, uint64_t seed)
{
    struct ps_rng rng = {seed};
    struct data d;

    for (size_t i = 0; i < POINTS; i++)
        d.x[i] = first * pow(2, (double)i);
    for (size_t r = 0; r < ROUNDS; r++) {
        double speed = exp(0.3 * normal(&rng));

        for (size_t i = 0; i < POINTS; i++) {
            double work = COST * d.x[i];

            d.base[i * ROUNDS + r] = speed * work * exp(noise * normal(&rng));
            d.time[i * ROUNDS + r] = speed * (START + work / P) * exp(noise * normal(&rng));
        }
    }
    return d;
}

static struct ps_grain_times times_of(const struct data *d)
{
    return (struct ps_grain_times){d->time, d->base, POINTS, ROUNDS};
}

static struct ps_threshold crossover(const struct data *d)
{
    struct ps_grain_times t = times_of(d);
    struct ps_threshold out;

    assert_int_equal(ps_crossover_rounds(&t, d->x, 1, &out), 0);
    return out;
}

static void test_between_neighbours(void **state)
{
    const double x[] = {10, 100, 1000}, y[] = {0.25, 0.5, 2};
    size_t order[3];

    assert_true(is_near(ps_threshold_find(x, y, 3, 1, order), sqrt(100.0 * 1000)));
    /* log(1.5 / 0.5) of log(2 / 0.5) of the decade. */
    assert_true(is_near(ps_threshold_find(x, y, 3, 1.5, order), 100 * pow(10, log(3) / log(4))));
}

static void test_all_above_or_none(void **state)
{
    const double x[] = {10, 100, 1000}, y[] = {1.1, 1.2, 1.3};
    size_t order[3];

    assert_true(ps_threshold_find(x, y, 3, 1, order) == 0);
    assert_true(isinf(ps_threshold_find(x, y, 3, 1.3, order)));
}

/* Ahead at 10 and behind at 100 is not ahead from 10 on. */
static void test_has_to_stay_above(void **state)
{
    const double x[] = {10, 100, 1000}, dips[] = {4, 0.5, 2}, falls[] = {0.5, 2, 0.9};
    size_t order[3];

    assert_true(is_near(ps_threshold_find(x, dips, 3, 1, order), sqrt(100.0 * 1000)));
    assert_true(isinf(ps_threshold_find(x, falls, 3, 1, order)));
}

static void test_order_and_gaps(void **state)
{
    const double x[] = {1000, 0, 100, 10, 500}, y[] = {2, 1, 0.5, 0.25, NAN};
    size_t order[5];

    assert_true(is_near(ps_threshold_find(x, y, 5, 1, order), sqrt(100.0 * 1000)));
    assert_true(isnan(ps_threshold_find(x, y, 2, 1, order)));
    assert_true(isnan(ps_threshold_find(x, y, 0, 1, order)));
}

/* Rounds at different speeds say the same; between values that double the interpolation
 * is off by a few per cent. */
static void test_known_crossover(void **state)
{
    struct data d = make_data(100, 0, 1);
    struct ps_threshold c = crossover(&d);

    assert_int_equal(c.status, PS_THRESHOLD_OK);
    assert_true(fabs(c.at.value / TRUTH - 1) < 0.04);
    assert_true(is_near(c.at.low, c.at.value) && is_near(c.at.high, c.at.value));
}

static void test_interval_holds_the_truth(void **state)
{
    struct data exact = make_data(100, 0, 1);
    double truth = crossover(&exact).at.value, width = 0;
    const int seeds = tries(200);
    int held = 0;

    for (int seed = 0; seed < seeds; seed++) {
        struct data d = make_data(100, 0.05, (uint64_t)seed);
        struct ps_threshold c = crossover(&d);

        assert_int_equal(c.status, PS_THRESHOLD_OK);
        assert_true(c.at.low < c.at.value && c.at.value < c.at.high);
        held += c.at.low <= truth && truth <= c.at.high;
        width += log(c.at.high / c.at.low) / seeds;
    }
    assert_true(FEW_TRIES || (held >= 180 && held <= 199));
    assert_true(width > 0.05 && width < 0.3);
}

static void test_beyond_the_range(void **state)
{
    struct data low = make_data(2 * TRUTH, 0.01, 1), high = make_data(TRUTH / 1e5, 0.01, 1);
    struct ps_threshold below = crossover(&low), above = crossover(&high);

    assert_int_equal(below.status, PS_THRESHOLD_BELOW);
    assert_true(isnan(below.at.value) && below.at.low == 0 && below.at.high == low.x[0]);
    assert_int_equal(above.status, PS_THRESHOLD_ABOVE);
    assert_true(isnan(above.at.value) && isinf(above.at.high));
    assert_true(above.at.low == high.x[POINTS - 1]);
}

/* The first value lies on the crossover: it may be below the range. */
static void test_interval_that_leaves_the_range(void **state)
{
    struct data d = make_data(TRUTH * 0.99, 0.05, 3);
    struct ps_threshold c = crossover(&d);

    assert_true(c.status == PS_THRESHOLD_OK || c.status == PS_THRESHOLD_BELOW);
    assert_true(c.at.low == 0);
    assert_true(c.at.high > d.x[0] && c.at.high < d.x[1]);
}

/* Two points that noise puts on either side of 1. */
static void test_not_told_apart(void **state)
{
    struct data d = make_data(100, 0.3, 1);
    struct ps_grain_times t = {d.time, d.base, 2, ROUNDS};
    struct ps_threshold c;

    for (size_t k = 0; k < 2 * ROUNDS; k++)
        d.time[k] = d.base[k] * (k % 4 < 2 ? 0.5 : 2);
    assert_int_equal(ps_crossover_rounds(&t, d.x, 1, &c), 0);
    assert_int_equal(c.status, PS_THRESHOLD_OPEN);
    assert_true(isnan(c.at.value));
}

static void test_few(void **state)
{
    struct data d = make_data(100, 0.01, 1);
    struct ps_grain_times t = {d.time, d.base, 1, ROUNDS};
    struct ps_threshold c;

    assert_int_equal(ps_crossover_rounds(&t, d.x, 1, &c), 0);
    assert_int_equal(c.status, PS_THRESHOLD_TOO_FEW);
    t.points = 0;
    assert_int_equal(ps_crossover_rounds(&t, d.x, 1, &c), 0);
    assert_int_equal(c.status, PS_THRESHOLD_TOO_FEW);
    t = times_of(&d);
    for (size_t i = 0; i < POINTS; i++)
        for (size_t r = 5; r < ROUNDS; r++)
            d.time[i * ROUNDS + r] = NAN;
    assert_int_equal(ps_crossover_rounds(&t, d.x, 1, &c), 0);
    assert_int_equal(c.status, PS_THRESHOLD_OK);
    t = (struct ps_grain_times){NULL, NULL, POINTS, 0};
    assert_int_equal(ps_crossover_rounds(&t, d.x, 1, &c), 0);
    assert_int_equal(c.status, PS_THRESHOLD_TOO_FEW);
}

/* Few rounds: a value without an interval, and a status all the same. */
static void test_no_interval(void **state)
{
    const double x[] = {10, 100};
    const double base[] = {1, 1, 1, 1}, crosses[] = {2, 2, 0.5, 0.5},
                 ahead[] = {0.5, 0.5, 0.4, 0.4};
    struct ps_grain_times t = {crosses, base, 2, 2};
    struct ps_threshold c;

    assert_int_equal(ps_crossover_rounds(&t, x, 1, &c), 0);
    assert_int_equal(c.status, PS_THRESHOLD_OK);
    assert_true(is_near(c.at.value, sqrt(10.0 * 100)));
    assert_true(isnan(c.at.low) && isnan(c.at.high));
    t.time = ahead;
    assert_int_equal(ps_crossover_rounds(&t, x, 1, &c), 0);
    assert_int_equal(c.status, PS_THRESHOLD_BELOW);
    assert_true(isnan(c.at.low) && isnan(c.at.high));
}

/* n items as 100 tasks each: E = 1/2 where START is half of START + COST n / P. The grain there is
 * 2 START * P / 100. */
static void test_known_metg(void **state)
{
    struct data d = make_data(100, 0, 1);
    struct ps_grain_times t = times_of(&d);
    double tasks[POINTS];
    struct ps_threshold m;

    for (size_t i = 0; i < POINTS; i++)
        tasks[i] = 100;
    for (size_t i = 0; i < POINTS; i++)
        for (size_t r = 0; r < ROUNDS; r++) {
            d.time[i * ROUNDS + r] = START + COST * d.x[i] / P;
            d.base[i * ROUNDS + r] = COST * d.x[i];
        }
    assert_int_equal(ps_metg_rounds(&t, tasks, P, 1, &m), 0);
    assert_int_equal(m.status, PS_THRESHOLD_OK);
    assert_true(fabs(m.at.value / (2 * START * P / 100) - 1) < 0.04);
    assert_true(is_near(m.at.low, m.at.value) && is_near(m.at.high, m.at.value));
    assert_int_equal(ps_metg_rounds(&t, tasks, 64 * P, 1, &m), 0);
    assert_int_equal(m.status, PS_THRESHOLD_ABOVE);
}

/* More items that are tasks themselves: long grains are those of the small, inefficient runs. */
static void test_more_tasks_have_no_metg(void **state)
{
    struct data d = make_data(100, 0.01, 1);
    struct ps_grain_times t = times_of(&d);
    struct ps_threshold m;

    assert_int_equal(ps_metg_rounds(&t, d.x, P, 1, &m), 0);
    assert_int_equal(m.status, PS_THRESHOLD_ABOVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_between_neighbours),
        cmocka_unit_test(test_all_above_or_none),
        cmocka_unit_test(test_has_to_stay_above),
        cmocka_unit_test(test_order_and_gaps),
        cmocka_unit_test(test_known_crossover),
        cmocka_unit_test(test_interval_holds_the_truth),
        cmocka_unit_test(test_beyond_the_range),
        cmocka_unit_test(test_interval_that_leaves_the_range),
        cmocka_unit_test(test_not_told_apart),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_no_interval),
        cmocka_unit_test(test_known_metg),
        cmocka_unit_test(test_more_tasks_have_no_metg),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
