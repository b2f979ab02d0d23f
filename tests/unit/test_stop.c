#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "analysis.h"
#include "fixture.h"
#include "headlines.h"
#include "plan.h"
#include "series.h"

enum { ROUNDS = 24 };

/* A sweep over one and two threads: the reference takes 1 s in every round, and two threads
 * `times`, all of it in regions. */
struct fixture {
    struct ps_arena arena;
    struct ps_request request;
    struct ps_plan plan;
    struct ps_strategy pool;
    struct ps_bound bound, options;
    struct ps_plan_workload workload;
    struct ps_plan_point points[2];
    struct ps_samples samples;
    struct ps_series series[2];
    struct ps_point result_points[2];
    struct ps_result result;
    struct ps_draws draws;
    double raw[2][ROUNDS * PS_RAW_FIXED], other[ROUNDS * PS_RAW_FIXED];
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->request.precision = 0.01;
    f->bound.label = "reduce";
    f->options.label = "pool";
    f->workload.bound = &f->bound;
    f->plan = (struct ps_plan){.request = &f->request, .scales = true, .workloads = &f->workload};
    for (unsigned i = 0; i < 2; i++) {
        f->points[i] = (struct ps_plan_point){.strategy = &f->pool,
                                              .options = &f->options,
                                              .threads = 1 + i,
                                              .p = 1 + i,
                                              .baseline = !i,
                                              .copies = 1,
                                              .work = 1,
                                              .asked = true};
        f->series[i] = (struct ps_series){
            .plan = &f->points[i], .workload = &f->workload, .baseline = &f->series[0]};
    }
    f->samples = (struct ps_samples){.plan = &f->plan,
                                     .arena = &f->arena,
                                     .draws = &f->draws,
                                     .rounds = ROUNDS,
                                     .series = f->series,
                                     .series_count = 2,
                                     .column_count = PS_RAW_FIXED};
    for (unsigned i = 0; i < 2; i++)
        ps_samples_lay(&f->samples, &f->series[i], f->raw[i], ROUNDS);
    f->result.points = f->result_points;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    ps_draws_finish(&f->draws);
    return fixture_end(state);
}

/* From one end and the other in turns: rounds that don't resemble those before. */
static void set_times(struct fixture *f, double middle, double spread)
{
    for (size_t r = 0; r < ROUNDS; r++) {
        size_t place = r % 2 ? ROUNDS - 1 - r / 2 : r / 2;
        double *base = ps_raw(&f->samples, &f->series[0], r);
        double *own = ps_raw(&f->samples, &f->series[1], r);

        for (size_t k = 0; k < PS_RAW_FIXED; k++)
            base[k] = own[k] = NAN;
        base[PS_RAW_WALL] = base[PS_RAW_REGION] = base[PS_RAW_BUSY] = 1;
        own[PS_RAW_WALL] = own[PS_RAW_REGION] =
            middle * (1 + spread * (2.0 * (double)place / (ROUNDS - 1) - 1));
    }
}

static struct series_fit fitted(const struct fixture *f)
{
    const size_t target = 1;
    struct series_fit fit;

    assert_int_equal(series_amdahl(&f->samples, &target, 1, &fit), 0);
    return fit;
}

static double half(struct ps_interval i)
{
    return (i.high - i.low) / 2;
}

/* All rounds share what the interval is widened by: no number of them makes it less. */
static void test_what_no_round_shrinks_is_not_waited_for(void **state)
{
    struct fixture *f = *state;

    set_times(f, 0.6, 0.013);
    assert_true(half(fitted(f).law.serial_fraction) > 0.01);
    assert_true(half(fitted(f).drawn) < 0.01);
    assert_true(ps_stop_precise(&f->samples));
}

/* A serial part of 0.05 and a region that takes `lost` more than half of the rest. */
static struct ps_interval fitted_with_loss(struct fixture *f, double lost)
{
    set_times(f, 1, 0);
    for (size_t r = 0; r < ROUNDS; r++) {
        double *base = ps_raw(&f->samples, &f->series[0], r);
        double *own = ps_raw(&f->samples, &f->series[1], r);

        base[PS_RAW_REGION] = base[PS_RAW_BUSY] = 0.95;
        own[PS_RAW_REGION] = 0.475 + lost;
        own[PS_RAW_WALL] = 0.05 + own[PS_RAW_REGION];
    }
    return fitted(f).law.serial_fraction;
}

