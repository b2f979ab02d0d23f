#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "clusters.h"
#include "fixture.h"
#include "rng.h"

enum { CPUS = 32 };

struct fixture {
    struct ps_arena arena;
    float trips[CPUS * (CPUS - 1) / 2];
    struct ps_cluster_level *levels;
    size_t count;
};

static int setup(void **state)
{
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

/* Two sockets of two caches of four cores of two CPUs, which are i and i + 16; trips vary by 10 %.
 */
static unsigned core(size_t i)
{
    return (unsigned)i % 16;
}

static double distance(size_t i, size_t j)
{
    return core(i) == core(j)           ? 15
           : core(i) / 4 == core(j) / 4 ? 50
           : core(i) / 8 == core(j) / 8 ? 120
                                        : 400;
}

static void fill(struct fixture *f, size_t n)
{
    struct ps_rng rng = {3};

    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            f->trips[ps_trip_index(n, i, j)] =
                (float)(distance(i, j) * (1 + 0.1 * ps_rng_unit(&rng)));
}

static void assert_groups(const struct ps_cluster_level *l, unsigned cores_each)
{
    unsigned expected[CPUS];

    for (size_t i = 0; i < CPUS; i++)
        expected[i] = core(i) / cores_each;
    assert_int_equal(l->groups, 16 / cores_each);
    assert_true(ps_same_groups(l->group, expected, CPUS));
}

static void test_index(void **state)
{
    size_t next = 0;

    for (size_t i = 0; i < 5; i++)
        for (size_t j = i + 1; j < 5; j++, next++) {
            assert_int_equal(ps_trip_index(5, i, j), next);
            assert_int_equal(ps_trip_index(5, j, i), next);
        }
}

static void test_cores_caches_sockets(void **state)
{
    struct fixture *f = *state;

    fill(f, CPUS);
    ps_clusters(&f->arena, f->trips, CPUS, &f->levels, &f->count);
    assert_int_equal(f->count, 3);
    assert_groups(&f->levels[0], 1);
    assert_groups(&f->levels[1], 4);
    assert_groups(&f->levels[2], 8);
    assert_true(f->levels[0].within < 17 && f->levels[0].beyond >= 50);
    assert_true(f->levels[2].within < 140 && f->levels[2].beyond >= 400);
}

/* Half of the pairs are enough here: groups need a path, not every pair. */
static void test_missing_pairs(void **state)
{
    struct fixture *f = *state;
    struct ps_rng rng = {11};

    fill(f, CPUS);
    for (size_t i = 0; i < CPUS; i++)
        for (size_t j = i + 1; j < CPUS; j++)
            if (core(i) != core(j) && ps_rng_unit(&rng) < 0.5)
                f->trips[ps_trip_index(CPUS, i, j)] = NAN;
    ps_clusters(&f->arena, f->trips, CPUS, &f->levels, &f->count);
    assert_int_equal(f->count, 3);
    assert_groups(&f->levels[0], 1);
    assert_groups(&f->levels[2], 8);
}

static void test_all_alike(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < 8 * 7 / 2; i++)
        f->trips[i] = 100 + (float)i;
    ps_clusters(&f->arena, f->trips, 8, &f->levels, &f->count);
    assert_int_equal(f->count, 0);
}

static void test_nothing_measured(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < 8 * 7 / 2; i++)
        f->trips[i] = NAN;
    ps_clusters(&f->arena, f->trips, 8, &f->levels, &f->count);
    assert_int_equal(f->count, 0);
    ps_clusters(&f->arena, f->trips, 2, &f->levels, &f->count);
    assert_int_equal(f->count, 0);
    ps_clusters(&f->arena, f->trips, 1, &f->levels, &f->count);
    assert_int_equal(f->count, 0);
}

static void test_same_groups(void **state)
{
    const unsigned a[] = {0, 0, 1, 1}, b[] = {7, 7, 2, 2}, c[] = {0, 1, 0, 1};

    assert_true(ps_same_groups(a, b, 4));
    assert_false(ps_same_groups(a, c, 4));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_index),     TEST(test_cores_caches_sockets), TEST(test_missing_pairs),
        TEST(test_all_alike), TEST(test_nothing_measured),     TEST(test_same_groups),
    };

    return cmocka_run_group_tests_name("clusters", tests, NULL, NULL);
}
