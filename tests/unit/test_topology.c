#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <link.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "topology.h"

struct fixture {
    struct ps_arena arena;
    struct ps_topology *topology;
    struct ps_err error;
};

static int setup(void **state)
{
    unsetenv("HWLOC_SYNTHETIC");
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_FSROOT");
    unsetenv("HWLOC_THISSYSTEM");
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

static int load(struct fixture *f)
{
    return ps_topology_load(&f->arena, &f->topology, &f->error);
}

static int load_from(struct fixture *f, const char *variable, const char *text)
{
    int rc;

    setenv(variable, text, 1);
    rc = load(f);
    unsetenv(variable);
    return rc;
}

static const struct ps_topology *load_synthetic(struct fixture *f, const char *text)
{
    assert_int_equal(load_from(f, "HWLOC_SYNTHETIC", text), 0);
    assert_string_equal(f->error.text, "");
    return f->topology;
}

static void test_two_packages(void **state)
{
    const struct ps_topology *t = load_synthetic(*state, "pack:2 core:4 pu:2");

    assert_int_equal(t->cpu_count, 16);
    assert_int_equal(t->machine_cpus, 16);
    assert_int_equal(t->cores, 8);
    assert_int_equal(t->threads_per_core, 2);
    assert_int_equal(t->packages, 2);
    assert_int_equal(t->nodes, 1);
    assert_int_equal(t->kinds, 1);
    assert_string_equal(t->kind_names[0], "kind0");
    assert_false(t->real);
    assert_string_equal(t->source, "HWLOC_SYNTHETIC=pack:2 core:4 pu:2");
    for (unsigned i = 0; i < t->cpu_count; i++) {
        assert_int_equal(t->cpus[i].os, i);
        assert_int_equal(t->cpus[i].core, i / 2);
        assert_int_equal(t->cpus[i].rank, i % 2);
        assert_int_equal(t->cpus[i].package, i / 8);
        assert_int_equal(t->cpus[i].kind, 0);
    }
}

static void test_nodes_and_caches(void **state)
{
    const struct ps_topology *t =
        load_synthetic(*state, "pack:2 numa:2(memory=1000000000) l3:2 core:2 pu:1");

    assert_int_equal(t->packages, 2);
    assert_int_equal(t->nodes, 4);
    assert_int_equal(t->threads_per_core, 1);
    for (unsigned i = 0; i < t->cpu_count; i++) {
        assert_int_equal(t->cpus[i].node, i / 4);
        assert_int_equal(t->cpus[i].l3, i / 2);
    }
}

static void test_cpus_without_cores(void **state)
{
    const struct ps_topology *t = load_synthetic(*state, "numa:1 pu:8");

    assert_int_equal(t->cores, 8);
    assert_int_equal(t->packages, 1);
    assert_int_equal(t->threads_per_core, 1);
    assert_int_equal(t->cpus[7].core, 7);
    assert_int_equal(t->cpus[7].rank, 0);
}

static void test_os_numbers(void **state)
{
    const struct ps_topology *t =
        load_synthetic(*state, "pack:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)");

    assert_int_equal(t->cpus[1].os, 4);
    assert_int_equal(t->cpus[1].rank, 1);
    for (int os = 0; os < 8; os++) {
        const struct ps_cpu *cpu = ps_topology_cpu(t, os);

        assert_non_null(cpu);
        assert_int_equal(cpu->os, os);
        assert_int_equal(cpu->core, os % 4);
        assert_int_equal(t->cpus[t->by_os[os]].os, os);
    }
    assert_null(ps_topology_cpu(t, 8));
    assert_null(ps_topology_cpu(t, -1));
}

static void assert_refused(struct fixture *f, const char *variable, const char *text, int rc)
{
    memset(&f->error, 0, sizeof f->error);
    f->topology = (void *)f;
    assert_int_equal(load_from(f, variable, text), rc);
    assert_ptr_equal(f->topology, f);
    assert_non_null(strstr(f->error.text, variable));
    assert_non_null(strstr(f->error.text, text));
}

static void test_bad_descriptions(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "HWLOC_SYNTHETIC", "rubbish", -EINVAL);
    assert_refused(f, "HWLOC_SYNTHETIC", "pack:2 core:x pu:2", -EINVAL);
    assert_refused(f, "HWLOC_SYNTHETIC", "pack:0", -EINVAL);
    assert_refused(f, "HWLOC_SYNTHETIC", "pack:64 core:32 pu:20000", -E2BIG);
    assert_refused(f, "HWLOC_SYNTHETIC", "99999999999999999999 2", -E2BIG);
    assert_refused(f, "HWLOC_XMLFILE", "/nonexistent/machine.xml", -EINVAL);
    assert_refused(f, "HWLOC_XMLFILE", "/dev/null", -EINVAL);
}

