#include "seen.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Programs without MPI get the library too, shells for one: nothing of MPI may be needed to load
 * it. */
#pragma weak PMPI_Init
#pragma weak PMPI_Init_thread
#pragma weak PMPI_Finalize
#pragma weak PMPI_Finalized
#pragma weak PMPI_Initialized
#pragma weak PMPI_Barrier
#pragma weak PMPI_Type_size
#ifdef OPEN_MPI
#pragma weak ompi_mpi_comm_world
#pragma weak ompi_mpi_datatype_null
#endif

struct seen ps_mpi_seen;
_Thread_local bool ps_mpi_main;

static struct ps_call_page *mapped; /* NULL: there is none */

__attribute__((constructor)) static void map_page(void)
{
    const char *path = getenv(PS_CALL_VARIABLE);
    const int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    struct stat st;
    void *p = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size == (off_t)sizeof *mapped)
        p = mmap(NULL, sizeof *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (p == MAP_FAILED || ((struct ps_call_page *)p)->magic != PS_CALL_MAGIC)
        return;
    mapped = p;
    /* relaxed: read when all have ended */
    atomic_fetch_add_explicit(&mapped->loaded, 1, memory_order_relaxed);
}

/* MPI_Init of another language does not come here. */
__attribute__((destructor)) static void look_for_others(void)
{
    int initialized = 0;

    if (!mapped || ps_mpi_seen.page || !PMPI_Initialized || !PMPI_Finalized)
        return;
    if (PMPI_Initialized(&initialized) == MPI_SUCCESS && initialized)
        mapped->unseen = 1;
}

static uint64_t cpu_ns(void)
{
    return ps_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* All ranks begin at about the same moment, whose skew is that of a barrier. */
static void start(uint64_t begun)
{
    uint32_t nobody = 0;

    ps_mpi_main = true;
    PMPI_Barrier(MPI_COMM_WORLD);
    /* relaxed: no other process reads what the owner writes before it has ended */
    if (!mapped ||
        !atomic_compare_exchange_strong_explicit(&mapped->owner, &nobody, (uint32_t)getpid(),
                                                 memory_order_relaxed, memory_order_relaxed))
        return;
    ps_mpi_seen.page = mapped;
    ps_mpi_comms_start();
    ps_mpi_counts_start();
    mapped->init_cpu_ns = cpu_ns();
    mapped->init_ns = ps_now_ns();
    mapped->init_ticks = ps_mpi_seen.left = ps_ticks();
    mapped->init_cost_ns = mapped->init_ns - begun;
}

/* Of a program that loads MPI by itself, as Python does: what is bound at the start is not there,
 * and calls are bound when they are made, if they can be found. They are passed on, and no more. */
static void find_late(void)
{
#ifdef OPEN_MPI
    static const char *const names[] = {"libmpi.so.40"};
#else
    static const char *const names[] = {"libmpich.so.12", "libmpi.so.12"};
#endif

    if (PMPI_Initialized)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        dlopen(names[i], RTLD_LAZY | RTLD_NOLOAD | RTLD_GLOBAL);
    if (mapped)
        mapped->unseen = 1;
    mapped = NULL;
}

int MPI_Init(int *argc, char ***argv)
{
    const uint64_t begun = ps_now_ns();
    int result;

    find_late();
    result = PMPI_Init(argc, argv);
    if (result == MPI_SUCCESS && mapped)
        start(begun);
    return result;
}

int MPI_Init_thread(int *argc, char ***argv, int wanted, int *provided)
{
    const uint64_t begun = ps_now_ns();
    int result;

    find_late();
    result = PMPI_Init_thread(argc, argv, wanted, provided);
    if (result == MPI_SUCCESS && mapped)
        start(begun);
    return result;
}

/* Waiting for the last rank is part of the run; what MPI does to end is not. */
int MPI_Finalize(void)
{
    struct ps_call_page *page = ps_mpi_seen.page;
    int result;

    if (!page || !ps_mpi_main)
        return PMPI_Finalize();
    enter(PS_MPI_COLLECTIVE);
    PMPI_Barrier(MPI_COMM_WORLD);
    ps_mpi_event(PS_CALL_ALL, MPI_COMM_WORLD, 0, 0);
    leave(PS_MPI_COLLECTIVE, 0);
    ps_mpi_counts_end();
    page->end_cpu_ns = cpu_ns();
    page->end_ticks = ps_ticks();
    page->end_ns = ps_now_ns();
    page->finalized = 1;
    result = PMPI_Finalize();
    page->end_cost_ns = ps_now_ns() - page->end_ns;
    return result;
}

uint64_t ps_mpi_bytes(int64_t count, MPI_Datatype type)
{
    int size = 0;

    if (count <= 0 || type == MPI_DATATYPE_NULL || PMPI_Type_size(type, &size) != MPI_SUCCESS ||
        size < 0)
        return 0;
    return (uint64_t)count * (uint64_t)size;
}
