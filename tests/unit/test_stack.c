#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <cmocka.h>

#include "result.h"
#include "rng.h"
#include "stack.h"

#include "../tries.h"

enum { ROUNDS = 12, TRIES = 2000 };

static double uniform(struct ps_rng *rng, double low, double high)
{
    return low + (high - low) * (double)ps_rng_below(rng, 1u << 30) / (1u << 30);
}

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(1, fmax(fabs(a), fabs(b)));
}

/* An execution on p CPUs with `slots` slots; idle: the share of its busy time that it sleeps. */
static struct ps_stack_times execution(struct ps_rng *rng, double p, double slots, double idle)
{
    double region = uniform(rng, 0.1, 1), serial = uniform(rng, 0, 0.5), wall = region + serial;
    double max_busy = region * uniform(rng, 0.5, 1);
    double busy = max_busy * (1 + (slots - 1) * uniform(rng, 0, 1));
    double cpu = (1 - idle) * fmin(busy + serial, p * wall) * uniform(rng, 0.9, 1.3);

    return (struct ps_stack_times){
        .wall = wall,
        .cpu = cpu,
        .slots = slots,
        .busy = busy,
        .max_busy = max_busy,
        .spin = uniform(rng, 0, 1) * (slots * region - busy),
        .serial = serial,
        .runtime = true,
        .frequency = uniform(rng, 2e9, 4e9),
        .ipc = uniform(rng, 0.1, 5),
        .others = uniform(rng, 0, 1.5) * (p * wall - cpu),
    };
}

static struct ps_stack_times sequential(struct ps_rng *rng, double idle)
{
    struct ps_stack_times t = execution(rng, 1, 1, 0);

    t.busy = t.max_busy = t.wall - t.serial;
    t.spin = t.others = 0;
    t.cpu = (1 - idle) * t.wall;
    return t;
}

/* What a machine or a workload may keep from us. */
static void forget(struct ps_rng *rng, struct ps_stack_times *t, struct ps_stack_times *base)
{
    uint64_t which = ps_rng_below(rng, 9);

    if (which == 8)
        t->others = NAN;
    else if (which & 1)
        t->ipc = base->ipc = NAN;
    if (which == 2 || which == 3)
        t->frequency = NAN;
    if (which == 4)
        t->busy = t->max_busy = t->serial = t->spin = NAN;
    if (which == 5)
        t->spin = NAN;
    if (which == 6)
        t->runtime = false;
    if (which == 7)
        t->cpu = NAN;
}

static double product(const double *terms)
{
    double cs = 1;

    for (unsigned i = PS_STACK_INSTRUCTIONS; i <= PS_STACK_FREQUENCY; i++)
        cs *= isnan(terms[i]) ? 1 : terms[i];
    return cs;
}

static double lost(const double *terms)
{
    double sum = 0;

    for (unsigned i = PS_LOST_FIRST; i < PS_STACK_TERMS; i++)
        sum += isnan(terms[i]) ? 0 : terms[i];
    return sum;
}

static void assert_adds_up(const double *terms, double p)
{
    double e = terms[PS_STACK_EFFICIENCY], cs = terms[PS_STACK_COMPUTATION];

    assert_true(is_near(e, terms[PS_STACK_PARALLEL] * cs / terms[PS_STACK_REFERENCE]));
    if (!isnan(terms[PS_STACK_FREQUENCY]))
        assert_true(is_near(cs, product(terms)));
    assert_true(is_near(lost(terms), p - p * e));
}

static double median_efficiency(const double *terms, size_t rounds)
{
    double e[ROUNDS], scratch[ROUNDS];

    for (size_t r = 0; r < rounds; r++)
        e[r] = terms[r * PS_STACK_TERMS + PS_STACK_EFFICIENCY];
    return ps_median(e, rounds, scratch);
}

