#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rng.h"
#include "stats.h"
#include "correlated.h"
#include "ticks.h"

#include "../tries.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LARGEST  128
#define MANY     1000

/* Box and Muller. */
static double normal(struct ps_rng *rng)
{
    double u = 1 - ps_rng_unit(rng), v = ps_rng_unit(rng);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void test_median(void **state)
{
    const double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2}, gaps[] = {NAN, 5, NAN, 1, 3, NAN};
    const double nothing[] = {NAN, NAN}, copy[] = {4, 1, 3, 2};
    double scratch[8];

    assert_true(ps_median(odd, 3, scratch) == 2);
    assert_true(ps_median(even, 4, scratch) == 2.5);
    assert_memory_equal(even, copy, sizeof copy);
    assert_true(ps_median(gaps, 6, scratch) == 3);
    assert_true(isnan(ps_median(nothing, 2, scratch)));
    assert_true(isnan(ps_median(odd, 0, scratch)));
    assert_true(ps_median(odd, 1, scratch) == 3);
}

/* Type 7 by sorting. */
static double sorted_quantile(const double *x, size_t n, double q)
{
    double sorted[LARGEST], h = (double)(n - 1) * q;
    size_t k = (size_t)h;

    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, compare);
    return k + 1 < n ? sorted[k] + (h - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[k];
}

static void test_quantiles_against_sorting(void **state)
{
    struct ps_rng rng = {3};

    for (int i = 0; i < 5000; i++) {
        size_t n = 1 + (size_t)ps_rng_below(&rng, LARGEST);
        uint64_t kinds = 1 + ps_rng_below(&rng, 40); /* few kinds: many ties */
        double x[LARGEST], scratch[LARGEST], q = ps_rng_unit(&rng);

        for (size_t j = 0; j < n; j++)
            x[j] = (double)ps_rng_below(&rng, kinds);
        if (i % 10 < 2)
            qsort(x, n, sizeof *x, compare);
        if (i % 10 == 2)
            q = (double)(i % 20 / 10);
        assert_true(fabs(ps_quantile(x, n, q, scratch) - sorted_quantile(x, n, q)) < 1e-9);
    }
}

static void test_quantile_limits(void **state)
{
    const double x[] = {10, 20, 30, 40};
    double scratch[4];

    assert_true(ps_quantile(x, 4, 0, scratch) == 10);
    assert_true(ps_quantile(x, 4, 1, scratch) == 40);
    assert_true(fabs(ps_quantile(x, 4, 0.25, scratch) - 17.5) < 1e-12);
    assert_true(isnan(ps_quantile(x, 4, 1.1, scratch)));
    assert_true(isnan(ps_quantile(x, 4, NAN, scratch)));
}

/* Against printed tables. */
static void test_student_t(void **state)
{
    static const struct {
        double level;
        size_t freedom;
        double t;
    } table[] = {
        {0.95, 1, 12.7062},  {0.95, 2, 4.30265},  {0.95, 5, 2.57058},   {0.95, 9, 2.26216},
        {0.95, 10, 2.22814}, {0.95, 29, 2.04523}, {0.95, 100, 1.98397}, {0.95, 1000, 1.96234},
        {0.99, 5, 4.03214},  {0.99, 30, 2.75000}, {0.90, 4, 2.13185},   {0.50, 3, 0.764892},
    };

    for (size_t i = 0; i < COUNT(table); i++)
        assert_true(fabs(ps_student_t(table[i].level, table[i].freedom) / table[i].t - 1) < 5e-6);
    assert_true(isnan(ps_student_t(0.95, 0)));
    assert_true(isnan(ps_student_t(1, 5)));
}

/* Shares of intervals that hold the truth, 0 being the median of every sample. */
static double median_coverage(size_t n, bool skewed, int trials)
{
    struct ps_rng rng = {n};
    int held = 0;

    for (int t = 0; t < trials; t++) {
        struct ps_interval i;
        double x[MANY];

        for (size_t j = 0; j < n; j++) {
            double z = normal(&rng);

            x[j] = skewed ? exp(z) - 1 : z;
        }
        assert_int_equal(ps_bootstrap_median(x, n, (uint64_t)t, &i), 0);
        assert_true(i.low <= i.value && i.value <= i.high);
        held += i.low <= 0 && 0 <= i.high;
    }
    return (double)held / trials;
}

