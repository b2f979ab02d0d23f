#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "counters.h"

static void out_of_memory(void)
{
    abort();
}

static void assert_split(const char *text, size_t count, const char *const *expected,
                         const unsigned *groups)
{
    struct ps_arena arena;
    struct ps_event_list list = {0};

    ps_arena_init(&arena, out_of_memory);
    assert_int_equal(ps_events_split(text, &arena, &list, NULL), 0);
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(list.names[i], expected[i]);
        assert_int_equal(list.groups[i], groups[i]);
    }
    ps_arena_finish(&arena);
}

static void test_split(void **state)
{
    assert_split("cycles", 1, (const char *[]){"cycles"}, (const unsigned[]){0});
    assert_split("a,b:u=1:c=2", 2, (const char *[]){"a", "b:u=1:c=2"}, (const unsigned[]){0, 0});
    assert_split("a,{b,c},d", 4, (const char *[]){"a", "b", "c", "d"},
                 (const unsigned[]){0, 1, 1, 0});
    assert_split("{a,b},{c}", 3, (const char *[]){"a", "b", "c"}, (const unsigned[]){1, 1, 2});
    assert_split("a{b,c}", 1, (const char *[]){"a{b,c}"}, (const unsigned[]){0});
}

static void test_bad_lists(void **state)
{
    static const char *const bad[] = {"",   ",",   "a,", ",a",   "a,,b",  "{a",
                                      "a}", "}a{", "{}", "{a,}", "{{a}}", "{a,{b,c}}"};
    struct ps_arena arena;

    ps_arena_init(&arena, out_of_memory);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ps_event_list list = {.group_count = 7};
        struct ps_err e = {0};

        assert_int_equal(ps_events_split(bad[i], &arena, &list, &e), -EINVAL);
        assert_true(e.text[0]);
        assert_null(list.names);
        assert_int_equal(list.count, 0);
        assert_int_equal(list.group_count, 7);
    }
    ps_arena_finish(&arena);
}

