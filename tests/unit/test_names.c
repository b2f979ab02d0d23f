#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "names.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const names[] = {"counter", "reduce", "tree",      "op",
                                    "chase",   "stream", "imbalance", "amdahl"};

static const char *nearest(const char *name)
{
    return ps_nearest(name, names, COUNT(names));
}

static void test_misspelt(void **state)
{
    assert_string_equal(nearest("redcue"), "reduce");
    assert_string_equal(nearest("rduce"), "reduce");
    assert_string_equal(nearest("reducee"), "reduce");
    assert_string_equal(nearest("rebuce"), "reduce");
    assert_string_equal(nearest("Reduce"), "reduce");
    assert_string_equal(nearest("REDUCE"), "reduce");
    assert_string_equal(nearest("inbalanec"), "imbalance");
    assert_string_equal(nearest("steam"), "stream");
}

static void test_swapped_neighbours_cost_one(void **state)
{
    static const char *const both[] = {"tree", "trim"};

    assert_string_equal(ps_nearest("tere", both, 2), "tree");
    assert_string_equal(ps_nearest("trmi", both, 2), "trim");
}

static void test_unique_prefix(void **state)
{
    assert_string_equal(nearest("imb"), "imbalance");
    assert_string_equal(nearest("a"), "amdahl");
    /* counter and chase */
    assert_null(nearest("c"));
}

static void test_nothing_near(void **state)
{
    char longest[5000];

    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(nearest("xyzzy"));
    assert_null(nearest("zz"));
    assert_null(nearest(""));
    assert_null(nearest(longest));
    assert_null(ps_nearest("reduce", names, 0));
}

static void test_the_nearest_of_two(void **state)
{
    static const char *const close[] = {"spawn-op", "spawn", "spawns"};

    assert_string_equal(ps_nearest("spwan", close, COUNT(close)), "spawn");
    assert_string_equal(ps_nearest("spawn-po", close, COUNT(close)), "spawn-op");
}

static void test_texts(void **state)
{
    struct ps_err e = {0};

    assert_int_equal(ps_unknown("workload", "redcue", names, COUNT(names), "see list", &e),
                     -ENOENT);
    assert_string_equal(e.text, "unknown workload 'redcue': did you mean 'reduce'?");
    e.text[0] = '\0';
    assert_int_equal(ps_unknown("workload", "xyzzy", names, COUNT(names), "see list", &e), -ENOENT);
    assert_string_equal(e.text, "unknown workload 'xyzzy' (see list)");
    e.text[0] = '\0';
    assert_int_equal(ps_unknown("workload", "xyzzy", names, COUNT(names), NULL, &e), -ENOENT);
    assert_string_equal(e.text, "unknown workload 'xyzzy'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_misspelt),
        cmocka_unit_test(test_swapped_neighbours_cost_one),
        cmocka_unit_test(test_unique_prefix),
        cmocka_unit_test(test_nothing_near),
        cmocka_unit_test(test_the_nearest_of_two),
        cmocka_unit_test(test_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