static void test_rounds_and_means_add_up(void **state)
{
    struct ps_rng rng = {1};

    for (int i = 0; i < tries(TRIES / ROUNDS); i++) {
        double p = (double)(1 + ps_rng_below(&rng, 64)), idle = i % 3 ? 0 : uniform(&rng, 0, 0.9);
        double slots = i % 5 ? p : 3 * p, mean[PS_STACK_TERMS];
        double terms[ROUNDS * PS_STACK_TERMS];
        struct ps_rng kept = {(uint64_t)i};

        for (int err = 0; err < ROUNDS; err++) {
            struct ps_stack_times t = execution(&rng, p, slots, idle);
            struct ps_stack_times base = sequential(&rng, idle);
            struct ps_rng same = kept;

            forget(&same, &t, &base);
            ps_stack_round(&t, &base, p, terms + err * PS_STACK_TERMS);
            assert_adds_up(terms + err * PS_STACK_TERMS, p);
        }
        for (unsigned k = 0; k < PS_STACK_TERMS; k++) {
            struct ps_interval interval;

            assert_int_equal(ps_stack_interval(terms, ROUNDS, k, 1, &interval), 0);
            mean[k] = interval.value;
            if (!isnan(mean[k]))
                assert_true(interval.low <= mean[k] && mean[k] <= interval.high);
        }
        assert_adds_up(mean, p);
        assert_true(is_near(mean[PS_STACK_EFFICIENCY], median_efficiency(terms, ROUNDS)));
    }
}

/* As a median would be: rounds that something disturbed are not half of them. */
static void test_disturbed_rounds_move_nothing(void **state)
{
    double terms[ROUNDS * PS_STACK_TERMS];
    struct ps_interval e, waiting;

    for (int err = 0; err < ROUNDS; err++) {
        struct ps_stack_times base = {1, 1, 1, 1, 1, 0, 0, false, NAN, NAN};
        struct ps_stack_times t = {err % 5 ? 0.5 : 1, 1, 2, 1, 0.5, 0, 0, false, NAN, NAN};

        ps_stack_round(&t, &base, 2, terms + err * PS_STACK_TERMS);
    }
    assert_int_equal(ps_stack_interval(terms, ROUNDS, PS_STACK_EFFICIENCY, 1, &e), 0);
    assert_int_equal(ps_stack_interval(terms, ROUNDS, PS_LOST_WAITING, 1, &waiting), 0);
    assert_true(is_near(e.value, 1));
    assert_true(fabs(waiting.value) < 1e-9);
}

/* Few rounds, of one kind or of several, any of which may lack what only some terms need. */
static void test_the_median_is_kept(void **state)
{
    const double walls[][5] = {
        {0.5, 0.5, 0.5, 0.5, 0.5}, {0.5, 0.5, 0.5, 0.9, 1}, {0.5, 0.7, 0.7, 0.7, 0.7},
        {0.5, 0.51, 0.52, 2, 3},   {0.1, 0.2, 0.8, 0.8, 9},
    };

    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++)
        for (size_t n = 1; n <= 5; n++) {
            double terms[5 * PS_STACK_TERMS], mean[PS_STACK_TERMS];

            for (size_t r = 0; r < n; r++) {
                struct ps_stack_times base = {1, 1, 1, 0.9, 0.9, 0, 0.1, false, NAN, NAN};
                struct ps_stack_times t = {walls[i][r], 1, 2, 0.4, 0.2, 0, 0.05, true, 3e9, NAN};

                ps_stack_round(&t, &base, 2, terms + r * PS_STACK_TERMS);
            }
            for (unsigned k = 0; k < PS_STACK_TERMS; k++) {
                struct ps_interval interval;

                assert_int_equal(ps_stack_interval(terms, n, k, 1, &interval), 0);
                mean[k] = interval.value;
            }
            assert_adds_up(mean, 2);
            assert_true(is_near(mean[PS_STACK_EFFICIENCY], median_efficiency(terms, n)));
        }
}

static double exponential(struct ps_rng *rng, double mean)
{
    return -mean * log(uniform(rng, 1e-12, 1));
}

/* Two CPUs share a second of work of which a tenth is serial, with waits now and then and, in one
 * round of eight, something that takes a third of the time besides. */
static void noisy_round(struct ps_rng *rng, double *terms)
{
    double work = uniform(rng, 0.99, 1.01), skew = exponential(rng, 0.02);
    double wait = exponential(rng, 0.02) + (ps_rng_below(rng, 8) ? 0 : exponential(rng, 0.2));
    struct ps_stack_times base = {work, work,       1,     0.9 * work, 0.9 * work,
                                  0,    0.1 * work, false, 3e9,        2};
    double wall = 0.1 * work + 0.45 * work + skew + wait, cpu = uniform(rng, 1, 1.04);
    struct ps_stack_times t = {wall, cpu,        2,    0.9 * cpu, 0.45 * cpu + skew,
                               0,    0.1 * work, true, 2.9e9,     2};

    ps_stack_round(&t, &base, 2, terms);
}

