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
#include "smt.h"
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

/* The pairs as text, "0,1 8,9". */
static void assert_pairs(struct fixture *f, const char *expected)
{
    struct ps_smt_pair *pairs;
    char text[512] = "";
    size_t count, length = 0;

    ps_smt_pairs(f->topology, &f->arena, &pairs, &count);
    assert_true(count <= f->topology->cores);
    for (size_t i = 0; i < count && length < sizeof text; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%d,%d", i ? " " : "",
                                   pairs[i].first, pairs[i].second);
    assert_string_equal(text, expected);
}

static void test_pairs_take_turns_over_packages(void **state)
{
    struct fixture *f = *state;

    load(f, "pack:2 core:4 pu:2");
    assert_pairs(f, "0,1 8,9 2,3 10,11 4,5 12,13 6,7 14,15");
}

static void test_pairs_by_os_number(void **state)
{
    struct fixture *f = *state;

    load(f, "pack:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)");
    assert_pairs(f, "0,4 1,5 2,6 3,7");
}

static void test_first_two_of_many(void **state)
{
    struct fixture *f = *state;

    load(f, "core:2 pu:4");
    assert_pairs(f, "0,1 4,5");
    load(f, "core:1 pu:2");
    assert_pairs(f, "0,1");
}

static void test_no_pairs(void **state)
{
    struct fixture *f = *state;

    load(f, "core:4 pu:1");
    assert_pairs(f, "");
}

/* Only some cores have both: CPUs 0 and 1 share one, 2 is left alone on its own. */
static void test_cores_that_lost_a_cpu(void **state)
{
    static struct ps_cpu cpus[] = {
        {.os = 0, .core = 0, .rank = 0}, {.os = 1, .core = 0, .rank = 1}, {.os = 2, .core = 1}};
    static const unsigned by_os[] = {0, 1, 2};
    static const int spread[] = {2, 0, 1};
    struct ps_topology t = {
        .cpus = cpus, .cpu_count = 3, .cores = 2, .by_os = by_os, .spread = spread};
    struct fixture *f = *state;

    f->topology = &t;
    assert_pairs(f, "0,1");
}

static void assert_parses(struct fixture *f, const char *text, int first, int second)
{
    struct ps_smt_pair pair = {-1, -1};

    assert_int_equal(ps_smt_pair_parse(f->topology, text, &f->arena, &pair, &f->error), 0);
    assert_int_equal(pair.first, first);
    assert_int_equal(pair.second, second);
}

static void assert_refused(struct fixture *f, const char *text, const char *message)
{
    struct ps_smt_pair pair = {-1, -2};

    f->error = (struct ps_err){""};
    assert_int_equal(ps_smt_pair_parse(f->topology, text, &f->arena, &pair, &f->error), -EINVAL);
    assert_string_equal(f->error.text, message);
    assert_int_equal(pair.first, -1);
    assert_int_equal(pair.second, -2);
}

static void test_pair_parsed(void **state)
{
    struct fixture *f = *state;

    load(f, "core:4 pu:1");
    assert_parses(f, "0,1", 0, 1);
    assert_parses(f, "3,0", 3, 0);
    assert_parses(f, "02,1", 2, 1);
}

static void test_pair_refused(void **state)
{
    static const char *const malformed[] = {"",     "0",   "0,",   ",1",  "0,1,2", "0-1",  "0,1-2",
                                            "0, 1", "a,b", "-1,0", "0;1", "0,1 ",  "0,1x", "0x0,1"};
    struct fixture *f = *state;
    char message[128];

    load(f, "core:4 pu:1");
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        snprintf(message, sizeof message, "--pair '%s': expected two CPUs, as in 0,1",
                 malformed[i]);
        assert_refused(f, malformed[i], message);
    }
    assert_refused(f, "1,1", "--pair '1,1': CPU 1 is given twice in '1,1'");
    assert_refused(f, "0,9", "--pair '0,9': CPU 9 can't be used here: only 0-3 can");
    assert_refused(f, "0,99999999999999999999",
                   "--pair '0,99999999999999999999': a CPU number in '0,99999999999999999999' is "
                   "above 65535");
}

static void assert_absence(struct fixture *f, unsigned cores, const char *virtualization,
                           const char *control, const char *expected)
{
    const struct ps_topology t = {.cpu_count = cores,
                                  .cores = cores,
                                  .threads_per_core = 1,
                                  .machine_cpus = cores,
                                  .real = true,
                                  .source = "this machine"};
    const struct ps_host h = {.virtualization = virtualization, .smt_control = control};

    assert_string_equal(ps_smt_absence(&t, &h, &f->arena), expected);
}

static void test_absence_here(void **state)
{
    struct fixture *f = *state;

    assert_absence(f, 2, "kvm", "notsupported",
                   "no core has two CPUs: hwloc reports 2 cores with one CPU each in this virtual "
                   "machine (kvm), and smt/control says 'notsupported'; --pair A,B treats two CPUs "
                   "as siblings");
    assert_absence(
        f, 1, "vm", "on",
        "no core has two CPUs: hwloc reports 1 core with one CPU in this virtual machine, "
        "and smt/control says 'on'; --pair A,B treats two CPUs as siblings");
    assert_absence(
        f, 4, "none", "off",
        "no core has two CPUs: hwloc reports 4 cores with one CPU each, and SMT is switched "
        "off: echo on > /sys/devices/system/cpu/smt/control as root; --pair A,B treats "
        "two CPUs as siblings");
    assert_absence(
        f, 4, "unknown", "forceoff",
        "no core has two CPUs: hwloc reports 4 cores with one CPU each, and SMT is forced "
        "off until a reboot (smt/control says 'forceoff'); --pair A,B treats two CPUs as "
        "siblings");
    assert_absence(
        f, 64, "none", NULL,
        "no core has two CPUs: hwloc reports 64 cores with one CPU each, and there is no "
        "smt/control; --pair A,B treats two CPUs as siblings");
}

static void test_absence_by_affinity(void **state)
{
    const struct ps_topology t = {.cpu_count = 4,
                                  .cores = 4,
                                  .threads_per_core = 2,
                                  .machine_cpus = 16,
                                  .real = true,
                                  .source = "this machine"};
    const struct ps_host h = {.virtualization = "none", .smt_control = "on"};
    struct fixture *f = *state;

    assert_string_equal(ps_smt_absence(&t, &h, &f->arena),
                        "no core has two CPUs that may be used: the affinity mask or cpuset leaves "
                        "one CPU of each core (4 of the machine's 16 CPUs); --pair A,B treats two "
                        "CPUs as siblings");
}

/* What this machine is does not matter to a described one. */
static void test_absence_in_a_description(void **state)
{
    const struct ps_host h = {.virtualization = "kvm", .smt_control = "off"};
    struct fixture *f = *state;

    load(f, "core:4 pu:1");
    assert_string_equal(
        ps_smt_absence(f->topology, &h, &f->arena),
        "no core has two CPUs: HWLOC_SYNTHETIC=core:4 pu:1 reports 4 cores with one "
        "CPU each; --pair A,B treats two CPUs as siblings");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pairs_take_turns_over_packages),
        TEST(test_pairs_by_os_number),
        TEST(test_first_two_of_many),
        TEST(test_no_pairs),
        TEST(test_cores_that_lost_a_cpu),
        TEST(test_pair_parsed),
        TEST(test_pair_refused),
        TEST(test_absence_here),
        TEST(test_absence_by_affinity),
        TEST(test_absence_in_a_description),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
