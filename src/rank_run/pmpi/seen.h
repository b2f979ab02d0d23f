/* libparscope-mpi.so: stands between a program and its MPI by the profiling interface of the
 * standard, and adds up the time inside MPI, by kinds of calls, and notes who waits for whom. It is
 * loaded before the program by `parscope rank` and knows nothing else of parscope; without its
 * variable in the environment it only passes calls on. It is of one MPI's interface, and is built
 * for each.
 *
 * Calls of the thread that called MPI_Init are timed; a call within a call is part of the outer
 * one. */
#ifndef PS_SEEN_H
#define PS_SEEN_H

#include <stdbool.h>

#include <mpi.h>

#include "call_page.h"
#include "ticks.h"

struct seen {
    struct ps_call_page *page; /* NULL: nobody wants to know */
    unsigned depth;            /* of calls within calls */
    uint64_t left, pending;    /* ticks: when the last call ended; computed since the last event */
};
extern struct seen ps_mpi_seen;
/* The library is there from the start, so that no call is needed to find it. */
extern _Thread_local bool ps_mpi_main
    __attribute__((tls_model("initial-exec"))); /* the thread that called MPI_Init */

/* Instructions and cycles, where they can be counted (counts.c). */
extern bool ps_mpi_counting;
void ps_mpi_counts_start(void);
void ps_mpi_counts_end(void);
void ps_mpi_count(bool enters);

/* Whether a call is timed; each call that is must leave. */
static inline bool enter(enum ps_mpi_kind kind)
{
    struct seen *s = &ps_mpi_seen;
    uint64_t now;

    if (!s->page)
        return false;
    if (!ps_mpi_main) {
        s->page->other_threads = 1;
        return false;
    }
    if (s->depth++)
        return true;
    now = ps_ticks();
    s->pending += now - s->left;
    s->page->entered_kind = kind;
    s->page->entered = now;
    if (ps_mpi_counting)
        ps_mpi_count(true);
    return true;
}

static inline void leave(enum ps_mpi_kind kind, uint64_t bytes)
{
    struct seen *s = &ps_mpi_seen;
    struct ps_call_use *use = &s->page->use[kind];

    if (--s->depth)
        return;
    if (ps_mpi_counting)
        ps_mpi_count(false);
    s->left = ps_ticks();
    use->calls++;
    use->bytes += bytes;
    use->ticks += s->left - s->page->entered;
    s->page->entered = 0;
}

/* The following are for calls that are timed and in no other call. */
static inline bool outermost(void)
{
    return ps_mpi_seen.depth == 1;
}

/* peer: rank in comm; nothing is noted of MPI_PROC_NULL. */
void ps_mpi_event(enum ps_call_op op, MPI_Comm comm, int peer, int tag);
/* What happens from here on is not told by events. */
void ps_mpi_untold(const char *why);
/* A communicator that all members of parent made together. */
void ps_mpi_comm_made(MPI_Comm parent, MPI_Comm made);
void ps_mpi_comm_freed(MPI_Comm comm);
void ps_mpi_comms_start(void);
/* A receive that was begun, and requests that have ended. */
void ps_mpi_receiving(MPI_Request request, MPI_Comm comm);
void ps_mpi_received(MPI_Request request, const MPI_Status *status);

uint64_t ps_mpi_bytes(int64_t count, MPI_Datatype type);

#endif
