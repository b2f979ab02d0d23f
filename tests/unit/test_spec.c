#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "spec.h"
#include "str.h"

static const char *const schedules[] = {"static", "dynamic", "guided", NULL};

static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "1M", 1, 4e9},
    {"time", PARSCOPE_TIME, "10us", 1e-9, 3600},
    {"share", PARSCOPE_REAL, "0.5", -1, 1},
    {"schedule", PARSCOPE_CHOICE, "dynamic", 0, 0, schedules},
    {0},
};

static void unexpected_oom(void)
{
    abort();
}

static int setup(void **state)
{
    static struct ps_arena arena;

    ps_arena_init(&arena, unexpected_oom);
    *state = &arena;
    return 0;
}

static int teardown(void **state)
{
    ps_arena_finish(*state);
    return 0;
}

/* The values that text stands for, separated by blanks. */
static void check_expansion(struct ps_arena *a, const char *key, const char *text,
                            const char *expected)
{
    const struct parscope_param *p = params;
    struct ps_str joined = PS_STR_INIT;
    struct ps_err e = {0};
    struct ps_texts values;

    while (strcmp(p->name, key) != 0)
        p++;
    assert_int_equal(ps_param_expand(p, "reduce", text, a, &values, &e), 0);
    for (size_t i = 0; i < values.count; i++)
        ps_str_addf(&joined, "%s%s", i ? " " : "", values.items[i]);
    assert_string_equal(ps_str_text(&joined), expected);
    ps_str_finish(&joined);
}

static void test_count_lists(void **state)
{
    check_expansion(*state, "size", "7", "7");
    check_expansion(*state, "size", "10000000", "10M");
    check_expansion(*state, "size", "1..8", "1 2 3 4 5 6 7 8");
    check_expansion(*state, "size", "5..5", "5");
    check_expansion(*state, "size", "1..64..x2", "1 2 4 8 16 32 64");
    check_expansion(*state, "size", "1..6..x2", "1 2 4");
    check_expansion(*state, "size", "10..100..+30", "10 40 70 100");
    check_expansion(*state, "size", "10..99..+30", "10 40 70");
    check_expansion(*state, "size", "1+2+4", "1 2 4");
    check_expansion(*state, "size", "1k..1G..x1000", "1k 1M 1G");
    check_expansion(*state, "size", "1..3+10..30..+10+1Ki", "1 2 3 10 20 30 1024");
    check_expansion(*state, "size", "4+2+4", "4 2 4");
    check_expansion(*state, "size", "3G..4G..x5", "3G");
}

static void test_time_lists(void **state)
{
    check_expansion(*state, "time", "200us", "200us");
    check_expansion(*state, "time", "0.0002", "200us");
    check_expansion(*state, "time", "1us..1ms..x10", "1us 10us 100us 1ms");
    check_expansion(*state, "time", "1ns..1s..x1000", "1ns 1us 1ms 1s");
    check_expansion(*state, "time", "1ms..2ms..+250us", "1ms 1.25ms 1.5ms 1.75ms 2ms");
    check_expansion(*state, "time", "2.6us+20us", "2.6us 20us");
}