static void test_little_that_regions_lose_is_not_serial(void **state)
{
    struct ps_interval s = fitted_with_loss(*state, 0.02);

    assert_true(fabs(s.value - 0.05) < 1e-9);
    assert_true(s.low <= s.value && fabs(s.high - 0.09) < 1e-9); /* all of it taken for serial */
}

static void test_much_that_regions_lose_may_be_serial(void **state)
{
    struct ps_interval s = fitted_with_loss(*state, 0.2);

    assert_true(fabs(s.value - 0.45) < 1e-9);
    assert_true(s.low > 0.4 && s.low < s.value);
}

static void test_a_serial_fraction_is_waited_for(void **state)
{
    struct fixture *f = *state;
    struct ps_result_widest w;

    set_times(f, 0.6, 0.025);
    f->request.precision = 0.1;
    assert_false(ps_stop_precise(&f->samples));
    w = headlines_widest(&f->samples, &f->result);
    assert_string_equal(w.text, "serial fraction of reduce pool");
    assert_true(!w.relative && fabs(w.half_width - half(fitted(f).drawn)) < 1e-12);
}

static void test_the_widest_is_the_furthest_from_enough(void **state)
{
    struct fixture *f = *state;
    struct ps_result_widest w;

    set_times(f, 0.6, 0.013);
    f->request.precision = 0.001;
    assert_false(ps_stop_precise(&f->samples));
    w = headlines_widest(&f->samples, &f->result);
    assert_string_equal(w.text, "speedup of reduce pool with 2 threads");
    assert_true(w.relative && w.half_width > 0.001 && w.half_width < 0.01);
}

/* Where there is no serial fraction, its interval holds nobody up. */
/* Rounds go on for what is too wide, with its reference, and for nothing else. */
static void test_open_points_go_on(void **state)
{
    struct fixture *f = *state;
    struct ps_series all[3];
    bool focus[3] = {false};

    memcpy(all, f->series, sizeof f->series);
    all[2] = f->series[1];
    f->points[1].baseline = false;
    for (size_t i = 0; i < 3; i++)
        all[i].baseline = &all[0];
    f->plan.scales = false;
    f->samples.series = all;
    f->samples.series_count = 3;
    ps_samples_lay(&f->samples, &all[2], f->other, ROUNDS);
    set_times(f, 0.6, 0.005);
    for (size_t r = 0; r < ROUNDS; r++) {
        for (size_t k = 0; k < PS_RAW_FIXED; k++)
            ps_raw(&f->samples, &all[2], r)[k] = NAN;
        ps_raw(&f->samples, &all[2], r)[PS_RAW_WALL] = r % 2 ? 0.5 : 0.6;
    }
    ps_stop_open(&f->samples, focus);
    assert_true(focus[0] && !focus[1] && focus[2]);
    /* Of a curve that is too wide, all points. */
    f->plan.scales = true;
    ps_stop_open(&f->samples, focus);
    assert_true(focus[0] && focus[1] && focus[2]);
    f->samples.series_count = 2;
    memset(focus, 0, sizeof focus);
    ps_stop_open(&f->samples, focus);
    assert_false(focus[0] || focus[1]);
}

static void test_no_fraction_is_not_waited_for(void **state)
{
    struct fixture *f = *state;

    set_times(f, 17, 0.01);
    assert_true(half(fitted(f).drawn) > 0.1);
    assert_true(ps_stop_precise(&f->samples));
    f->points[1].threads = 4;
    set_times(f, 0.6, 0.025);
    f->request.precision = 0.1;
    assert_true(ps_stop_precise(&f->samples));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_no_round_shrinks_is_not_waited_for, setup, end),
        cmocka_unit_test_setup_teardown(test_little_that_regions_lose_is_not_serial, setup, end),
        cmocka_unit_test_setup_teardown(test_much_that_regions_lose_may_be_serial, setup, end),
        cmocka_unit_test_setup_teardown(test_a_serial_fraction_is_waited_for, setup, end),
        cmocka_unit_test_setup_teardown(test_the_widest_is_the_furthest_from_enough, setup, end),
        cmocka_unit_test_setup_teardown(test_open_points_go_on, setup, end),
        cmocka_unit_test_setup_teardown(test_no_fraction_is_not_waited_for, setup, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