/* Intervals hold what endless rounds would give: the figures are in docs/design/statistics.md. */
static void test_coverage(void **state)
{
    enum { MANY = 5000 };
    const int repeats = tries(400);
    static const unsigned tried[] = {PS_STACK_EFFICIENCY, PS_STACK_PARALLEL, PS_LOST_IMBALANCE,
                                     PS_LOST_WAITING, PS_LOST_FREQUENCY};
    static double terms[MANY * PS_STACK_TERMS];
    struct ps_rng rng = {4};
    double truth[PS_STACK_TERMS];
    struct ps_interval i;

    for (size_t r = 0; r < MANY; r++)
        noisy_round(&rng, terms + r * PS_STACK_TERMS);
    for (size_t k = 0; k < sizeof tried / sizeof *tried; k++) {
        assert_int_equal(ps_stack_interval(terms, MANY, tried[k], 1, &i), 0);
        truth[k] = i.value;
    }
    for (size_t n = 10; n <= 40; n *= 2) {
        int held[5] = {0};

        for (int repeat = 0; repeat < repeats; repeat++) {
            for (size_t r = 0; r < n; r++)
                noisy_round(&rng, terms + r * PS_STACK_TERMS);
            for (size_t k = 0; k < sizeof tried / sizeof *tried; k++) {
                assert_int_equal(ps_stack_interval(terms, n, tried[k], 1, &i), 0);
                held[k] += i.low <= truth[k] && truth[k] <= i.high;
            }
        }
        for (size_t k = 0; k < sizeof tried / sizeof *tried; k++) {
            print_message("# %s of %zu rounds: %.1f %%\n", ps_stack_ids[tried[k]], n,
                          100.0 * held[k] / repeats);
            assert_true(FEW_TRIES || held[k] >= 0.92 * repeats);
        }
    }
}

/* Whatever rounds each term is known in. */
static void test_terms_at_once(void **state)
{
    enum { MANY = 500 };
    static double terms[MANY * PS_STACK_TERMS];
    struct ps_interval all[PS_STACK_TERMS], one;
    struct ps_draws draws = ps_draws_of(1);
    struct ps_rng rng = {9};

    for (size_t n = 3; n <= MANY; n = n * 2 + 1) {
        for (size_t r = 0; r < n; r++) {
            noisy_round(&rng, terms + r * PS_STACK_TERMS);
            terms[r * PS_STACK_TERMS + PS_STACK_IPC] = r % 3 ? 1.01 : NAN;
            terms[r * PS_STACK_TERMS + PS_LOST_OTHERS] = r % 4 ? 0.01 * (double)r : NAN;
        }
        assert_int_equal(ps_stack_intervals(terms, n, ~0u, &draws, all), 0);
        for (unsigned k = 0; k < PS_STACK_TERMS; k++) {
            assert_int_equal(ps_stack_interval(terms, n, k, 1, &one), 0);
            assert_memory_equal(&one, &all[k], sizeof one);
        }
        assert_true(n < PS_MIN_ROUNDS || all[PS_STACK_IPC].low <= 1.01);
    }
    ps_draws_finish(&draws);
}

static void test_idleness_is_never_negative(void **state)
{
    struct ps_rng rng = {2};

    for (int i = 0; i < TRIES; i++) {
        double p = (double)(1 + ps_rng_below(&rng, 16)), terms[PS_STACK_TERMS];
        struct ps_stack_times t = execution(&rng, p, p, 0), base = sequential(&rng, 0);

        ps_stack_round(&t, &base, p, terms);
        for (unsigned k = PS_LOST_SERIAL; k <= PS_LOST_OTHERS; k++)
            assert_true(terms[k] >= -1e-12);
        assert_true(terms[PS_LOST_REFERENCE_IDLE] <= 0);
    }
}

/* Serial fraction s of one second, evenly shared otherwise. */
static void test_amdahl(void **state)
{
    for (double p = 2; p <= 32; p *= 2)
        for (double s = 0; s <= 1; s += 0.125) {
            struct ps_stack_times base = {1, 1, 1, 1 - s, 1 - s, 0, s, false, NAN, NAN};
            struct ps_stack_times t = {
                s + (1 - s) / p, 1, p, 1 - s, (1 - s) / p, 0, s, true, 3e9, NAN};
            double terms[PS_STACK_TERMS];

            ps_stack_round(&t, &base, p, terms);
            assert_true(is_near(terms[PS_LOST_SERIAL], (p - 1) * s / (s + (1 - s) / p)));
            assert_true(is_near(terms[PS_LOST_SERIAL], lost(terms)));
            assert_true(is_near(terms[PS_STACK_COMPUTATION], 1));
        }
}