static void test_median_coverage(void **state)
{
    static const struct {
        size_t n;
        int trials;
    } table[] = {{6, 1000},  {7, 1000},   {10, 1000},  {30, 400},
                 {100, 200}, {101, 2000}, {150, 2000}, {1000, 1000}};

    for (size_t i = 0; i < COUNT(table); i++) {
        for (int skewed = 0; skewed < 2; skewed++) {
            double share = median_coverage(table[i].n, skewed, tries(table[i].trials));

            assert_true(FEW_TRIES || (share >= 0.93 && share <= 0.99));
        }
    }
}

struct picked {
    const double *x;
    double *drawn, *scratch;
};

static double median_of_pick(void *arg, const uint32_t *pick, size_t n)
{
    const struct picked *p = arg;

    for (size_t i = 0; i < n; i++)
        p->drawn[i] = p->x[pick[i]];
    return ps_median(p->drawn, n, p->scratch);
}

/* All resamples at once are what one after the other would be. */
static void test_few_as_if_one_by_one(void **state)
{
    struct ps_draws draws = ps_draws_of(7);
    struct ps_rng rng = {12};

    for (size_t n = 6; n <= 100; n++) {
        double x[100], drawn[100], scratch[100];
        struct picked picked = {x, drawn, scratch};
        struct ps_interval at_once, one_by_one;

        for (size_t i = 0; i < n; i++)
            x[i] = n % 3 ? normal(&rng) : (double)ps_rng_below(&rng, 5);
        assert_int_equal(ps_median_interval(&draws, x, n, &at_once), 0);
        assert_int_equal(ps_bootstrap(median_of_pick, &picked, n, 7, &one_by_one), 0);
        assert_int_equal(ps_widen_correlated(x, n, &one_by_one), 0);
        assert_memory_equal(&at_once, &one_by_one, sizeof at_once);
    }
    ps_draws_finish(&draws);
}

/* What is kept is what would be drawn anew, resample by resample. */
static void test_lanes(void **state)
{
    static const size_t counts[] = {6, 100, 401, 1999};
    struct ps_draws draws = ps_draws_of(3);

    for (size_t i = 0; i < COUNT(counts); i++) {
        struct ps_draw_walk kept = ps_draw_walk_of(&draws, counts[i]), anew = kept;
        struct ps_drawn without = *kept.drawn;
        uint8_t a[1999 * PS_LANES], b[1999 * PS_LANES];

        without.times = NULL;
        anew.drawn = &without;
        assert_non_null(kept.drawn->times);
        for (size_t r = 0; r < kept.drawn->count; r += PS_LANES) {
            size_t all = 0, lanes = kept.drawn->count - r;

            ps_draw_lanes(&kept, a);
            ps_draw_lanes(&anew, b);
            assert_memory_equal(a, b, counts[i] * PS_LANES);
            for (size_t k = 0; k < counts[i] * PS_LANES; k++)
                all += a[k];
            assert_int_equal(all, counts[i] * (lanes < PS_LANES ? lanes : PS_LANES));
        }
    }
    ps_draws_finish(&draws);
}

/* The values are their own ranks, so that limits may differ by 1 where they may by one value. */
static void test_many_as_if_drawn(void **state)
{
    static const size_t counts[] = {101, 150, 400, 1000};
    enum { SEEDS = 16 };
    double x[MANY], drawn[MANY], scratch[MANY];
    struct picked picked = {x, drawn, scratch};

    for (size_t i = 0; i < COUNT(counts); i++) {
        struct ps_interval computed, one;
        double low = 0, high = 0;

        /* From one end and the other in turns: rounds that don't resemble those before. */
        for (size_t j = 0; j < counts[i]; j++)
            x[j] = (double)(j % 2 ? counts[i] - 1 - j / 2 : j / 2);

        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            assert_int_equal(ps_bootstrap(median_of_pick, &picked, counts[i], seed, &one), 0);
            low += one.low / SEEDS;
            high += one.high / SEEDS;
        }
        assert_int_equal(ps_bootstrap_median(x, counts[i], 1, &computed), 0);
        assert_true(computed.value == one.value);
        assert_true(fabs(computed.low - low) <= 1 && fabs(computed.high - high) <= 1);
        assert_true(computed.high - computed.value == computed.value - computed.low);
    }
}