static void test_hybrid(void **state)
{
    struct fixture *f = *state;
    const char *data = getenv("TEST_DATA");
    const struct ps_topology *t;
    char root[4096];

    snprintf(root, sizeof root, "%s/host-hybrid", data ? data : "tests/unit/data");
    assert_int_equal(load_from(f, "HWLOC_FSROOT", root), 0);
    t = f->topology;
    assert_false(t->real);
    assert_int_equal(t->cpu_count, 6);
    assert_int_equal(t->cores, 4);
    assert_int_equal(t->kinds, 2);
    assert_string_equal(t->kind_names[0], "E");
    assert_string_equal(t->kind_names[1], "P");
    for (unsigned i = 0; i < t->cpu_count; i++)
        assert_int_equal(t->cpus[i].kind, t->cpus[i].os >= 2);
    assert_string_equal(ps_cpu_list_format(&f->arena, t->spread, 6), "2,4,0-1,3,5");
    assert_string_equal(ps_cpu_list_format(&f->arena, t->compact, 6), "2-5,0-1");
}

/* CPUs 0 and 1 share a core; only 1 and 2 are allowed. */
static const char restricted_xml[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
    "<topology version=\"2.0\">\n"
    "<object type=\"Machine\" os_index=\"0\" cpuset=\"0xf\" complete_cpuset=\"0xf\""
    " allowed_cpuset=\"0x6\" nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\">\n"
    "<object type=\"NUMANode\" os_index=\"0\" cpuset=\"0xf\" complete_cpuset=\"0xf\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\" local_memory=\"1024\"/>\n"
    "<object type=\"Core\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\">\n"
    "<object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\"/>\n"
    "<object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\"/>\n"
    "</object>\n"
    "<object type=\"Core\" os_index=\"1\" cpuset=\"0x4\" complete_cpuset=\"0x4\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\">\n"
    "<object type=\"PU\" os_index=\"2\" cpuset=\"0x4\" complete_cpuset=\"0x4\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\"/>\n"
    "</object>\n"
    "<object type=\"Core\" os_index=\"2\" cpuset=\"0x8\" complete_cpuset=\"0x8\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\">\n"
    "<object type=\"PU\" os_index=\"3\" cpuset=\"0x8\" complete_cpuset=\"0x8\""
    " nodeset=\"0x1\" complete_nodeset=\"0x1\"/>\n"
    "</object>\n"
    "</object>\n"
    "</topology>\n";

static void write_file(char *path_template, const char *text)
{
    int fd = mkstemp(path_template);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static void test_restricted_xml(void **state)
{
    struct fixture *f = *state;
    char path[] = "/tmp/parscope-topology-XXXXXX";
    const struct ps_topology *t;
    int *list, rc;
    size_t count;

    write_file(path, restricted_xml);
    rc = load_from(f, "HWLOC_XMLFILE", path);
    unlink(path);
    assert_int_equal(rc, 0);
    t = f->topology;
    assert_false(t->real);
    assert_int_equal(t->machine_cpus, 4);
    assert_int_equal(t->cpu_count, 2);
    assert_int_equal(t->cores, 2);
    assert_int_equal(t->threads_per_core, 2);
    assert_int_equal(t->cpus[0].os, 1);
    assert_int_equal(t->cpus[0].rank, 0);
    assert_int_equal(ps_cpu_list_parse(t, "0", &f->arena, &list, &count, &f->error), -EINVAL);
    assert_string_equal(f->error.text, "CPU 0 can't be used here: only 1-2 can");
}

/* A claim that the description is this machine does not make it measurable. */
static void test_described_is_never_real(void **state)
{
    struct fixture *f = *state;

    setenv("HWLOC_THISSYSTEM", "1", 1);
    load_synthetic(f, "pack:1 core:2 pu:1");
    unsetenv("HWLOC_THISSYSTEM");
    assert_false(f->topology->real);
}

static void test_this_machine(void **state)
{
    struct fixture *f = *state;
    const struct ps_topology *t;

    assert_int_equal(load_from(f, "HWLOC_SYNTHETIC", ""), 0);
    t = f->topology;
    assert_true(t->real);
    assert_string_equal(t->source, "this machine");
    assert_in_range(t->cpu_count, 1, t->machine_cpus);
    assert_in_range(t->cores, 1, t->cpu_count);
    assert_true(t->packages >= 1 && t->nodes >= 1 && t->kinds >= 1 && t->threads_per_core >= 1);
}

static int take_adds(struct dl_phdr_info *info, size_t size, void *adds)
{
    *(unsigned long long *)adds = info->dlpi_adds;
    return 1;
}

static unsigned long long libraries_loaded(void)
{
    unsigned long long adds = 0;

    dl_iterate_phdr(take_adds, &adds);
    return adds;
}

/* A plug-in may take longer than all the rest; the environment is as it was. */
static void test_no_plugins_are_loaded(void **state)
{
    struct fixture *f = *state;
    unsigned long long before = libraries_loaded();

    unsetenv("HWLOC_PLUGINS_PATH");
    assert_int_equal(load(f), 0);
    assert_true(libraries_loaded() == before);
    assert_null(getenv("HWLOC_PLUGINS_PATH"));
    setenv("HWLOC_PLUGINS_PATH", "/none", 1);
    assert_int_equal(load(f), 0);
    assert_string_equal(getenv("HWLOC_PLUGINS_PATH"), "/none");
    unsetenv("HWLOC_PLUGINS_PATH");
}

static void test_affinity_mask(void **state)
{
    struct fixture *f = *state;
    size_t size = CPU_ALLOC_SIZE(65536);
    cpu_set_t *before = CPU_ALLOC(65536), *one = CPU_ALLOC(65536);
    unsigned machine;
    int os, rc;

    assert_non_null(before);
    assert_non_null(one);
    assert_int_equal(sched_getaffinity(0, size, before), 0);
    assert_int_equal(load(f), 0);
    machine = f->topology->machine_cpus;
    os = f->topology->cpus[f->topology->cpu_count - 1].os;
    CPU_ZERO_S(size, one);
    CPU_SET_S((size_t)os, size, one);
    assert_int_equal(sched_setaffinity(0, size, one), 0);
    rc = load(f);
    assert_int_equal(sched_setaffinity(0, size, before), 0);
    CPU_FREE(before);
    CPU_FREE(one);
    assert_int_equal(rc, 0);
    assert_int_equal(f->topology->cpu_count, 1);
    assert_int_equal(f->topology->cpus[0].os, os);
    assert_int_equal(f->topology->cpus[0].rank, 0);
    assert_int_equal(f->topology->machine_cpus, machine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_packages),          TEST(test_nodes_and_caches),
        TEST(test_cpus_without_cores),    TEST(test_os_numbers),
        TEST(test_bad_descriptions),      TEST(test_hybrid),
        TEST(test_restricted_xml),        TEST(test_described_is_never_real),
        TEST(test_this_machine),          TEST(test_affinity_mask),
        TEST(test_no_plugins_are_loaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
