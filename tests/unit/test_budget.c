#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "budget.h"
#include "fixture.h"
#include "program_trials.h"
#include "ticks.h"

/* Two targets, of 1 s and 3 s by their warm-up, and 100 s to spend. */
struct fixture {
    struct ps_arena arena;
    struct ps_request request;
    struct ps_plan plan;
    struct ps_measure_hooks hooks;
    struct target targets[2];
    struct ps_plan_point points[2];
    struct ps_series series[2];
    double raw[2][PS_RAW_FIRST * PS_RAW_FIXED];
    struct session session;
};

static const char *said; /* the last notice */

static void notice(const char *text)
{
    said = text;
}

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->request.max_time = 100;
    f->plan.request = &f->request;
    f->hooks.notice = notice;
    f->targets[0].schedule.execution = 1;
    f->targets[1].schedule.execution = 3;
    f->targets[0].focus = f->targets[1].focus = true;
    f->session = (struct session){
        .plan = &f->plan,
        .hooks = &f->hooks,
        .arena = &f->arena,
        .targets = f->targets,
        .target_count = 2,
        .start_ns = ps_now_ns(),
    };
    said = NULL;
    return 0;
}

static void test_rounds_by_the_warm_up(void **state)
{
    struct fixture *f = *state;

    assert_true(fabs(budget_round(&f->session) - 4) < 1e-9);
    assert_in_range(budget_fits(&f->session), 23, 24);
    f->targets[1].schedule.reps = 5;
    f->request.gap = 0.5;
    assert_true(fabs(budget_round(&f->session) - (1.5 + 5 * 3.5)) < 1e-9);
}

static void test_trials_tell_more(void **state)
{
    struct fixture *f = *state;

    f->targets[1].spent = 20;
    f->targets[1].trials = 2;
    assert_true(fabs(budget_round(&f->session) - 11) < 1e-9);
    f->targets[1].focus = false;
    assert_true(fabs(budget_round(&f->session) - 1) < 1e-9);
}

/* The first round is run whatever it takes; a later one that can't fit is not begun. */
static void test_what_cannot_fit(void **state)
{
    struct fixture *f = *state;

    f->request.max_time = 3.9;
    assert_int_equal(budget_fits(&f->session), 1);
    f->session.samples.rounds = 1;
    assert_int_equal(budget_fits(&f->session), 0);
}

/* Of two points, one and two threads, in three rounds. */
static void set_rounds(struct fixture *f, const double *one, const double *two)
{
    const double *walls[] = {one, two};
    struct session *s = &f->session;

    f->plan.programs = f->plan.scales = true;
    s->samples = (struct ps_samples){
        .rounds = 3, .column_count = PS_RAW_FIXED, .series = f->series, .series_count = 2};
    for (unsigned i = 0; i < 2; i++) {
        f->points[i] = (struct ps_plan_point){
            .threads = i + 1, .p = i + 1, .copies = 1, .asked = true, .work = 1};
        f->series[i] = (struct ps_series){.plan = &f->points[i], .baseline = f->series};
        f->series[i].raw[0] = f->raw[i];
        f->targets[i].plan = &f->points[i];
        f->targets[i].series = &f->series[i];
        f->targets[i].trials = 3;
        f->targets[i].spent = 0;
        for (size_t k = 0; k < 3; k++) {
            double *raw = ps_raw(&s->samples, &f->series[i], k);

            raw[PS_RAW_WALL] = walls[i][k];
            raw[PS_RAW_CPU] = walls[i][k];
            f->targets[i].spent += walls[i][k];
        }
    }
}

/* Time is kept for observing what is worth it, and only then: by the same medians. */
static void test_reserve(void **state)
{
    struct fixture *f = *state;

    set_rounds(f, (double[]){4, 4, 4}, (double[]){4, 4, 2});
    assert_true(observed_reserve(&f->session) > 8);
    set_rounds(f, (double[]){4, 4, 4}, (double[]){2, 2, 8});
    assert_true(observed_reserve(&f->session) == 0);
    f->session.samples.rounds = 0; /* of means alone */
    assert_true(observed_reserve(&f->session) > 8);
}

static void test_warning(void **state)
{
    struct fixture *f = *state;

    budget_warn(&f->session);
    assert_null(said);
    f->request.max_time = 10;
    f->request.runs = 2;
    budget_warn(&f->session);
    assert_null(said);
    f->request.runs = 0;
    budget_warn(&f->session);
    assert_string_equal(said, "A round takes about 4.00 s: --max-time 10s has room for 2, but an "
                              "interval needs 6.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rounds_by_the_warm_up),
        TEST(test_trials_tell_more),
        TEST(test_what_cannot_fit),
        TEST(test_reserve),
        TEST(test_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