static void test_long_list(void **state)
{
    struct ps_arena arena;
    struct ps_event_list list = {0};
    char text[5001];

    memset(text, '{', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ps_arena_init(&arena, out_of_memory);
    assert_int_equal(ps_events_split(text, &arena, &list, NULL), -E2BIG);
    ps_arena_finish(&arena);
}

static void test_known(void **state)
{
    static const char *const names[] = {
        "cycles", "CYCLES",     "instructions", "perf::cycles", "cycles:u",
        "r08",    "task-clock", "task_clock",   "page_faults",  "PERF_COUNT_SW_CPU_MIGRATIONS"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(ps_event_check(names[i], NULL), 0);
}

static void assert_refused(const char *name, int error, const char *part)
{
    struct ps_err e = {0};

    assert_int_equal(ps_event_check(name, &e), error);
    if (!strstr(e.text, part))
        fail_msg("%s: '%s' lacks '%s'", name, e.text, part);
}

static void test_unknown(void **state)
{
    assert_refused("cycels", -ENOENT, "unknown event 'cycels': did you mean 'cycles'?");
    assert_refused("cycels:u", -ENOENT, "did you mean 'cycles'?");
    assert_refused("perf::cycels", -ENOENT, "did you mean 'cycles'?");
    assert_refused("page_fault", -ENOENT, "did you mean 'page_faults'?");
    assert_refused("cache-mises", -ENOENT, "did you mean 'cache-misses'?");
    assert_refused("perff::cycles", -ENOENT, "unknown PMU 'perff': did you mean 'perf'?");
    assert_refused("qqqqqqqqqqqq", -ENOENT, "unknown event 'qqqqqqqqqqqq' (");
    assert_refused("cycles:nonsense", -ENOENT, "'cycles:nonsense': invalid event attribute");
    assert_refused("", -ENOENT, "unknown event ''");
    assert_refused("{cycles,r08}", -ENOENT, "unknown event");
    assert_refused("cycles:cpu=0", -EINVAL, "cpu=");
}

static void test_overlong(void **state)
{
    char name[5001];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_refused(name, -ENOENT, "unknown event");
}

static void test_never_samples(void **state)
{
    struct perf_event_attr attr;

    assert_int_equal(ps_event_resolve("instructions:freq=100", 0, &attr, NULL), 0);
    assert_int_equal(attr.sample_period, 0);
    assert_int_equal(attr.freq, 0);
    assert_int_equal(attr.inherit, 0);
    assert_int_equal(attr.type, PERF_TYPE_HARDWARE);
    assert_int_equal(attr.config, PERF_COUNT_HW_INSTRUCTIONS);
}

static struct perf_event_attr resolve(const char *name, unsigned levels)
{
    struct perf_event_attr attr;

    assert_int_equal(ps_event_resolve(name, levels, &attr, NULL), 0);
    return attr;
}

static void assert_excluded(const char *name, unsigned levels, int user, int kernel)
{
    struct perf_event_attr attr = resolve(name, levels);

    assert_int_equal(attr.exclude_user, user);
    assert_int_equal(attr.exclude_kernel, kernel);
}

static void test_levels(void **state)
{
    static const char *const names[] = {"cycles", "cache-misses", "r08"};

    for (size_t i = 0; i < 3; i++) {
        assert_excluded(names[i], 0, 0, 0);
        assert_excluded(names[i], PS_LEVEL_USER, 0, 1);
        assert_excluded(names[i], PS_LEVEL_KERNEL, 1, 0);
        assert_excluded(names[i], PS_LEVEL_USER | PS_LEVEL_KERNEL, 0, 0);
    }
    assert_excluded("cache-misses:u", PS_LEVEL_KERNEL, 0, 1); /* the name says more */
    assert_excluded("page_faults", PS_LEVEL_USER, 0, 0);
    assert_excluded("context-switches", PS_LEVEL_USER, 0, 0);
}

static void test_can_be_zero(void **state)
{
    struct perf_event_attr cycles = resolve("cycles", 0),
                           kernel = resolve("cycles", PS_LEVEL_KERNEL),
                           faults = resolve("page_faults", 0), misses = resolve("cache-misses", 0);

    assert_true(ps_attr_nonzero(&cycles));
    assert_false(ps_attr_nonzero(&kernel)); /* a thread need not have been there */
    assert_false(ps_attr_nonzero(&faults));
    assert_false(ps_attr_nonzero(&misses));
#if defined(__aarch64__) || defined(__x86_64__)
    {
#if defined(__aarch64__)
        struct perf_event_attr retired = resolve("r08", 0), other = resolve("r09", 0);
#else
        struct perf_event_attr retired = resolve("rc0", 0), other = resolve("rc1", 0);
#endif
        assert_true(ps_attr_nonzero(&retired));
        assert_false(ps_attr_nonzero(&other));
    }
#endif
}

struct seen {
    size_t count, generic;
    bool cycles, task_clock;
};

static void see(void *arg, const char *name, const char *description, int present)
{
    struct seen *s = arg;

    assert_true(name[0]);
    assert_non_null(description);
    assert_in_range(present + 1, 0, 2);
    s->count++;
    s->generic += present >= 0;
    s->cycles |= !strcmp(name, "cycles");
    s->task_clock |= !strcmp(name, "task-clock");
}

static void test_each(void **state)
{
    struct seen seen = {0};

    assert_int_equal(ps_events_each(see, &seen, NULL), 0);
    assert_true(seen.cycles);
    assert_true(seen.task_clock);
    assert_true(seen.generic >= 10);
    assert_true(seen.count >= seen.generic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),         cmocka_unit_test(test_bad_lists),
        cmocka_unit_test(test_long_list),     cmocka_unit_test(test_known),
        cmocka_unit_test(test_unknown),       cmocka_unit_test(test_overlong),
        cmocka_unit_test(test_never_samples), cmocka_unit_test(test_levels),
        cmocka_unit_test(test_can_be_zero),   cmocka_unit_test(test_each),
    };

    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
