/* Samples that follow from others: which a long result leaves out, and that they come back. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "fixture.h"
#include "follow.h"

#define ROUNDS 3
#define ITEMS  1000

struct fixture {
    struct ps_arena arena;
    double wall[ROUNDS], cpu[ROUNDS], busy[ROUNDS], region[ROUNDS], cycles[ROUNDS], base[ROUNDS];
    double own[ROUNDS]; /* of the metric that is asked for */
    struct ps_metric metrics[8], reference_wall;
    struct ps_point point, reference;
};

/* Two CPUs; in the last round nothing was counted, and in the middle one more CPU time was used
 * than there was work for. */
static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);
    const struct ps_metric metrics[] = {
        {"wall_time", "s", 0.5, .samples = f->wall},
        {"cpu_time", "s", 0.8, .samples = f->cpu},
        {"busy_time", "s", 0.8, .samples = f->busy},
        {"region_time", "s", 0.4, .samples = f->region},
        {"cycles", "cycles", 1e9, .samples = f->cycles},
        {"speedup", "1", 1.6},
        {"efficiency", "1", 0.8},
        {NULL, "1", 1, .samples = f->own},
    };

    for (size_t i = 0; i < ROUNDS; i++) {
        f->wall[i] = 0.5 + 0.01 * (double)i;
        f->cpu[i] = 0.8 + 0.2 * (double)i;
        f->busy[i] = 0.75;
        f->region[i] = 0.4;
        f->cycles[i] = 1e9 + 1e6 * (double)i;
        f->base[i] = 0.9;
    }
    f->cpu[ROUNDS - 1] = f->busy[ROUNDS - 1] = f->cycles[ROUNDS - 1] = NAN;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        f->metrics[i] = metrics[i];
    f->point = (struct ps_point){
        .rounds = ROUNDS, .items = ITEMS, .metrics = f->metrics, .metric_count = 8};
    f->reference_wall = (struct ps_metric){"wall_time", "s", 0.9, .samples = f->base};
    f->reference = (struct ps_point){
        .rounds = ROUNDS, .items = ITEMS, .metrics = &f->reference_wall, .metric_count = 1};
    return 0;
}

/* Values are left out, and come back as they were. */
static void follows(struct fixture *f, const char *id, double first, double second, double third)
{
    const double values[ROUNDS] = {first, second, third};
    struct ps_metric *m = &f->metrics[7];
    const double *again;

    *m = (struct ps_metric){id, "1", 1, .samples = f->own};
    for (size_t i = 0; i < ROUNDS; i++)
        f->own[i] = values[i];
    assert_true(ps_samples_follow(&f->point, &f->reference, m));
    assert_ptr_equal(ps_point_samples(&f->point, &f->reference, id, &f->arena), f->own);
    f->own[0] *= 1.000001;
    assert_false(ps_samples_follow(&f->point, &f->reference, m));
    f->own[0] = NAN;
    assert_false(ps_samples_follow(&f->point, &f->reference, m));
    m->samples = NULL;
    again = ps_point_samples(&f->point, &f->reference, id, &f->arena);
    assert_non_null(again);
    for (size_t i = 0; i < ROUNDS; i++)
        assert_true(isnan(values[i]) ? isnan(again[i])
                                     : fabs(again[i] - values[i]) <= 1e-12 * values[i]);
    m->quality = PS_UNAVAILABLE;
    assert_null(ps_point_samples(&f->point, &f->reference, id, &f->arena));
}

static void test_rules(void **state)
{
    struct fixture *f = *state;

    f->metrics[5].id = "the speedup"; /* which is asked for itself */
    follows(f, "speedup", 0.9 / 0.5, 0.9 / 0.51, 0.9 / 0.52);
    f->metrics[5].id = "speedup";
    follows(f, "stack_efficiency", 0.9 / 0.5 / 2, 0.9 / 0.51 / 2, 0.9 / 0.52 / 2);
    follows(f, "throughput", ITEMS / 0.5, ITEMS / 0.51, ITEMS / 0.52);
    follows(f, "utilization", 0.8 / 0.5 / 2, 1 / 0.51 / 2, NAN);
    follows(f, "cpus_used", 0.8 / 0.5, 1 / 0.51, NAN);
    follows(f, "parallel_efficiency", 0.8 / 0.5 / 2, (0.75 + 0.51 - 0.4) / 0.51 / 2, NAN);
    follows(f, "frequency", 1e9 / 0.8, 1.001e9, NAN);
    follows(f, "cycles_per_item", 1e9 / ITEMS, 1.001e9 / ITEMS, NAN);
    follows(f, "items_per_cycle", ITEMS / 1e9, ITEMS / 1.001e9, NAN);
    follows(f, "serial_time", 0.1, 0.11, 0.12);
}

static void test_the_work_of_a_grown_point_counts(void **state)
{
    struct fixture *f = *state;

    f->point.items = 2 * ITEMS;
    f->metrics[5].id = "the speedup";
    follows(f, "speedup", 2 * 0.9 / 0.5, 2 * 0.9 / 0.51, 2 * 0.9 / 0.52);
}

static void test_what_was_measured_is_kept(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < 5; i++)
        assert_false(ps_samples_follow(&f->point, &f->reference, &f->metrics[i]));
    f->metrics[7].id = "page_faults";
    assert_false(ps_samples_follow(&f->point, &f->reference, &f->metrics[7]));
    f->metrics[7].samples = NULL;
    assert_null(ps_point_samples(&f->point, &f->reference, "page_faults", &f->arena));
    assert_null(ps_point_samples(&f->point, &f->reference, "no such", &f->arena));
}

static void test_without_what_it_follows_from(void **state)
{
    struct fixture *f = *state;
    struct ps_metric *m = &f->metrics[7];

    for (size_t i = 0; i < ROUNDS; i++)
        f->own[i] = 0.9 / f->wall[i] / 2;
    m->id = "stack_efficiency";
    assert_true(ps_samples_follow(&f->point, &f->reference, m));
    assert_false(ps_samples_follow(&f->point, NULL, m));
    f->reference.rounds = 2;
    assert_false(ps_samples_follow(&f->point, &f->reference, m));
}

static void test_long(void **state)
{
    assert_false(ps_result_is_long(10, 0));
    assert_false(ps_result_is_long(2, PS_LONG_ROUNDS / 2));
    assert_true(ps_result_is_long(2, PS_LONG_ROUNDS / 2 + 1));
    assert_true(ps_result_is_long(SIZE_MAX, 1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_rules),
        TEST(test_the_work_of_a_grown_point_counts),
        TEST(test_what_was_measured_is_kept),
        TEST(test_without_what_it_follows_from),
        TEST(test_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
