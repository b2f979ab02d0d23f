/* Instructions and cycles outside MPI: those of the thread that called MPI_Init and of all threads
 * that it starts from then on, less those of this thread inside MPI, which are read in user mode
 * at each call: a system call would cost ten times as much. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pmc.h"
#include "seen.h"

bool ps_mpi_counting;

static struct perf_event_mmap_page *pages[PS_CALL_COUNTS]; /* of this thread */
static int totals[PS_CALL_COUNTS] = {-1, -1};              /* with those it starts */

static int open_event(uint64_t what, bool inherit)
{
    struct perf_event_attr attr = {
        .size = sizeof attr,
        .type = PERF_TYPE_HARDWARE,
        .config = what,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .inherit = inherit,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
    };

    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* 0, or why not. */
static int open_counter(unsigned i, uint64_t what)
{
    const int own = open_event(what, false);
    void *page;
    uint64_t value;

    if (own < 0)
        return errno;
    page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, own, 0);
    close(own); /* the page keeps it */
    if (page == MAP_FAILED)
        return PS_CALL_NOT_READABLE;
    pages[i] = page;
    if (!ps_pmc_read(page, &value))
        return PS_CALL_NOT_READABLE;
    totals[i] = open_event(what, true);
    return totals[i] < 0 ? errno : 0;
}

/* One alone says nothing, and would keep others from the counter. */
static void close_counters(void)
{
    for (unsigned i = 0; i < PS_CALL_COUNTS; i++) {
        if (pages[i])
            munmap(pages[i], (size_t)sysconf(_SC_PAGESIZE));
        if (totals[i] >= 0)
            close(totals[i]);
        pages[i] = NULL;
        totals[i] = -1;
    }
}

void ps_mpi_counts_start(void)
{
    struct ps_call_page *p = ps_mpi_seen.page;
    const uint64_t what[PS_CALL_COUNTS] = {PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CPU_CYCLES};

    for (unsigned i = 0; !p->count_error && i < PS_CALL_COUNTS; i++)
        p->count_error = PS_PMC_REGISTERS ? open_counter(i, what[i]) : PS_CALL_NOT_READABLE;
    ps_mpi_counting = !p->count_error;
    if (!ps_mpi_counting)
        close_counters();
}

static void lose(int why)
{
    ps_mpi_counting = false;
    ps_mpi_seen.page->count_error = why;
}

void ps_mpi_count(bool enters)
{
    for (unsigned i = 0; i < PS_CALL_COUNTS; i++) {
        struct ps_call_count *c = &ps_mpi_seen.page->counts[i];
        uint64_t now;

        if (!ps_pmc_read(pages[i], &now)) {
            lose(PS_CALL_NOT_ALONE);
            return;
        }
        if (enters)
            c->entered = now;
        else
            c->inside += now - c->entered;
    }
}

void ps_mpi_counts_end(void)
{
    for (unsigned i = 0; ps_mpi_counting && i < PS_CALL_COUNTS; i++) {
        uint64_t got[3]; /* the count, and how long it was wanted and there */

        if (read(totals[i], got, sizeof got) != (ssize_t)sizeof got)
            lose(PS_CALL_NOT_READABLE);
        else if (got[2] < got[1])
            lose(PS_CALL_NOT_ALONE);
        else
            ps_mpi_seen.page->counts[i].total = got[0];
    }
    if (ps_mpi_counting)
        ps_mpi_seen.page->counted = 1;
    ps_mpi_counting = false;
}
