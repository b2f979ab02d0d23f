/* Whether a stack goes through MPI, by names. */
#include "fixture.h"

#include "mpi_frames.h"

static struct ps_frame frame(const char *function, const char *module)
{
    return (struct ps_frame){.function = function, .module = module};
}

static void test_libraries(void **state)
{
    const struct ps_frame spins[] = {frame(NULL, "libopen-pal.so.40.30.2"), frame("solve", "app"),
                                     frame("main", "app")};
    const struct ps_frame polls[] = {frame("poll", "libc.so.6"), frame(NULL, "libmpich.so.12.2.0"),
                                     frame("main", "app")};
    const struct ps_frame computes[] = {frame("sin", "libm.so.6"), frame("main", "app")};

    assert_int_equal(ps_mpi_where(spins, 3), PS_INSIDE_MPI);
    assert_int_equal(ps_mpi_where(polls, 3), PS_INSIDE_MPI);
    assert_int_equal(ps_mpi_where(computes, 2), PS_OUTSIDE_MPI);
    assert_int_equal(ps_mpi_where(computes, 0), PS_OUTSIDE_MPI);
}

/* What MPI calls back is part of the call. */
static void test_called_back(void **state)
{
    const struct ps_frame stack[] = {frame("add", "app"), frame("MPI_Allreduce", "libmpi.so.40"),
                                     frame("main", "app")};

    assert_int_equal(ps_mpi_where(stack, 3), PS_INSIDE_MPI);
}

/* Names of functions count where MPI is part of the program, and not in other libraries. */
static void test_linked_in(void **state)
{
    const struct ps_frame in[] = {frame("MPIDI_progress", "app"), frame("main", "app")};
    const struct ps_frame other[] = {frame("MPI_like", "libother.so.1"), frame("main", "app")};
    const struct ps_frame solver[] = {frame("MPIDI_progress", "jane.solomon"), frame("main", "a")};
    const struct ps_frame below[] = {frame("MPIDI_progress", "/lib.so/app"), frame("main", "a")};

    assert_int_equal(ps_mpi_where(in, 2), PS_INSIDE_MPI);
    assert_int_equal(ps_mpi_where(other, 2), PS_OUTSIDE_MPI);
    assert_int_equal(ps_mpi_where(solver, 2), PS_INSIDE_MPI);
    assert_int_equal(ps_mpi_where(below, 2), PS_INSIDE_MPI);
}

static void test_ends(void **state)
{
    const struct ps_frame init[] = {frame(NULL, "libpmix.so.2"),
                                    frame("ompi_mpi_init", "libmpi.so.40")};
    const struct ps_frame fortran[] = {frame("mpi_finalize_", "libmpi_mpifh.so.40")};
    const struct ps_frame asks[] = {frame("MPI_Initialized", "libmpi.so.40")};
    const struct ps_frame own[] = {frame("after_mpi_init", "app")};

    assert_int_equal(ps_mpi_where(init, 2), PS_IN_MPI_INIT);
    assert_int_equal(ps_mpi_where(fortran, 1), PS_IN_MPI_FINALIZE);
    assert_int_equal(ps_mpi_where(asks, 1), PS_INSIDE_MPI);
    assert_int_equal(ps_mpi_where(own, 1), PS_OUTSIDE_MPI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libraries),
        cmocka_unit_test(test_called_back),
        cmocka_unit_test(test_linked_in),
        cmocka_unit_test(test_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
