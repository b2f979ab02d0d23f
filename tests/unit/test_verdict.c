#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "verdict.h"

/* A target with one round, in which one event was counted. */
struct fixture {
    struct ps_arena arena;
    struct ps_plan plan;
    struct ps_event event;
    struct ps_samples samples;
    struct ps_series series;
    double raw[PS_RAW_COUNT];
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->event = (struct ps_event){.name = "cycles", .total_of = -1};
    f->samples = (struct ps_samples){
        .plan = &f->plan,
        .arena = &f->arena,
        .events = &f->event,
        .event_count = 1,
        .column_count = PS_RAW_FIXED + 1,
        .rounds = 1,
    };
    ps_samples_lay(&f->samples, &f->series, f->raw, 1);
    f->series.sums.event_rounds[0] = 1;
    f->series.sums.enabled_ns[0] = f->series.sums.running_ns[0] = 1000;
    return 0;
}

static void assert_verdict(const struct verdict v, enum ps_quality quality, double share,
                           const char *part)
{
    assert_string_equal(ps_quality_name(v.quality), ps_quality_name(quality));
    assert_true(fabs(v.share - share) < 1e-9);
    assert_int_equal(v.reason == NULL, part == NULL);
    if (part && !strstr(v.reason, part))
        fail_msg("'%s' lacks '%s'", v.reason, part);
}

static struct verdict of_event(const struct fixture *f)
{
    return verdict_of_event(&f->samples, &f->series, 0);
}

static void test_levels(void **state)
{
    struct fixture *f = *state;

    assert_verdict(of_event(f), PS_EXACT, 0, NULL);
    f->event.state = PS_COUNT_USER_ONLY;
    f->event.reason = "because";
    assert_verdict(of_event(f), PS_USER_ONLY, 0, "because");
    f->event.state = PS_COUNT_KERNEL_ONLY;
    assert_verdict(of_event(f), PS_KERNEL_ONLY, 0, "because");
    f->event.state = PS_COUNT_UNAVAILABLE;
    assert_verdict(of_event(f), PS_UNAVAILABLE, 0, "because");
}

static void test_multiplexed(void **state)
{
    struct fixture *f = *state;

    f->series.sums.running_ns[0] = 333;
    assert_verdict(of_event(f), PS_MULTIPLEXED, 0.333, "counted 33.3 % of the time");
    f->event.state = PS_COUNT_USER_ONLY;
    f->event.reason = "because";
    assert_verdict(of_event(f), PS_USER_ONLY, 0.333, "because; counted 33.3 % of the time");
}

/* A round without a turn is part of taking turns; another one that is missing is missing. */
static void test_rounds_without_a_count(void **state)
{
    struct fixture *f = *state;
    struct ps_counts counts = {.enabled_ns = {10}};
    const char *no_turn = ps_count_doubt(&f->event, &counts, 0);

    f->series.sums.running_ns[0] = 500;
    ps_sums_doubt(&f->series.sums, 0, no_turn);
    assert_verdict(of_event(f), PS_MULTIPLEXED, 0.5, "50 %");
    ps_sums_doubt(&f->series.sums, 0, "it was cold");
    ps_sums_doubt(&f->series.sums, 0, no_turn);
    assert_verdict(of_event(f), PS_PARTIAL, 0, "it was cold");
    f->series.sums.event_rounds[0] = 0;
    assert_verdict(of_event(f), PS_UNAVAILABLE, 0, "it was cold");
}

/* The clock is that of all the CPU time. */
static void test_clock_of_the_kernel(void **state)
{
    struct fixture *f = *state;

    assert_verdict(verdict_of_source(&f->samples, &f->series, PS_SOURCE_FREQUENCY), PS_EXACT, 0,
                   NULL);
    f->event.state = PS_COUNT_KERNEL_ONLY;
    f->event.reason = "because";
    assert_verdict(verdict_of_source(&f->samples, &f->series, PS_SOURCE_CYCLES), PS_KERNEL_ONLY, 0,
                   "because");
    assert_verdict(verdict_of_source(&f->samples, &f->series, PS_SOURCE_FREQUENCY), PS_ESTIMATED, 0,
                   "probe");
}

/* CPU time whose spinning is not known, in some rounds or in all. */
static void test_spinning_that_is_unknown(void **state)
{
    struct fixture *f = *state;
    double two[2 * (PS_RAW_FIXED + 1)];

    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        two[i] = 1;
    f->samples.rounds = 2;
    ps_samples_lay(&f->samples, &f->series, two, 2);
    assert_verdict(verdict_of_source(&f->samples, &f->series, PS_SOURCE_COUNTED_TIME), PS_EXACT, 0,
                   NULL);
    two[PS_RAW_CPU_SPIN] = NAN;
    assert_verdict(verdict_of_source(&f->samples, &f->series, PS_SOURCE_COUNTED_TIME), PS_PARTIAL,
                   0, "1 of 2 rounds: workers that spun were kept from their CPUs");
    assert_string_equal(verdict_missing(&f->samples, &f->series, PS_SOURCE_COUNTED_TIME),
                        "not counted");
    two[PS_RAW_FIXED + 1 + PS_RAW_CPU_SPIN] = NAN;
    assert_non_null(strstr(verdict_missing(&f->samples, &f->series, PS_SOURCE_COUNTED_TIME),
                           "kept from their CPUs"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_levels),
        TEST(test_multiplexed),
        TEST(test_rounds_without_a_count),
        TEST(test_clock_of_the_kernel),
        TEST(test_spinning_that_is_unknown),
    };

    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