static void test_real_lists(void **state)
{
    check_expansion(*state, "share", "0..1..+0.25", "0 0.25 0.5 0.75 1");
    check_expansion(*state, "share", "0..1..+0.1", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1");
    check_expansion(*state, "share", "-1..1..+0.5", "-1 -0.5 0 0.5 1");
    check_expansion(*state, "share", "0.05+20%", "0.05 0.2");
    check_expansion(*state, "share", "0.001..1..x10", "0.001 0.01 0.1 1");
    check_expansion(*state, "share", "0..0.95..+0.5", "0 0.5");
}

static void test_long_real_list(void **state)
{
    struct ps_err e = {0};
    struct ps_texts values;

    assert_int_equal(ps_param_expand(&params[2], "r", "0..1..+0.001", *state, &values, &e), 0);
    assert_int_equal(values.count, 1001);
    for (size_t i = 0; i < values.count; i++) {
        char text[16];
        union parscope_value value;

        snprintf(text, sizeof text, "%.3f", (double)i / 1000);
        assert_int_equal(ps_param_parse(&params[2], "r", values.items[i], &value, &e), 0);
        assert_true(value.real == strtod(text, NULL));
    }
}

static void test_choice_lists(void **state)
{
    check_expansion(*state, "schedule", "guided", "guided");
    check_expansion(*state, "schedule", "static+guided", "static guided");
}

static int bind(struct ps_arena *a, const char *text, const struct parscope_param *table,
                struct ps_bound **bound, size_t *count, struct ps_err *e)
{
    struct ps_spec *specs;
    struct ps_bounds bounds = {*bound, *count};
    size_t n;
    int err = ps_spec_parse(text, "workload", a, &specs, &n, e);

    if (!err)
        err = ps_spec_bind(&specs[0], "workload", table, a, &bounds, e);
    *bound = bounds.items;
    *count = bounds.count;
    return err;
}

static void check_error(struct ps_arena *a, const char *text, int err, const char *expected)
{
    struct ps_bound *bound = NULL;
    struct ps_err e = {0};
    size_t count = 77;

    assert_int_equal(bind(a, text, params, &bound, &count, &e), -err);
    assert_string_equal(e.text, expected);
    assert_null(bound);
    assert_int_equal(count, 77);
}

static void test_value_errors(void **state)
{
    check_error(*state, "reduce:size=99999999T", ERANGE,
                "reduce: size=99999999T is too large: must be 1 to 4G");
    check_error(*state, "reduce:size=0", ERANGE, "reduce: size=0: must be 1 to 4G");
    check_error(*state, "reduce:size=-1", EINVAL,
                "reduce: size='-1' is not a whole number: must be 1 to 4G");
    check_error(*state, "reduce:size=1++2", EINVAL,
                "reduce: size is empty: must be a whole number, 1 to 4G");
    check_error(*state, "reduce:share=nan", EINVAL,
                "reduce: share='nan' is not a number: must be -1 to 1");
    check_error(*state, "reduce:schedule=dynamc", EINVAL,
                "reduce: schedule=dynamc is unknown: must be static, dynamic or guided");
}

static void test_range_errors(void **state)
{
    check_error(*state, "reduce:size=8..1", EINVAL,
                "reduce: size=8..1: the end is below the beginning");
    check_error(*state, "reduce:share=1..0..+0.5", EINVAL,
                "reduce: share=1..0..+0.5: the end is below the beginning");
    check_error(*state, "reduce:size=1..8..x1", ERANGE,
                "reduce: size=1..8..x1: step=1: must be 2 or more");
    check_error(*state, "reduce:size=1..8..+0", ERANGE,
                "reduce: size=1..8..+0: step=0: must be 1 or more");
    check_error(*state, "reduce:time=1us..9us..+0us", EINVAL,
                "reduce: time=1us..9us..+0us: the step must be above 0");
    check_error(*state, "reduce:time=1us..9us..x1", EINVAL,
                "reduce: time=1us..9us..x1: the factor must be above 1");
    check_error(*state, "reduce:share=0..1..x2", EINVAL,
                "reduce: share=0..1..x2: steps by factor must begin above 0");
    check_error(*state, "reduce:share=0..1", EINVAL,
                "reduce: share=0..1: a range needs a step: BEGIN..END..+STEP or "
                "BEGIN..END..xFACTOR");
    check_error(*state, "reduce:size=1..8..2", EINVAL,
                "reduce: size=1..8..2: the step must be +STEP or xFACTOR");
    check_error(*state, "reduce:schedule=static..guided", EINVAL,
                "reduce: schedule=static..guided: choices have no ranges: list them as A+B");
    check_error(*state, "reduce:size=1..", EINVAL,
                "reduce: size is empty: must be a whole number, 1 to 4G");
    check_error(*state, "reduce:size=1..5G", ERANGE,
                "reduce: size=5G is too large: must be 1 to 4G");
}

static void test_too_many(void **state)
{
    check_error(*state, "reduce:size=1..4G", E2BIG,
                "reduce: size=1..4G expands to too many values: at most 4096 are allowed");
    check_error(*state, "reduce:time=1ns..1h..+1ns", E2BIG,
                "reduce: time=1ns..1h..+1ns expands to too many values: at most 4096 are allowed");
    check_error(*state, "reduce:time=1ns..1h..x1.0000001", E2BIG,
                "reduce: time=1ns..1h..x1.0000001 expands to too many values: at most 4096 are "
                "allowed");
    check_error(*state, "reduce:size=1..4000+1..97", E2BIG,
                "reduce: size=1..97 expands to too many values: at most 4096 are allowed");
    check_error(*state, "reduce:size=1..4000:share=0+1", E2BIG,
                "workload 'reduce' expands to more than 4096 points");
}

static void test_key_errors(void **state)
{
    check_error(*state, "reduce:sise=4", ENOENT,
                "workload 'reduce' has no parameter 'sise': did you mean 'size'?");
    check_error(*state, "reduce:xyzzy=4", ENOENT,
                "workload 'reduce' has no parameter 'xyzzy': it has size, time, share, schedule");
    check_error(*state, "reduce:size=4:size=5", EINVAL, "workload 'reduce': 'size' is given twice");
    check_error(*state, "reduce:size", EINVAL,
                "workload 'reduce': 'size' needs a value: size=VALUE");
    check_error(*state, "reduce:size=", EINVAL,
                "workload 'reduce': 'size' needs a value: size=VALUE");
    check_error(*state, "reduce:=4", EINVAL,
                "workload 'reduce' has an empty parameter: expected KEY=VALUE");
    check_error(*state, "reduce:", EINVAL,
                "workload 'reduce' has an empty parameter: expected KEY=VALUE");
    check_error(*state, "a:a=1:b=1:c=1:d=1:e=1:f=1:g=1:h=1:i=1:j=1:k=1:l=1:m=1:n=1:o=1:p=1:q=1",
                EINVAL, "workload 'a' has more than 16 parameters");
}

static void test_empty_specs(void **state)
{
    check_error(*state, "", EINVAL, "empty workload name in ''");
    check_error(*state, ",", EINVAL, "empty workload name in ','");
    check_error(*state, "a,", EINVAL, "empty workload name in 'a,'");
    check_error(*state, "a,,b", EINVAL, "empty workload name in 'a,,b'");
    check_error(*state, ":size=1", EINVAL, "empty workload name in ':size=1'");
}

static void test_no_parameters(void **state)
{
    struct ps_bound *bound = NULL;
    struct ps_err e = {0};
    size_t count = 0;

    assert_int_equal(bind(*state, "spawn:x=1", NULL, &bound, &count, &e), -ENOENT);
    assert_string_equal(e.text, "workload 'spawn' has no parameter 'x': it has no parameters");
    assert_int_equal(bind(*state, "spawn", NULL, &bound, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_string_equal(bound[0].label, "spawn");
}

static void test_parse(void **state)
{
    struct ps_spec *specs;
    size_t count;

    assert_int_equal(
        ps_spec_parse("reduce:size=10M:work=4=5,tree", "workload", *state, &specs, &count, NULL),
        0);
    assert_int_equal(count, 2);
    assert_string_equal(specs[0].name, "reduce");
    assert_int_equal(specs[0].key_count, 2);
    assert_string_equal(specs[0].keys[0].name, "size");
    assert_string_equal(specs[0].keys[0].value, "10M");
    assert_string_equal(specs[0].keys[1].value, "4=5");
    assert_string_equal(specs[1].name, "tree");
    assert_int_equal(specs[1].key_count, 0);
}

static void test_bind_defaults(void **state)
{
    struct ps_bound *bound = NULL;
    size_t count = 0;

    assert_int_equal(bind(*state, "reduce:time=0.2ms", params, &bound, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_string_equal(bound[0].name, "reduce");
    assert_string_equal(bound[0].label, "reduce:time=200us");
    assert_int_equal(bound[0].values[0].count, 1000000);
    assert_true(bound[0].values[1].real == 2e-4);
    assert_true(bound[0].values[2].real == 0.5);
    assert_int_equal(bound[0].values[3].choice, 1);
    assert_string_equal(bound[0].texts[0], "1M");
    assert_string_equal(bound[0].texts[3], "dynamic");
}

static void test_cross_product(void **state)
{
    static const char *const labels[] = {
        "reduce:schedule=static:size=1",
        "reduce:schedule=static:size=2",
        "reduce:schedule=guided:size=1",
        "reduce:schedule=guided:size=2",
    };
    struct ps_bound *bound = NULL;
    size_t count = 0;

    assert_int_equal(
        bind(*state, "reduce:schedule=static+guided:size=1..2", params, &bound, &count, NULL), 0);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(bound[i].label, labels[i]);
        assert_int_equal(bound[i].values[0].count, i % 2 + 1);
        assert_int_equal(bound[i].values[3].choice, i / 2 * 2);
    }
}

static void test_ranges_in_words(void **state)
{
    char text[128];

    assert_int_equal(ps_param_count(params), 4);
    assert_int_equal(ps_param_count(NULL), 0);
    assert_string_equal(ps_param_range(&params[0], text, sizeof text), "1 to 4G");
    assert_string_equal(ps_param_range(&params[1], text, sizeof text), "1ns to 1h");
    assert_string_equal(ps_param_range(&params[2], text, sizeof text), "-1 to 1");
    assert_string_equal(ps_param_range(&params[3], text, sizeof text), "static, dynamic or guided");
    assert_string_equal(ps_param_range(&params[3], text, 10), "static, d");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_count_lists),    TEST(test_time_lists),    TEST(test_real_lists),
        TEST(test_long_real_list), TEST(test_choice_lists),  TEST(test_value_errors),
        TEST(test_range_errors),   TEST(test_too_many),      TEST(test_key_errors),
        TEST(test_empty_specs),    TEST(test_no_parameters), TEST(test_parse),
        TEST(test_bind_defaults),  TEST(test_cross_product), TEST(test_ranges_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
