/* When rounds from two modes, or with outliers, end by precision. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "analysis.h"
#include "fixture.h"
#include "mixture.h"
#include "program.h"
#include "rng.h"

#define ROUNDS      400
#define FEWEST      10 /* rounds, before precision is asked for */
#define EXPERIMENTS 20

/* One point, its own reference. */
struct fixture {
    struct ps_arena arena;
    struct ps_request request;
    struct ps_plan plan;
    struct ps_plan_point point;
    struct ps_plan_workload workload;
    struct ps_program program;
    struct ps_samples samples;
    struct ps_series series;
    struct ps_rng rng;
    double raw[ROUNDS * PS_RAW_FIXED];
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->request.precision = 0.01;
    f->request.seed = 1;
    f->plan.request = &f->request;
    f->point.baseline = true;
    f->point.p = 1;
    f->point.work = 1;
    f->samples = (struct ps_samples){
        .plan = &f->plan,
        .arena = &f->arena,
        .series = &f->series,
        .series_count = 1,
        .column_count = PS_RAW_FIXED,
    };
    f->series.plan = &f->point;
    f->series.workload = &f->workload;
    f->series.baseline = &f->series;
    ps_samples_lay(&f->samples, &f->series, f->raw, ROUNDS);
    f->rng.state = 7;
    return 0;
}

/* Box and Muller. */
static double normal(struct ps_rng *rng)
{
    double u = 1 - ps_rng_unit(rng), v = ps_rng_unit(rng);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* 50 ms, or with that chance 100 ms, give or take 0.1 ms; until it is precise or ROUNDS. */
static struct ps_modes experiment(struct fixture *f, double slow)
{
    double x[ROUNDS];

    f->samples.rounds = 0;
    do {
        double *wall = &ps_raw(&f->samples, &f->series, f->samples.rounds++)[PS_RAW_WALL];

        *wall = 0.05 + 1e-4 * normal(&f->rng);
        if (ps_rng_unit(&f->rng) < slow)
            *wall += 0.05;
    } while (f->samples.rounds < ROUNDS &&
             (f->samples.rounds < FEWEST || !ps_stop_precise(&f->samples)));
    return mixture_of(&f->samples, &f->series, x);
}

static void test_two_modes_stay_open(void **state)
{
    struct fixture *f = *state;
    size_t found = 0, precise = 0;

    f->workload.program = &f->program;
    for (size_t i = 0; i < EXPERIMENTS; i++) {
        found += experiment(f, 0.5).found;
        precise += f->samples.rounds < ROUNDS;
    }
    assert_in_range(found, 19, EXPERIMENTS);
    assert_in_range(precise, 0, 2);
}

/* Which is the larger one becomes clear: then the median's interval is what it seems, even where
 * chance let too few rounds of the other be seen. */
static void test_unequal_modes_end(void **state)
{
    struct fixture *f = *state;
    size_t found = 0;

    f->workload.program = &f->program;
    for (size_t i = 0; i < EXPERIMENTS; i++) {
        found += experiment(f, 0.3).found;
        assert_in_range(f->samples.rounds, FEWEST, ROUNDS - 1);
    }
    assert_in_range(found, EXPERIMENTS * 2 / 3, EXPERIMENTS);
}

static void test_outliers_are_no_mode(void **state)
{
    struct fixture *f = *state;

    f->workload.program = &f->program;
    for (size_t i = 0; i < EXPERIMENTS; i++) {
        assert_false(experiment(f, 0.05).found);
        assert_in_range(f->samples.rounds, FEWEST, 40);
    }
}

static void test_one_mode_ends_at_once(void **state)
{
    struct fixture *f = *state;

    assert_false(experiment(f, 0).found);
    assert_int_equal(f->samples.rounds, FEWEST);
    f->workload.program = &f->program;
    assert_false(experiment(f, 0).found);
    assert_in_range(f->samples.rounds, FEWEST, FEWEST + 4);
}

/* Of built-in workloads, whose rounds are of many executions, single rounds are outliers. */
static void test_built_in(void **state)
{
    struct fixture *f = *state;
    double x[FEWEST + 4] = {0};

    f->samples.rounds = FEWEST;
    for (size_t r = 0; r < FEWEST; r++)
        ps_raw(&f->samples, &f->series, r)[PS_RAW_WALL] = 0.05 + 1e-5 * (double)r + (r == 3);
    assert_false(mixture_open(&f->samples, &f->series, x));
    f->workload.program = &f->program;
    assert_true(mixture_open(&f->samples, &f->series, x));
    f->workload.program = NULL;
    for (size_t r = 0; r < FEWEST; r += 2)
        ps_raw(&f->samples, &f->series, r)[PS_RAW_WALL] = 0.06;
    ps_raw(&f->samples, &f->series, 3)[PS_RAW_WALL] = 0.05;
    assert_true(mixture_open(&f->samples, &f->series, x));
}

/* Within twice the precision they pass as one. */
static void test_close_modes(void **state)
{
    struct fixture *f = *state;
    double x[FEWEST];

    f->samples.rounds = FEWEST;
    for (size_t r = 0; r < FEWEST; r++)
        ps_raw(&f->samples, &f->series, r)[PS_RAW_WALL] = r % 2 ? 0.05 : 0.0509;
    assert_false(mixture_of(&f->samples, &f->series, x).found);
    f->request.precision = 0.005;
    assert_true(mixture_of(&f->samples, &f->series, x).found);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_modes_stay_open),
        TEST(test_unequal_modes_end),
        TEST(test_outliers_are_no_mode),
        TEST(test_one_mode_ends_at_once),
        TEST(test_built_in),
        TEST(test_close_modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
