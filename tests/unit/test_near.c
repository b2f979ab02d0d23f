#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "near.h"
#include "topology.h"

struct fixture {
    struct ps_arena arena;
    struct ps_topology *topology;
    struct ps_err error;
    struct ps_near near;
    int *cpus;
};

static int setup(void **state)
{
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_FSROOT");
    unsetenv("HWLOC_SYNTHETIC");
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ps_near_finish(&f->near);
    unsetenv("HWLOC_SYNTHETIC");
    unsetenv("HWLOC_FSROOT");
    return fixture_end(state);
}

/* As many workers, placed on that machine. */
static void place(struct fixture *f, const char *variable, const char *machine,
                  enum ps_placement placement, unsigned workers)
{
    setenv(variable, machine, 1);
    assert_int_equal(ps_topology_load(&f->arena, &f->topology, &f->error), 0);
    f->cpus = ps_arena_array(&f->arena, workers, sizeof *f->cpus);
    ps_place(f->topology, placement, NULL, 0, workers, f->cpus);
    ps_near_finish(&f->near);
    assert_int_equal(ps_near_init(&f->near, f->topology, f->cpus, workers), 0);
}

static const struct ps_cpu *cpu_of(const struct fixture *f, unsigned worker)
{
    return ps_topology_cpu(f->topology, f->cpus[worker]);
}

enum place { MACHINE, PACKAGE, NODE, L3, CORE };

/* The smallest place that both are in. */
static enum place shared(const struct fixture *f, unsigned a, unsigned b)
{
    const struct ps_cpu *x = cpu_of(f, a), *y = cpu_of(f, b);

    if (x->package != y->package)
        return MACHINE;
    if (x->node != y->node)
        return PACKAGE;
    if (x->l3 != y->l3)
        return NODE;
    return x->core != y->core ? L3 : CORE;
}

/* Edges of the tree by the smallest place that both ends are in, as text; and that it is a tree
 * with the parents that it says. */
static void assert_tree(struct fixture *f, unsigned most_steps, const char *expected)
{
    const struct ps_near *n = &f->near;
    unsigned edges[CORE + 1] = {0}, reached = 1, steps = 0;
    unsigned *depth = ps_arena_array(&f->arena, n->count, sizeof *depth);
    unsigned *queue = ps_arena_array(&f->arena, n->count, sizeof *queue);
    char text[100];

    for (unsigned i = 0; i < reached; i++) {
        const struct ps_near_worker *w = &n->workers[queue[i]];

        assert_true(w->child_count <= PS_NEAR_CHILDREN);
        for (unsigned k = 0; k < w->child_count; k++) {
            unsigned child = w->children[k];

            assert_int_equal(n->workers[child].parent, queue[i]);
            assert_true(reached < n->count);
            depth[child] = depth[queue[i]] + 1;
            steps = depth[child] > steps ? depth[child] : steps;
            edges[shared(f, queue[i], child)]++;
            queue[reached++] = child;
        }
    }
    assert_int_equal(reached, n->count);
    snprintf(text, sizeof text, "machine %u, package %u, node %u, L3 %u, core %u", edges[MACHINE],
             edges[PACKAGE], edges[NODE], edges[L3], edges[CORE]);
    assert_string_equal(text, expected);
    assert_true(steps <= most_steps);
}

/* Each other once, none nearer than one before it. */
static void assert_walk(const struct fixture *f, unsigned self, struct ps_rng *rng)
{
    unsigned char *seen = test_calloc(f->near.count, 1);
    enum place last = CORE;
    unsigned other, count = 0;

    for (struct ps_near_walk k = ps_near_walk(&f->near, self, rng); ps_near_next(&k, &other);) {
        assert_true(other < f->near.count && other != self && !seen[other]);
        assert_true(shared(f, self, other) <= last);
        seen[other] = 1;
        last = shared(f, self, other);
        count++;
    }
    assert_int_equal(count + 1, f->near.count);
    test_free(seen);
}

static void assert_walks(const struct fixture *f)
{
    struct ps_rng rng = {1};

    for (unsigned self = 0; self<f->near.count; self += f->near.count> 64 ? 17 : 1) {
        assert_walk(f, self, NULL);
        assert_walk(f, self, &rng);
    }
}

static void test_one_package(void **state)
{
    struct fixture *f = *state;

    place(f, "HWLOC_SYNTHETIC", "pack:1 l3:2 core:4 pu:2", PS_PLACE_COMPACT, 16);
    assert_tree(f, 4, "machine 0, package 0, node 1, L3 6, core 8");
    assert_walks(f);
    place(f, "HWLOC_SYNTHETIC", "pack:1 l3:2 core:4 pu:2", PS_PLACE_SPREAD, 8);
    assert_tree(f, 3, "machine 0, package 0, node 1, L3 6, core 0");
    assert_walks(f);
}

