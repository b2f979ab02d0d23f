/* When the time inside MPI can't be told from samples: before any stack is read. */
#include "fixture.h"

#include <string.h>

#include "sampled.h"

static const char *told(const char *path, size_t alive, size_t hidden)
{
    struct ps_mapping mapping = {.inode = 1, .path = path};
    struct ps_space space = {.pid = 1, .mappings = &mapping, .count = 1};
    struct ps_observation *n = calloc(1, sizeof *n);
    struct ps_rank r = {.rank = 0};
    const char *why;

    assert_non_null(n);
    n->spaces = (struct ps_spaces){.spaces = &space, .count = 1};
    n->timeline.most_alive = alive;
    n->looks = 100;
    n->hidden = hidden;
    why = ps_sampled_take(n, 0, 1, &r);
    assert_true(r.mpi == PS_RANK_MPI_UNKNOWN);
    free(n);
    return why;
}

/* What waits for MPI there would count as computing. */
static void test_waits_that_are_not_seen(void **state)
{
    const char mpi[] = "/usr/lib/libmpi.so.40";

    assert_non_null(strstr(told(mpi, 65, 0), "more threads"));
    assert_non_null(strstr(told(mpi, 64, 11), "does not permit"));
    assert_non_null(strstr(told(mpi, 64, 10), "no sample"));
    assert_non_null(strstr(told("/usr/lib/libm.so.6", 65, 11), "no sample"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_that_are_not_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