static void test_many_with_gaps_in_any_order(void **state)
{
    struct ps_rng rng = {11};
    struct ps_interval plain, shuffled, other_seed;
    double x[MANY], gaps[MANY];
    size_t order[MANY];

    for (size_t n = 101; n < MANY; n = n * 2 + 1) {
        for (size_t i = 0; i < MANY; i++) {
            order[i] = i;
            x[i] = i < n ? exp(normal(&rng)) : NAN;
        }
        ps_shuffle(&rng, order, MANY);
        for (size_t i = 0; i < MANY; i++)
            gaps[i] = x[order[i]];
        assert_int_equal(ps_bootstrap_median(x, n, 1, &plain), 0);
        assert_int_equal(ps_bootstrap_median(gaps, MANY, 1, &shuffled), 0);
        assert_int_equal(ps_bootstrap_median(x, n, 2, &other_seed), 0);
        assert_memory_equal(&plain, &shuffled, sizeof plain);
        assert_memory_equal(&plain, &other_seed, sizeof plain);
        assert_true(plain.low < plain.value && plain.value < plain.high);
    }
}

static void test_many_with_ties(void **state)
{
    struct ps_interval i;
    double x[200];

    for (size_t j = 0; j < COUNT(x); j++)
        x[j] = (double)(j % 5);
    assert_int_equal(ps_bootstrap_median(x, COUNT(x), 1, &i), 0);
    assert_true(i.value == 2 && i.low == 2 && i.high == 2);
    for (size_t j = 0; j < COUNT(x); j++)
        x[j] = (double)(j % 2);
    assert_int_equal(ps_bootstrap_median(x, COUNT(x), 1, &i), 0);
    assert_true(i.value == 0.5 && i.low == 0 && i.high == 1);
    assert_int_equal(ps_bootstrap_median(x, COUNT(x) - 1, 1, &i), 0);
    assert_true(i.value == 0 && i.low == 0 && i.high == 1);
}

struct pairs {
    const double *a, *b;
};

static double mean_ratio(void *arg, const uint32_t *pick, size_t n)
{
    const struct pairs *x = arg;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x->a[pick[i]] / x->b[pick[i]];
    return sum / (double)n;
}

/* Rounds whose speed drifts by far more than the ratios scatter: only pairs within a round tell. */
static double ratio_coverage(size_t n, double sigma, int trials, double *width)
{
    struct ps_rng rng = {n + 1000};
    double truth = 2 * exp(sigma * sigma / 2);
    int held = 0;

    *width = 0;
    for (int t = 0; t < trials; t++) {
        double a[LARGEST], b[LARGEST];
        struct pairs x = {a, b};
        struct ps_interval i;

        for (size_t j = 0; j < n; j++) {
            b[j] = exp(normal(&rng));
            a[j] = 2 * b[j] * exp(sigma * normal(&rng));
        }
        assert_int_equal(ps_bootstrap(mean_ratio, &x, n, (uint64_t)t, &i), 0);
        held += i.low <= truth && truth <= i.high;
        *width += (i.high - i.low) / trials;
    }
    return (double)held / trials;
}

static void test_ratio_coverage(void **state)
{
    static const struct {
        size_t n;
        int trials;
    } table[] = {{6, 1000}, {10, 1000}, {30, 600}, {100, 400}};

    for (size_t i = 0; i < COUNT(table); i++) {
        double width, share = ratio_coverage(table[i].n, 0.05, tries(table[i].trials), &width);
        /* What the normal theory with a known deviation would give. */
        double least = 2 * 1.96 * 2 * 0.05 / sqrt((double)table[i].n);

        assert_true(FEW_TRIES || (share >= 0.92 && share <= 0.98));
        assert_true(FEW_TRIES || (width > 0.9 * least && width < 1.4 * least));
    }
}

