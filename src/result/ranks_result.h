/* What `parscope merge` found: POP's metrics over the ranks of one run of an MPI program, per node
 * and in all. All memory belongs to an arena. NaN stands for "no value" (null in JSON). SI units.
 */
#ifndef PS_RANKS_RESULT_H
#define PS_RANKS_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

#define PS_RANKS_SCHEMA "parscope-ranks/1"
#define PS_RANK_SCHEMA  "parscope-rank/1"
#define PS_MOST_RANKS   (1u << 22) /* of a run */

/* Calls of MPI by what they do. */
enum ps_mpi_kind {
    PS_MPI_POINT,      /* sends and receives */
    PS_MPI_COLLECTIVE, /* and what makes communicators */
    PS_MPI_WAITING,    /* waits, tests and probes */
    PS_MPI_OTHER,
    PS_MPI_KINDS,
};
const char *ps_mpi_kind_name(enum ps_mpi_kind k); /* "point-to-point", ... */

struct ps_mpi_use {
    uint64_t calls;
    double bytes, time;
};

/* What is known of how a rank used MPI. */
enum ps_rank_mpi {
    PS_RANK_MPI_UNKNOWN, /* nothing looked */
    PS_RANK_MPI_UNUSED,  /* it never called MPI_Init */
    PS_RANK_MPI_SAMPLED, /* an estimate, by samples: no library saw its calls */
    PS_RANK_MPI_OPEN,    /* it ended before MPI_Finalize */
    PS_RANK_MPI_WHOLE,
};
#define PS_RANK_MPIS 5
extern const char *const ps_rank_mpi_names[PS_RANK_MPIS]; /* "unknown", ... */

/* One process of the program, which may have threads. */
struct ps_rank {
    uint32_t rank, size;
    const char *node;
    double wall, user, system; /* of the process, from its start to its end */
    double threads;            /* that it may use; NaN: not known */
    double max_rss;
    double voluntary, involuntary;
    double instructions, cycles; /* of the whole process; NaN: not counted */
    bool signalled;              /* status is the signal that ended it, else what it exited with */
    unsigned status;
    enum ps_rank_mpi mpi;
    const char *mpi_reason; /* of unknown and sampled: why; else NULL */
    /* From the end of MPI_Init to that of all ranks having reached MPI_Finalize, and of it the time
     * outside MPI. Without MPI the wall time and the CPU time; NaN where not known. */
    double window, computing;
    const char *calls_reason; /* why the order of its calls is not known; NULL: there is a file */
    double cpu;               /* CPU time of all its threads in the window; NaN */
    double start_up;          /* s in MPI_Init and MPI_Finalize; NaN */
    /* Of the user mode in the window, outside MPI; NaN: not counted. */
    double useful_instructions, useful_cycles;
    const char *counts_reason; /* why they were not; NULL: they were */
    struct ps_mpi_use use[PS_MPI_KINDS];
};

struct ps_ranks_metric {
    const char *id, *unit, *title;
    double value;
    const char *reason; /* NULL, or why there is no value */
    unsigned level;     /* it is a factor of the last one before it of a lower level */
};

struct ps_ranks_node {
    const char *name;
    size_t ranks;
    uint32_t slowest;                         /* number of its rank that computes longest */
    double computing;                         /* mean over its ranks, s */
    double parallel_efficiency, load_balance; /* of its ranks, with the time of all */
};

/* Ranks that no file has. */
struct ps_ranks_gap {
    uint32_t first, last;
};

/* A file, or a line of one, that is no part of the run. */
struct ps_ranks_left_out {
    const char *file, *why;
};

struct ps_ranks {
    struct ps_arena *arena;
    const char *version, *command, *launcher;
    const char *run; /* by which its files are known to belong together; NULL: nothing says it */
    uint32_t size;   /* ranks of the run */
    struct ps_rank *ranks;     /* by number */
    size_t count;              /* that are there */
    struct ps_ranks_gap *gaps; /* in ascending order */
    size_t gap_count, missing;
    const char *sampled; /* why the time inside MPI is known by samples alone; NULL: it is not so */
    size_t failed;       /* ranks that did not exit with 0 */
    size_t first_fail;   /* index of the one that the others' ends may follow from */
    struct ps_ranks_metric *metrics;
    size_t metric_count;
    struct ps_ranks_node *nodes; /* by name */
    size_t node_count;
    size_t *slowest; /* indices of ranks, longest computing first */
    size_t slowest_count;
    struct ps_mpi_use use[PS_MPI_KINDS]; /* over all */
    struct ps_ranks_left_out *left_out;  /* the first of them */
    size_t left_out_count, left_out_total;
    const char **notes; /* whole sentences */
    size_t note_count;
};

#endif
