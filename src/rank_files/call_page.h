/* What libparscope-mpi.so, within the program, tells `parscope rank`: memory of both, a file
 * without a name whose path is in an environment variable, so that nothing is lost where the
 * program is killed. Both are of one build and on one machine. The one process that calls MPI_Init
 * first writes it; the reader believes no more of it than a file of a rank. */
#ifndef PS_CALL_PAGE_H
#define PS_CALL_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "ranks_result.h"

#define PS_CALL_VARIABLE "PARSCOPE_MPI"
#define PS_CALL_MAGIC    UINT64_C(0x3149504d43535250)
#define PS_CALL_EVENTS   (1u << 18)
#define PS_CALL_COMMS    64
#define PS_CALL_WHY      64
#define PS_CALL_COUNTS   2 /* instructions, cycles */

/* Why there are no counts, beside the values of errno. */
#define PS_CALL_NOT_READABLE (-1) /* not in user mode */
#define PS_CALL_NOT_ALONE    (-2) /* others had the counters for a time */

struct ps_call_use {
    uint64_t calls, ticks, bytes;
};

/* Of the user mode. total: of the process's thread that called MPI_Init, and of those that it
 * started since, from MPI_Init to MPI_Finalize; inside: of that thread inside MPI. */
struct ps_call_count {
    uint64_t total, inside, entered;
};

/* What happened, as far as it says who waits for whom. */
enum ps_call_op {
    PS_CALL_SEND,      /* to peer; it goes on at once */
    PS_CALL_RECEIVE,   /* from peer, of which the message has come */
    PS_CALL_ALL,       /* a collective call after which all go on when the last has come */
    PS_CALL_FROM_ROOT, /* after which a rank goes on when peer, the root, has come */
    PS_CALL_TO_ROOT,   /* after which the root goes on when all have come, and others at once */
    PS_CALL_OPS,
};

struct ps_call_event {
    uint64_t ticks;    /* that were computed before it, since the event before */
    int32_t peer, tag; /* peer: rank in MPI_COMM_WORLD */
    uint32_t comm, op; /* index into comms; enum ps_call_op */
};

/* A communicator: its members have the same id, and no other communicator has. */
struct ps_call_comm {
    uint64_t id;
    uint32_t size, unused;
};

/* Plain words, as the reader reads when the writer has ended, but for the owner, which is claimed
 * by a compare-exchange. */
struct ps_call_page {
    uint64_t magic;
    _Atomic uint32_t loaded; /* processes that have the library and can see this */
    _Atomic uint32_t owner;  /* process id of the one that is described; 0: none */
    uint32_t unseen;         /* MPI was used, but not by the functions of C */
    uint32_t finalized;
    /* By CLOCK_MONOTONIC, ns, and by ticks at the same moments: when MPI_Init had ended, and when
     * all ranks had reached MPI_Finalize. */
    uint64_t init_ns, init_ticks, end_ns, end_ticks;
    uint64_t init_cpu_ns, end_cpu_ns; /* CPU time of the process then */
    uint64_t init_cost_ns, end_cost_ns;
    uint64_t entered; /* ticks at which the call began that is going on; 0: none is */
    uint32_t entered_kind;
    uint32_t other_threads; /* a thread other than the one that called MPI_Init called MPI */
    struct ps_call_use use[PS_MPI_KINDS];
    struct ps_call_count counts[PS_CALL_COUNTS];
    uint32_t counted; /* they are whole */
    int32_t count_error;
    char untold[PS_CALL_WHY]; /* why the events don't tell all, "MPI_Put"; "": they do */
    uint32_t comm_count, event_count;
    struct ps_call_comm comms[PS_CALL_COMMS];
    struct ps_call_event events[PS_CALL_EVENTS];
};

#endif
