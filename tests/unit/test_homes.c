#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"
#include "homes.h"
#include "memory.h"
#include "topology.h"

struct fixture {
    struct ps_arena arena;
    struct ps_topology *topology;
    struct ps_err error;
    struct ps_homes homes;
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
    ps_homes_finish(&((struct fixture *)*state)->homes);
    unsetenv("HWLOC_SYNTHETIC");
    return fixture_end(state);
}

static void place(struct fixture *f, const char *machine, enum ps_placement placement,
                  unsigned workers)
{
    int *cpus;

    setenv("HWLOC_SYNTHETIC", machine, 1);
    assert_int_equal(ps_topology_load(&f->arena, &f->topology, &f->error), 0);
    cpus = ps_arena_array(&f->arena, workers, sizeof *cpus);
    ps_place(f->topology, placement, NULL, 0, workers, cpus);
    ps_homes_finish(&f->homes);
    assert_int_equal(ps_homes_init(&f->homes, f->topology, cpus, workers), 0);
}

static void assert_home(const struct fixture *f, unsigned i, unsigned node, size_t pages,
                        size_t begin, size_t end)
{
    const struct ps_home *home = &f->homes.homes[i];
    struct ps_page_range range = ps_home_pages(&f->homes, home, pages);

    assert_true(i < f->homes.count);
    assert_int_equal(ps_topology_cpu(f->topology, home->cpu)->node, node);
    assert_int_equal(range.begin, begin);
    assert_int_equal(range.end, end);
}

static void test_one_node(void **state)
{
    struct fixture *f = *state;

    place(f, "pack:2 core:8 pu:2", PS_PLACE_COMPACT, 32);
    assert_int_equal(f->homes.count, f->topology->nodes < 2 ? 0 : f->topology->nodes);
    place(f, "node:1 core:8 pu:2", PS_PLACE_SPREAD, 16);
    assert_int_equal(f->homes.count, 0);
}

static void test_workers_side_by_side_have_one_home(void **state)
{
    struct fixture *f = *state;

    place(f, "node:4 core:4 pu:1", PS_PLACE_COMPACT, 16);
    assert_int_equal(f->homes.count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_home(f, i, i, 1600, 400 * i, 400 * (i + 1));
}

/* The first workers have the odd pages, as they have the odd items. */
static void test_all_pages_are_somebodys(void **state)
{
    struct fixture *f = *state;
    size_t next = 0;

    place(f, "node:3 core:2 pu:1", PS_PLACE_COMPACT, 5);
    for (unsigned i = 0; i < f->homes.count; i++) {
        struct ps_page_range range = ps_home_pages(&f->homes, &f->homes.homes[i], 13);

        assert_int_equal(range.begin, next);
        next = range.end;
    }
    assert_int_equal(next, 13);
    assert_home(f, 0, 0, 13, 0, 6);
    assert_home(f, 2, 2, 13, 11, 13);
}

static void test_workers_in_turns(void **state)
{
    struct fixture *f = *state;

    place(f, "node:2 core:4 pu:1", PS_PLACE_SPREAD, 4);
    assert_int_equal(f->homes.count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_home(f, i, i % 2, 40, 10 * i, 10 * (i + 1));
}

static void test_unpinned(void **state)
{
    struct fixture *f = *state;
    const int cpus[] = {0, -1};

    place(f, "node:2 core:1 pu:1", PS_PLACE_SPREAD, 2);
    ps_homes_finish(&f->homes);
    assert_int_equal(ps_homes_init(&f->homes, f->topology, cpus, 2), 0);
    assert_int_equal(f->homes.count, 0);
}

/* Any CPU that this thread may use stands for both; a refused one leaves the rest alone. */
static void test_touching_keeps_zeros_and_the_affinity(void **state)
{
    struct fixture *f = *state;
    struct ps_home homes[] = {{sched_getcpu(), 0, 1}, {8191, 1, 2}};
    const struct ps_homes h = {homes, 2, 2};
    struct ps_memory m;
    cpu_set_t before, after;
    unsigned char *p;

    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    ps_memory_init(&m);
    m.homes = &h;
    p = parscope_alloc(&m.abi, 100000, 1);
    assert_non_null(p);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(p[i], 0);
    p[99999] = 7;
    assert_int_equal(ps_memory_share(&m), 0);
    assert_int_equal(p[99999], 7);
    ps_memory_finish(&m);
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
    (void)f;
}

/* Of what was touched here all lies on nodes of this machine; of what nobody touched nothing. */
static void test_counting(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = 64 * page, all = 0;
    size_t on[PS_NODES] = {0};
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(p, MAP_FAILED);
    madvise(p, bytes, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < 32; i++)
        p[i * page] = 1;
    if (ps_pages_count(p, bytes, 16, on)) {
        for (int i = 0; i < PS_NODES; i++)
            all += on[i];
        assert_int_equal(all, 8);
    }
    munmap(p, bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_node, setup, teardown),
        cmocka_unit_test_setup_teardown(test_workers_side_by_side_have_one_home, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_pages_are_somebodys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_workers_in_turns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unpinned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_touching_keeps_zeros_and_the_affinity, setup,
                                        teardown),
        cmocka_unit_test(test_counting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