/* The largest share of `imbalance` with skew 3 on two slots is 5/8. */
static void test_imbalance(void **state)
{
    struct ps_stack_times base = {1, 1, 1, 1, 1, 0, 0, false, 3e9, 2};
    struct ps_stack_times t = {0.625, 1, 2, 1, 0.625, 0.25, 0, true, 3e9, 2};
    double terms[PS_STACK_TERMS];

    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_LOST_IMBALANCE], 0.4));
    assert_true(is_near(terms[PS_LOST_WAITING], 0));
    assert_true(is_near(terms[PS_STACK_WAIT], 1));
    assert_true(is_near(lost(terms), 0.4));
}

/* CPU time that is neither work nor spinning is the runtime's; what sleeps in bodies waits. */
static void test_cpu_time_is_told_apart(void **state)
{
    struct ps_stack_times base = {1, 1, 1, 1, 1, 0, 0, false, NAN, NAN};
    struct ps_stack_times t = {1, 1.3, 2, 1, 0.5, 0.4, 0, true, NAN, NAN};
    double terms[PS_STACK_TERMS];

    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_LOST_RUNTIME], 0.3));
    assert_true(is_near(terms[PS_LOST_WAITING], 0.7));
    t.spin = 0.9;
    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_LOST_RUNTIME], 0.1));
    t.runtime = false;
    ps_stack_round(&t, &base, 2, terms);
    assert_true(isnan(terms[PS_LOST_RUNTIME]) && is_near(terms[PS_LOST_WAITING], 1));
    t.cpu = 0.25;
    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_STACK_PARALLEL], 0.125));
    assert_true(is_near(terms[PS_LOST_COMPUTATION], -0.75));
}

/* One of two slots had half of its CPU, so that its share took twice as long. What the other one
 * waits for it is imbalance: nothing is left that waits. */
static void test_lost_to_others(void **state)
{
    struct ps_stack_times base = {1, 1, 1, 1, 1, 0, 0, false, NAN, NAN};
    struct ps_stack_times t = {1, 1, 2, 1.5, 1, 0, 0, true, NAN, NAN, 0.5};
    double terms[PS_STACK_TERMS];

    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_LOST_OTHERS], 0.5));
    assert_true(is_near(terms[PS_LOST_IMBALANCE], 0.5));
    assert_true(is_near(terms[PS_LOST_WAITING], 0));
    assert_adds_up(terms, 2);
    t.others = NAN;
    ps_stack_round(&t, &base, 2, terms);
    assert_true(isnan(terms[PS_LOST_OTHERS]) && terms[PS_LOST_WAITING] > 0.5);
    assert_adds_up(terms, 2);
}

/* Of a program no slots are known: what others took is no waiting either. */
static void test_lost_to_others_without_slots(void **state)
{
    struct ps_stack_times base = {1, 1, 1, NAN, NAN, NAN, NAN, false, NAN, NAN};
    struct ps_stack_times t = {1, 1, 2, NAN, NAN, NAN, NAN, false, NAN, NAN, 0.8};
    double terms[PS_STACK_TERMS];

    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_LOST_OTHERS], 0.8) && is_near(terms[PS_LOST_WAITING], 0.2));
    t.others = 5;
    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_LOST_OTHERS], 1) && is_near(terms[PS_LOST_WAITING], 0));
    assert_adds_up(terms, 2);
}

static void test_half_idle_reference(void **state)
{
    struct ps_stack_times base = {1, 0.5, 1, 1, 1, 0, 0, false, NAN, NAN};
    struct ps_stack_times t = {0.5, 0.5, 2, 1, 0.5, 0, 0, true, NAN, NAN};
    double terms[PS_STACK_TERMS];

    ps_stack_round(&t, &base, 2, terms);
    assert_true(is_near(terms[PS_STACK_EFFICIENCY], 1));
    assert_true(is_near(terms[PS_STACK_PARALLEL], 0.5));
    assert_true(is_near(terms[PS_STACK_REFERENCE], 0.5));
    assert_true(is_near(terms[PS_LOST_WAITING], 1));
    assert_true(is_near(terms[PS_LOST_REFERENCE_IDLE], -1));
}

