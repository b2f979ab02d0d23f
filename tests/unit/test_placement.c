#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "topology.h"

struct fixture {
    struct ps_arena arena;
    struct ps_topology *topology;
    struct ps_err error;
};

static int setup(void **state)
{
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_FSROOT");
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

static int teardown(void **state)
{
    unsetenv("HWLOC_SYNTHETIC");
    return fixture_end(state);
}

static void load(struct fixture *f, const char *synthetic)
{
    setenv("HWLOC_SYNTHETIC", synthetic, 1);
    assert_int_equal(ps_topology_load(&f->arena, &f->topology, &f->error), 0);
}

/* The placement as text, one number after the other. */
static void assert_placed(struct fixture *f, enum ps_placement p, unsigned threads,
                          const char *expected)
{
    char text[512] = "";
    int cpus[64];
    size_t length = 0;

    assert_true(threads <= 64);
    ps_place(f->topology, p, NULL, 0, threads, cpus);
    for (unsigned i = 0; i < threads; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, i ? " %d" : "%d", cpus[i]);
    assert_string_equal(text, expected);
}

static void test_two_packages(void **state)
{
    struct fixture *f = *state;

    load(f, "pack:2 core:4 pu:2");
    assert_placed(f, PS_PLACE_SPREAD, 1, "0");
    assert_placed(f, PS_PLACE_SPREAD, 3, "0 8 2");
    assert_placed(f, PS_PLACE_SPREAD, 8, "0 8 2 10 4 12 6 14");
    assert_placed(f, PS_PLACE_SPREAD, 16, "0 8 2 10 4 12 6 14 1 9 3 11 5 13 7 15");
    assert_placed(f, PS_PLACE_SPREAD, 18, "0 8 2 10 4 12 6 14 1 9 3 11 5 13 7 15 0 8");
    assert_placed(f, PS_PLACE_COMPACT, 5, "0 1 2 3 4");
    assert_placed(f, PS_PLACE_COMPACT, 17, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 0");
    assert_placed(f, PS_PLACE_NONE, 3, "-1 -1 -1");
}

/* As Linux numbers SMT siblings on most PCs: 0 and 4 share a core. */
static void test_sibling_numbers(void **state)
{
    struct fixture *f = *state;

    load(f, "pack:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)");
    assert_placed(f, PS_PLACE_SPREAD, 8, "0 1 2 3 4 5 6 7");
    assert_placed(f, PS_PLACE_COMPACT, 8, "0 4 1 5 2 6 3 7");
}

static void test_nodes_and_caches_take_turns(void **state)
{
    struct fixture *f = *state;

    load(f, "pack:2 numa:2 l3:2 core:2 pu:1");
    assert_placed(f, PS_PLACE_SPREAD, 16, "0 8 4 12 2 10 6 14 1 9 5 13 3 11 7 15");
}

static void test_list(void **state)
{
    struct fixture *f = *state;
    const int list[] = {5, 3};
    int cpus[5];

    load(f, "pack:1 core:8 pu:1");
    ps_place(f->topology, PS_PLACE_LIST, list, 2, 5, cpus);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(cpus[i], list[i % 2]);
}

static void check_4096(const struct ps_topology *t, enum ps_placement p, unsigned threads)
{
    static int cpus[4096];
    static bool taken[4096];

    memset(taken, 0, sizeof taken);
    ps_place(t, p, NULL, 0, threads, cpus);
    for (unsigned i = 0; i < threads; i++) {
        assert_in_range(cpus[i], 0, 4095);
        assert_false(taken[cpus[i]]);
        taken[cpus[i]] = true;
        assert_int_equal(cpus[i] % 2, p == PS_PLACE_SPREAD ? i >= 2048 : i % 2);
    }
}

static void test_thousands_of_cpus(void **state)
{
    struct fixture *f = *state;
    int cpus[4096];

    load(f, "pack:64 core:32 pu:2");
    assert_int_equal(f->topology->cpu_count, 4096);
    assert_int_equal(f->topology->cores, 2048);
    check_4096(f->topology, PS_PLACE_SPREAD, 4096);
    check_4096(f->topology, PS_PLACE_COMPACT, 4096);
    check_4096(f->topology, PS_PLACE_SPREAD, 65);
    for (unsigned threads = 1; threads <= 4096; threads++) {
        ps_place(f->topology, PS_PLACE_SPREAD, NULL, 0, threads, cpus);
        assert_int_equal(cpus[threads - 1], f->topology->spread[threads - 1]);
    }
}

static void test_names(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"spread", "compact", "none", "list"};
    enum ps_placement p = PS_PLACE_NONE;

    for (int i = 0; i < 4; i++) {
        assert_int_equal(ps_placement_parse(names[i], &p, &f->error), 0);
        assert_string_equal(ps_placement_name(p), names[i]);
    }
    p = PS_PLACE_NONE;
    assert_int_equal(ps_placement_parse("compat", &p, &f->error), -ENOENT);
    assert_int_equal(p, PS_PLACE_NONE);
    assert_non_null(strstr(f->error.text, "compact"));
}

static void assert_parses(struct fixture *f, const char *text, const char *formatted)
{
    size_t count;
    int *cpus;

    assert_int_equal(ps_cpu_list_parse(f->topology, text, &f->arena, &cpus, &count, &f->error), 0);
    assert_string_equal(ps_cpu_list_format(&f->arena, cpus, count), formatted);
}

static void test_lists_parsed(void **state)
{
    struct fixture *f = *state;

    load(f, "pack:1 core:16 pu:1");
    assert_parses(f, "0,2-5", "0,2-5");
    assert_parses(f, "5,4,3", "5,4,3");
    assert_parses(f, "0,1,2,10-15", "0-2,10-15");
    assert_parses(f, "7-7", "7");
    assert_parses(f, "0015", "15");
    assert_parses(f, "8,9,3,0-1", "8-9,3,0-1");
    assert_string_equal(ps_cpu_list_format(&f->arena, NULL, 0), "");
}

static void assert_list_refused(struct fixture *f, const char *text, int rc, const char *message)
{
    int marker, *cpus = &marker;
    size_t count = 42;

    memset(&f->error, 0, sizeof f->error);
    assert_int_equal(ps_cpu_list_parse(f->topology, text, &f->arena, &cpus, &count, &f->error), rc);
    assert_string_equal(f->error.text, message);
    assert_ptr_equal(cpus, &marker);
    assert_int_equal(count, 42);
}

static void test_lists_refused(void **state)
{
    static const char *const malformed[] = {"",    ",",     "0,", ",0",  "0,,1", "-1",
                                            "1-",  "0-1-2", "a",  "0x1", " 0",   "0 ",
                                            "0;1", "0:2",   "+1", "1.5", "0-a"};
    struct fixture *f = *state;
    char message[128];

    load(f, "pack:1 core:4 pu:1");
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        snprintf(message, sizeof message, "'%s' is not a list of CPUs: write it like 0,2-5",
                 malformed[i]);
        assert_list_refused(f, malformed[i], -EINVAL, message);
    }
    assert_list_refused(f, "9", -EINVAL, "CPU 9 can't be used here: only 0-3 can");
    assert_list_refused(f, "2-65535", -EINVAL, "CPU 4 can't be used here: only 0-3 can");
    assert_list_refused(f, "0-2,1", -EINVAL, "CPU 1 is given twice in '0-2,1'");
    assert_list_refused(f, "3-1", -EINVAL, "the range 3-1 runs backwards: write 1-3");
    assert_list_refused(f, "65536", -ERANGE, "a CPU number in '65536' is above 65535");
    assert_list_refused(f, "0-99999999999999999999", -ERANGE,
                        "a CPU number in '0-99999999999999999999' is above 65535");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_packages),
        TEST(test_sibling_numbers),
        TEST(test_nodes_and_caches_take_turns),
        TEST(test_list),
        TEST(test_thousands_of_cpus),
        TEST(test_names),
        TEST(test_lists_parsed),
        TEST(test_lists_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