static void test_no_interval_below_six(void **state)
{
    const double five[] = {1, 2, 3, 4, 5}, gaps[] = {1, 2, NAN, 3, 4, 5},
                 six[] = {1, 2, 3, 4, 5, 6};
    struct ps_interval i;

    assert_int_equal(ps_bootstrap_median(five, 5, 1, &i), 0);
    assert_true(i.value == 3 && isnan(i.low) && isnan(i.high));
    assert_int_equal(ps_bootstrap_median(gaps, 6, 1, &i), 0);
    assert_true(i.value == 3 && isnan(i.low) && isnan(i.high));
    assert_int_equal(ps_bootstrap_median(six, 6, 1, &i), 0);
    assert_true(i.value == 3.5 && i.low >= 1 && i.low < 3 && i.high > 4 && i.high <= 6);
    assert_int_equal(ps_bootstrap_median(NULL, 0, 1, &i), 0);
    assert_true(isnan(i.value) && isnan(i.low) && isnan(i.high));
}

static void test_equal_values_have_no_width(void **state)
{
    const double x[] = {7, 7, 7, 7, 7, 7, 7};
    struct ps_interval i;

    assert_int_equal(ps_bootstrap_median(x, 7, 1, &i), 0);
    assert_true(i.value == 7 && i.low == 7 && i.high == 7);
    assert_true(ps_relative_half_width(i) == 0);
}

static void test_seeds(void **state)
{
    double x[50];
    struct ps_interval a, b, c;
    struct ps_rng rng = {5};

    for (size_t i = 0; i < COUNT(x); i++)
        x[i] = normal(&rng);
    ps_bootstrap_median(x, COUNT(x), 1, &a);
    ps_bootstrap_median(x, COUNT(x), 1, &b);
    ps_bootstrap_median(x, COUNT(x), 2, &c);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.value == c.value);
    assert_true(a.low != c.low || a.high != c.high);
}

/* NaN in a share of the resamples that arg gives, after the first call, which is the estimate. */
struct broken {
    struct ps_rng rng;
    double share;
    bool started;
};

static double break_some(void *arg, const uint32_t *pick, size_t n)
{
    struct broken *b = arg;

    if (b->started && ps_rng_unit(&b->rng) < b->share)
        return NAN;
    b->started = true;
    return (double)pick[0];
}

static void test_resamples_without_a_value(void **state)
{
    struct broken few = {.rng = {1}, .share = 0.4}, most = {.rng = {1}, .share = 0.6};
    struct broken all = {.started = true, .share = 1};
    struct ps_interval i;

    ps_bootstrap(break_some, &few, 10, 1, &i);
    assert_true(i.low == 0 && i.high == 9);
    ps_bootstrap(break_some, &most, 10, 1, &i);
    assert_true(i.value == 0 && isnan(i.low) && isnan(i.high));
    ps_bootstrap(break_some, &all, 10, 1, &i);
    assert_true(isnan(i.value) && isnan(i.low) && isnan(i.high));
}

static void test_relative_half_width(void **state)
{
    assert_true(ps_relative_half_width((struct ps_interval){10, 9, 11}) == 0.1);
    assert_true(ps_relative_half_width((struct ps_interval){-10, -11, -9}) == 0.1);
    assert_true(isinf(ps_relative_half_width((struct ps_interval){10, NAN, NAN})));
    assert_true(isinf(ps_relative_half_width((struct ps_interval){0, -1, 1})));
    assert_true(isinf(ps_relative_half_width((struct ps_interval){0, 0, 0})));
}

static void test_outliers(void **state)
{
    const double x[] = {10, 10.1, 9.9, 10.2, NAN, 9.8, 14, 10, 6};
    const bool expected[] = {false, false, false, false, false, false, true, false, true};
    double scratch[COUNT(x)];
    bool found[COUNT(x)];

    assert_int_equal(ps_outliers(x, COUNT(x), found, scratch), 2);
    assert_memory_equal(found, expected, sizeof expected);
    assert_int_equal(ps_outliers(x, COUNT(x), NULL, scratch), 2);
}

