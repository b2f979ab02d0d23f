#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "budget.h"
#include "fixture.h"
#include "ticks.h"

/* Two targets, of 1 s and 3 s by their warm-up, and 100 s to spend. */
struct fixture {
    struct ps_arena arena;
    struct ps_request request;
    struct ps_plan plan;
    struct ps_measure_hooks hooks;
    struct target targets[2];
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
        TEST(test_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