/* The clock halved, the instructions per cycle too, and the instructions doubled: each its third.
 */
static void test_excess_is_split(void **state)
{
    struct ps_stack_times base = {1, 1, 1, 1, 1, 0, 0, false, 4e9, 2};
    struct ps_stack_times t = {1, 8, 8, 8, 1, 0, 0, true, 2e9, 1};
    double terms[PS_STACK_TERMS], third = 7.0 / 3;

    ps_stack_round(&t, &base, 8, terms);
    assert_true(is_near(terms[PS_STACK_INSTRUCTIONS], 0.5));
    assert_true(is_near(terms[PS_LOST_INSTRUCTIONS], third));
    assert_true(is_near(terms[PS_LOST_IPC], third));
    assert_true(is_near(terms[PS_LOST_FREQUENCY], third));
    base.ipc = NAN;
    ps_stack_round(&t, &base, 8, terms);
    assert_true(is_near(terms[PS_LOST_CYCLES], 2 * third) && isnan(terms[PS_LOST_IPC]));
    base.frequency = NAN;
    ps_stack_round(&t, &base, 8, terms);
    assert_true(is_near(terms[PS_LOST_COMPUTATION], 7) && isnan(terms[PS_LOST_FREQUENCY]));
}

static void test_nothing_useful(void **state)
{
    struct ps_stack_times base = {1, 0.5, 1, 1, 1, 0, 0, false, 3e9, 2};
    struct ps_stack_times t = {0.5, 0, 2, 1, 0.5, 0, 0, true, 3e9, 2};
    double terms[PS_STACK_TERMS];

    ps_stack_round(&t, &base, 2, terms);
    assert_true(terms[PS_STACK_PARALLEL] == 0 && isnan(terms[PS_STACK_COMPUTATION]));
    assert_true(is_near(lost(terms), 0));
    t.wall = NAN;
    ps_stack_round(&t, &base, 2, terms);
    for (unsigned i = 0; i < PS_STACK_TERMS; i++)
        assert_true(isnan(terms[i]));
}

static void test_log_mean(void **state)
{
    assert_true(ps_log_mean(3, 3) == 3);
    assert_true(is_near(ps_log_mean(2, 1), 1 / log(2)));
    assert_true(is_near(ps_log_mean(1, 2), ps_log_mean(2, 1)));
    assert_true(is_near(ps_log_mean(1 + 1e-13, 1), 1));
}

static void test_apportioned_values_sum(void **state)
{
    struct ps_rng rng = {3};
    double x[10], out[10];

    for (int i = 0; i < TRIES; i++) {
        double sum = 0, steps = 0;

        for (int k = 0; k < 10; k++) {
            x[k] = uniform(&rng, -1, 3);
            sum += x[k];
        }
        ps_apportion(x, 10, 1e-3, out);
        for (int k = 0; k < 10; k++) {
            assert_true(fabs(out[k] - x[k]) < 1e-3);
            steps += round(out[k] / 1e-3);
        }
        assert_true(steps == round(sum / 1e-3));
    }
}

static void test_terms_are_metrics(void **state)
{
    for (unsigned i = 0; i < PS_STACK_TERMS; i++) {
        assert_int_equal(ps_stack_find(ps_stack_ids[i]), i);
        assert_non_null(ps_metric_find(ps_stack_ids[i]));
        assert_int_equal(!strncmp(ps_stack_ids[i], "lost_cores_", 11), i >= PS_LOST_FIRST);
    }
    assert_int_equal(ps_stack_find("speedup"), PS_STACK_TERMS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_and_means_add_up),
        cmocka_unit_test(test_disturbed_rounds_move_nothing),
        cmocka_unit_test(test_the_median_is_kept),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_terms_at_once),
        cmocka_unit_test(test_idleness_is_never_negative),
        cmocka_unit_test(test_amdahl),
        cmocka_unit_test(test_imbalance),
        cmocka_unit_test(test_cpu_time_is_told_apart),
        cmocka_unit_test(test_lost_to_others),
        cmocka_unit_test(test_lost_to_others_without_slots),
        cmocka_unit_test(test_half_idle_reference),
        cmocka_unit_test(test_excess_is_split),
        cmocka_unit_test(test_nothing_useful),
        cmocka_unit_test(test_log_mean),
        cmocka_unit_test(test_apportioned_values_sum),
        cmocka_unit_test(test_terms_are_metrics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
