/* A program for MPI whose losses are planted: what each rank computes lasts as long as it is told
 * to, by the clock. */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int rank, size;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void compute(double seconds)
{
    for (const double end = now() + seconds; now() < end;)
        ;
}

/* The last rank computes for the time, the others for so much that the mean is 0.8 of it. */
static void imbalance(double seconds)
{
    const double others = size > 1 ? (0.8 * size - 1) / (size - 1) : 1;

    compute(rank == size - 1 ? seconds : others * seconds);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Each rank begins when the one before it has ended. */
static void chain(double seconds)
{
    int token = 0;

    if (rank > 0)
        MPI_Recv(&token, 1, MPI_INT, rank - 1, 7, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    compute(seconds);
    if (rank < size - 1)
        MPI_Send(&token, 1, MPI_INT, rank + 1, 7, MPI_COMM_WORLD);
}

/* The same by requests, in a communicator in which the ranks have other numbers. */
static void chain_later(double seconds)
{
    MPI_Request requests[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
    MPI_Comm turned;
    int in = 0, out = 0, own;

    MPI_Comm_split(MPI_COMM_WORLD, 0, -rank, &turned);
    MPI_Comm_rank(turned, &own);
    if (own < size - 1)
        MPI_Irecv(&in, 1, MPI_INT, own + 1, MPI_ANY_TAG, turned, &requests[0]);
    MPI_Waitall(1, requests, MPI_STATUSES_IGNORE);
    compute(seconds);
    if (own > 0)
        MPI_Isend(&out, 1, MPI_INT, own - 1, 3, turned, &requests[1]);
    MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
    MPI_Comm_free(&turned);
}

static double slow_seconds;

static void slow(void *in, void *out, int *count, MPI_Datatype *type)
{
    compute(slow_seconds);
}

/* A quarter of the time goes into the communication itself: into an operation that is slow. */
static void communicate(double seconds)
{
    int mine = rank, all = 0;
    MPI_Op op;

    slow_seconds = seconds / 3;
    MPI_Op_create(slow, 1, &op);
    compute(seconds);
    MPI_Allreduce(&mine, &all, 1, MPI_INT, op, MPI_COMM_WORLD);
    MPI_Op_free(&op);
}

/* The last rank ends in a way of its own. */
static void end_badly(const char *how)
{
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == size - 1) {
        if (!strcmp(how, "crash"))
            raise(SIGSEGV);
        if (!strcmp(how, "orphan"))
            kill(getppid(), SIGKILL);
        if (!strcmp(how, "status"))
            _exit(3);
    }
    for (;;)
        MPI_Barrier(MPI_COMM_WORLD);
}

/* Arguments that a call does not look at, of no type. */
static void in_place(void)
{
    const MPI_Datatype none = MPI_DATATYPE_NULL;
    int all[64] = {0}, *root = rank == 0 ? all : NULL;

    MPI_Allgather(MPI_IN_PLACE, 1, none, all, 1, MPI_INT, MPI_COMM_WORLD);
    MPI_Alltoall(MPI_IN_PLACE, 1, none, all, 1, MPI_INT, MPI_COMM_WORLD);
    if (rank == 0) {
        MPI_Gather(MPI_IN_PLACE, 1, none, root, 1, MPI_INT, 0, MPI_COMM_WORLD);
        MPI_Scatter(root, 1, MPI_INT, MPI_IN_PLACE, 1, none, 0, MPI_COMM_WORLD);
    } else {
        MPI_Gather(all, 1, MPI_INT, NULL, 0, none, 0, MPI_COMM_WORLD);
        MPI_Scatter(NULL, 0, none, all, 1, MPI_INT, 0, MPI_COMM_WORLD);
    }
}

/* Two collective calls among neighbours in a ring. */
static void neighbours(void)
{
    const int from = (rank + size - 1) % size, to = (rank + 1) % size, one = 1, zero = 0;
    int got = -1;
    MPI_Comm ring;

    MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 1, &from, &one, 1, &to, &one, MPI_INFO_NULL, 0,
                                   &ring);
    MPI_Neighbor_allgatherv(&rank, 1, MPI_INT, &got, &one, &zero, MPI_INT, ring);
    if (got != from)
        MPI_Abort(MPI_COMM_WORLD, 4);
}

/* Three calls with large counts, where the MPI has them. */
static void large(void)
{
#if MPI_VERSION >= 4
    int token = rank, all = 0;

    if (rank == 0)
        MPI_Send_c(&token, 1, MPI_INT, 1, 5, MPI_COMM_WORLD);
    else
        MPI_Recv_c(&token, 1, MPI_INT, 0, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Allreduce_c(&token, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Bcast_c(&all, 1, MPI_INT, 0, MPI_COMM_WORLD);
#else
    if (rank == 0)
        printf("none\n");
#endif
}

/* Calls that have nothing to do, and what each takes. */
static void cost(int calls)
{
    double begun;
    int flag;

    begun = now();
    for (int i = 0; i < calls; i++)
        MPI_Iprobe(MPI_PROC_NULL, 0, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
    if (rank == 0)
        printf("%.1f\n", (now() - begun) / calls * 1e9);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const double seconds = argc > 2 ? atof(argv[2]) : 0.1;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (!strcmp(what, "imbalance"))
        imbalance(seconds);
    else if (!strcmp(what, "chain"))
        chain(seconds);
    else if (!strcmp(what, "chain-later"))
        chain_later(seconds);
    else if (!strcmp(what, "communicate"))
        communicate(seconds);
    else if (!strcmp(what, "cost"))
        cost((int)seconds);
    else if (!strcmp(what, "neighbours"))
        neighbours();
    else if (!strcmp(what, "large"))
        large();
    else if (!strcmp(what, "in-place"))
        in_place();
    else
        end_badly(what);
    MPI_Finalize();
    return 0;
}