/* Workers take turns over the packages, but only one wake-up goes from one to the other. */
static void test_two_packages(void **state)
{
    struct fixture *f = *state;

    place(f, "HWLOC_SYNTHETIC", "pack:2 core:4 pu:2", PS_PLACE_SPREAD, 8);
    assert_int_equal(shared(f, 0, 1), MACHINE);
    assert_tree(f, 3, "machine 1, package 0, node 0, L3 6, core 0");
    assert_int_equal(shared(f, 0, f->near.workers[0].children[0]), MACHINE);
    assert_walks(f);
    place(f, "HWLOC_SYNTHETIC", "pack:2 core:4 pu:2", PS_PLACE_SPREAD, 5);
    assert_tree(f, 3, "machine 1, package 0, node 0, L3 3, core 0");
    assert_walks(f);
}

static void test_four_nodes(void **state)
{
    struct fixture *f = *state;

    place(f, "HWLOC_SYNTHETIC", "pack:2 numa:2 l3:2 core:4 pu:1", PS_PLACE_SPREAD, 32);
    assert_tree(f, 5, "machine 1, package 2, node 4, L3 24, core 0");
    assert_walks(f);
    place(f, "HWLOC_SYNTHETIC", "pack:4 numa:1 core:8 pu:1", PS_PLACE_COMPACT, 32);
    assert_tree(f, 5, "machine 3, package 0, node 0, L3 28, core 0");
    assert_walks(f);
    /* 8, 8 and 5 of them. */
    place(f, "HWLOC_SYNTHETIC", "pack:4 numa:1 core:8 pu:1", PS_PLACE_COMPACT, 21);
    assert_tree(f, 5, "machine 2, package 0, node 0, L3 18, core 0");
    assert_walks(f);
}

/* Faster cores first, where worker 0 is: two of two CPUs each, and two others. */
static void test_hybrid(void **state)
{
    struct fixture *f = *state;
    const char *data = getenv("TEST_DATA");
    char root[4096];

    snprintf(root, sizeof root, "%s/host-hybrid", data ? data : "tests/unit/data");
    place(f, "HWLOC_FSROOT", root, PS_PLACE_COMPACT, 6);
    assert_int_equal(cpu_of(f, 0)->kind, 1);
    assert_int_equal(shared(f, 0, f->near.order[1]), CORE);
    assert_tree(f, 3, "machine 0, package 0, node 0, L3 3, core 2");
    assert_walks(f);
}

static void test_4096_cpus(void **state)
{
    struct fixture *f = *state;

    place(f, "HWLOC_SYNTHETIC", "pack:8 numa:4 l3:4 core:16 pu:2", PS_PLACE_SPREAD, 4096);
    assert_tree(f, 12, "machine 7, package 24, node 96, L3 1920, core 2048");
    assert_walks(f);
    place(f, "HWLOC_SYNTHETIC", "pack:8 numa:4 l3:4 core:16 pu:2", PS_PLACE_SPREAD, 4095);
    assert_tree(f, 12, "machine 7, package 24, node 96, L3 1920, core 2047");
    place(f, "HWLOC_SYNTHETIC", "pack:8 numa:4 l3:4 core:16 pu:2", PS_PLACE_COMPACT, 1000);
    assert_tree(f, 10, "machine 1, package 6, node 24, L3 468, core 500");
}

/* Two workers on each CPU are nearest to each other. */
static void test_more_workers_than_cpus(void **state)
{
    struct fixture *f = *state;

    place(f, "HWLOC_SYNTHETIC", "pack:2 core:2 pu:1", PS_PLACE_SPREAD, 8);
    assert_tree(f, 3, "machine 1, package 0, node 0, L3 2, core 4");
    assert_walks(f);
}

static void test_nothing_is_known(void **state)
{
    struct fixture *f = *state;
    const int cpus[5] = {-1, -1, -1, -1, -1};
    unsigned other, count = 0;

    assert_int_equal(ps_near_init(&f->near, NULL, cpus, 5), 0);
    assert_int_equal(f->near.workers[0].child_count, 2);
    assert_int_equal(f->near.workers[0].ring_count, 1);
    for (struct ps_near_walk k = ps_near_walk(&f->near, 2, NULL); ps_near_next(&k, &other);)
        count += other != 2;
    assert_int_equal(count, 4);
    ps_near_finish(&f->near);
    assert_int_equal(ps_near_init(&f->near, NULL, cpus, 1), 0);
    assert_int_equal(f->near.workers[0].child_count, 0);
    assert_int_equal(f->near.workers[0].ring_count, 0);
}

/* Thieves of one ring do not all begin with the same victim. */
static void test_first_victims_differ(void **state)
{
    struct fixture *f = *state;
    struct ps_rng rng = {7};
    unsigned begun[8] = {0}, other = 0;

    place(f, "HWLOC_SYNTHETIC", "pack:2 core:4 pu:1", PS_PLACE_COMPACT, 8);
    for (int i = 0; i < 1000; i++) {
        struct ps_near_walk k = ps_near_walk(&f->near, 0, &rng);

        assert_true(ps_near_next(&k, &other));
        begun[other]++;
    }
    for (unsigned i = 1; i < 4; i++)
        assert_in_range(begun[i], 250, 420);
    assert_int_equal(begun[1] + begun[2] + begun[3], 1000);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_package),      TEST(test_two_packages),
        TEST(test_four_nodes),       TEST(test_hybrid),
        TEST(test_4096_cpus),        TEST(test_more_workers_than_cpus),
        TEST(test_nothing_is_known), TEST(test_first_victims_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