static void test_outliers_at_the_limit(void **state)
{
    /* Median 0, MAD 1: the limit is 3.5 / 0.6745 = 5.189. */
    const double inside[] = {-1, -1, -1, 0, 1, 1, 5.18}, outside[] = {-1, -1, -1, 0, 1, 1, 5.20};
    double scratch[7];

    assert_int_equal(ps_outliers(inside, 7, NULL, scratch), 0);
    assert_int_equal(ps_outliers(outside, 7, NULL, scratch), 1);
}

static void test_outliers_among_equal_values(void **state)
{
    const double same[] = {5, 5, 5, 5}, one[] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 6},
                 two[] = {5, 5, 5, 6};
    const double nothing[] = {NAN, NAN};
    double scratch[COUNT(one)];

    assert_int_equal(ps_outliers(same, COUNT(same), NULL, scratch), 0);
    assert_int_equal(ps_outliers(one, COUNT(one), NULL, scratch), 1);
    assert_int_equal(ps_outliers(two, COUNT(two), NULL, scratch), 0);
    assert_int_equal(ps_outliers(nothing, COUNT(nothing), NULL, scratch), 0);
    assert_int_equal(ps_outliers(NULL, 0, NULL, scratch), 0);
}

/* The first outputs of SplitMix64 for seed 1234567, as its author publishes them. */
static void test_generator(void **state)
{
    static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u,
                                        9817491932198370423u, 4593380528125082431u,
                                        16408922859458223821u};
    struct ps_rng rng = {1234567};

    for (size_t i = 0; i < COUNT(expected); i++)
        assert_int_equal(ps_rng_next(&rng), expected[i]);
}

static void test_shuffle_is_even(void **state)
{
    enum { ITEMS = 4, SHUFFLES = 24000 };
    struct ps_rng rng = {9};
    int counts[ITEMS][ITEMS] = {0};

    for (int i = 0; i < SHUFFLES; i++) {
        size_t items[ITEMS] = {0, 1, 2, 3};
        unsigned seen = 0;

        ps_shuffle(&rng, items, ITEMS);
        for (size_t j = 0; j < ITEMS; j++) {
            seen |= 1u << items[j];
            counts[items[j]][j]++;
        }
        assert_int_equal(seen, (1u << ITEMS) - 1);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < ITEMS; j++)
            assert_in_range(counts[i][j], SHUFFLES / ITEMS - 300, SHUFFLES / ITEMS + 300);
    }
}

static void test_ticks(void **state)
{
    struct ps_tick_mark from = {1000, 500}, to = {5000, 2500};

    assert_true(ps_tick_ns(from, to) == 0.5);
    assert_true(ps_tick_ns(to, from) == 0.5);
    assert_true(isnan(ps_tick_ns(from, from)));
    from = ps_tick_mark();
    to = ps_tick_mark();
    assert_true(to.ns >= from.ns && to.ticks >= from.ticks && from.ticks > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_quantiles_against_sorting),
        cmocka_unit_test(test_quantile_limits),
        cmocka_unit_test(test_student_t),
        cmocka_unit_test(test_median_coverage),
        cmocka_unit_test(test_few_as_if_one_by_one),
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_many_as_if_drawn),
        cmocka_unit_test(test_many_with_gaps_in_any_order),
        cmocka_unit_test(test_many_with_ties),
        cmocka_unit_test(test_ratio_coverage),
        cmocka_unit_test(test_no_interval_below_six),
        cmocka_unit_test(test_equal_values_have_no_width),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_resamples_without_a_value),
        cmocka_unit_test(test_relative_half_width),
        cmocka_unit_test(test_outliers),
        cmocka_unit_test(test_outliers_at_the_limit),
        cmocka_unit_test(test_outliers_among_equal_values),
        cmocka_unit_test(test_generator),
        cmocka_unit_test(test_shuffle_is_even),
        cmocka_unit_test(test_ticks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
