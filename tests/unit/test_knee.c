/* Thread counts that a sweep chooses by itself. */
#include <math.h>

#include "fixture.h"

#include "knee.h"

#define MOST 64

/* Passes of three counts, over a curve that grows to `knee` and is flat from there. */
static size_t explore(struct ps_knee_point *x, unsigned cpus, unsigned knee)
{
    unsigned candidates[256];
    size_t count = 2, added;

    for (unsigned i = 0; i < cpus; i++)
        candidates[i] = i + 1;
    x[0] = (struct ps_knee_point){1, NAN};
    x[1] = (struct ps_knee_point){cpus, NAN};
    do {
        for (size_t i = 0; i < count; i++)
            x[i].speedup = fmin(x[i].threads, knee);
        added = ps_knee_add(x, count, candidates, cpus, 3);
        count += added;
    } while (added && count + 3 < MOST);
    return count;
}

static void test_more_around_the_knee(void **state)
{
    struct ps_knee_point x[MOST];
    size_t count = explore(x, 128, 20), near = 0;

    assert_true(count <= 16);
    for (size_t i = 0; i < count; i++) {
        near += x[i].threads >= 14 && x[i].threads <= 28;
        if (i)
            assert_true(x[i].threads > x[i - 1].threads && x[i].threads <= 2.3 * x[i - 1].threads);
    }
    assert_true(near >= 4);
}

/* Where nothing is between, nothing is added; two CPUs are both measured. */
static void test_few_cpus(void **state)
{
    struct ps_knee_point x[MOST];

    assert_int_equal(explore(x, 2, 2), 2);
    assert_int_equal(explore(x, 4, 4), 4);
}

/* Only what may be chosen is. */
static void test_candidates(void **state)
{
    const unsigned candidates[] = {1, 10, 64};
    struct ps_knee_point x[8] = {{1, 1}, {64, 30}};

    assert_int_equal(ps_knee_add(x, 2, candidates, 3, 5), 1);
    assert_int_equal(x[1].threads, 10);
    assert_true(isnan(x[1].speedup));
    assert_int_equal(x[2].threads, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_around_the_knee),
        cmocka_unit_test(test_few_cpus),
        cmocka_unit_test(test_candidates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
