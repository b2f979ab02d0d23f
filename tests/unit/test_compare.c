/* Whether more rounds would decide a comparison, which a script of measurements can't show: it
 * ends after a number of rounds. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "compare.h"
#include "fixture.h"

#define ROUNDS 20

struct fixture {
    struct ps_arena arena;
    double base[ROUNDS], now[ROUNDS];
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    for (size_t i = 0; i < ROUNDS; i++)
        f->base[i] = f->now[i] = i % 3 ? 1 : 1.5;
    return 0;
}

static struct ps_point point_of(const char *label, struct ps_metric *m)
{
    return (struct ps_point){
        .workload = label,
        .workload_label = label,
        .strategy = PS_STRATEGY_PROGRAM,
        .strategy_label = PS_STRATEGY_PROGRAM,
        .placement = "spread",
        .threads = 2,
        .reference = PS_NO_POINT,
        .rounds = ROUNDS,
        .metrics = m,
        .metric_count = 1,
    };
}

static double undecided(struct fixture *f)
{
    struct ps_metric metrics[] = {{"max_rss", "B", 1, NAN, NAN, .samples = f->base},
                                  {"max_rss", "B", 1, NAN, NAN, .samples = f->now}};
    struct ps_point points[] = {point_of("old", &metrics[0]), point_of("new", &metrics[1])};
    const struct ps_result r = {
        .arena = &f->arena, .plan = {.rounds = ROUNDS}, .points = points, .point_count = 2};
    const char *ids[] = {"max_rss"};
    const struct ps_compare_request q = {
        .metrics = ids, .metric_count = 1, .threshold = 0.05, .seed = 1};
    struct ps_comparison *c;
    struct ps_err e = {""};

    assert_int_equal(ps_compare_programs(&r, &q, &f->arena, &c, &e), 0);
    assert_int_equal(c->row_count, 1);
    return ps_comparison_undecided(c);
}

static void test_decided(void **state)
{
    assert_true(undecided(*state) == 0);
}

/* Two rounds have a ratio: by them it would take until the end of time. */
static void test_what_is_nearly_always_zero_is_not_waited_for(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 2; i < ROUNDS; i++)
        f->base[i] = 0;
    assert_true(undecided(f) == 0);
    for (size_t i = 2; i < ROUNDS; i++)
        f->now[i] = 0;
    assert_true(undecided(f) == 0);
}

static void test_what_is_missing_for_now_is_waited_for(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < ROUNDS; i++)
        f->now[i] = i % 2 ? 0.5 : 2;
    assert_true(undecided(f) > 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_decided),
        TEST(test_what_is_nearly_always_zero_is_not_waited_for),
        TEST(test_what_is_missing_for_now_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
