/* The table of raw samples: what measuring leaves, and all that analysing sees of it. Comes in: one
 * value for each column, point and round, as the trials took them, and what was summed up over the
 * rounds. Goes out: the same, constant. Nothing here knows of threads, processes or perf groups.
 *
 * All memory belongs to the arena of the table. NaN: missing. SI units; times are per execution. */
#ifndef PS_SAMPLES_H
#define PS_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "counters.h"
#include "diagnosis_result.h"
#include "host.h"
#include "plan.h"
#include "result.h"
#include "thread_use.h"

/* The columns: one value per round and point; see metrics.def. After them come the workload's
 * custom values and the events. */
enum ps_raw {
#define PS_RAW(column, script, unit, help) PS_RAW_##column,
#define PS_RAW_METRIC(column, ...)         PS_RAW_##column,
#include "metrics.def"
    PS_RAW_CUSTOM,
    PS_RAW_FIXED = PS_RAW_CUSTOM + PARSCOPE_CUSTOM,
    PS_RAW_COUNT = PS_RAW_FIXED + PS_MAX_EVENTS, /* at most */
};

/* An event of one worker, per execution. */
struct ps_worker_count {
    double sum;
    size_t rounds;
};

/* What is summed up over the rounds of a point. Copied whole: pointers are to the arena of the
 * table or to constants. */
struct ps_sums {
    uint64_t executions;
    double worker_executions;              /* that the workers' sums are of */
    size_t counted_trials;                 /* that their CPU time is of */
    struct ps_worker *workers;             /* one per thread; in s */
    struct ps_worker_count *worker_counts; /* per worker: one for each event */
    uint64_t enabled_ns[PS_MAX_EVENTS], running_ns[PS_MAX_EVENTS];
    size_t event_rounds[PS_MAX_EVENTS];     /* rounds with a count to be believed */
    const char *event_doubt[PS_MAX_EVENTS]; /* why another round has none; NULL */
    const char *uncounted;                  /* why a round has no counts at all; NULL */
    const char *frequency_why;              /* why a round has no clock; NULL */
    bool count_inline; /* the executions that are timed are those that are counted */
};

/* Of its time, in which an execution read what later ones find in memory: more is no round. */
#define PS_COLD 0.02

/* What was seen of a program over all its executions, warm-up included. */
struct ps_program_seen {
    size_t looks, looks_outside; /* by the thread sampler */
    struct ps_thread_judgement threads;
    bool read_input;   /* from a standard input that was empty, where ours was not a terminal */
    unsigned runtimes; /* that it has loaded: bits by enum ps_runtime */
    bool first_counts; /* its first execution is its first round: it had no warm-up */
    uint64_t executions;
    uint64_t failures, leaky; /* of which failed; of which left processes behind */
    uint64_t leftovers, unkillable;
    uint64_t outlived;  /* executions after which processes computed, and ended by themselves */
    double outlived_by; /* s, at most */
    const char *first_failure;            /* what became of it; NULL */
    const struct ps_diagnosis *diagnosis; /* NULL: none was asked for */
    double page_faults;                   /* a second, in the last round; 0: there was none */
    uint64_t hiding_rss; /* bytes, our own, that hid a round's memory; 0: none was */
};

/* Rounds are kept in blocks of 8, 16, 32, ... rows, so that none moves as they grow. */
#define PS_RAW_BLOCKS 32
#define PS_RAW_FIRST  8

static inline unsigned ps_raw_block(size_t round)
{
    return 63 - (unsigned)__builtin_clzll(round / PS_RAW_FIRST + 1);
}

static inline size_t ps_raw_begin(unsigned block)
{
    return PS_RAW_FIRST * (((size_t)1 << block) - 1);
}

/* A point's samples. */
struct ps_series {
    const struct ps_plan_point *plan;
    const struct ps_plan_workload *workload;
    const struct ps_series *baseline;     /* itself for a baseline; NULL where there is none */
    const struct ps_series *one_per_core; /* of smt-compare, else NULL; itself for that placement */
    double *raw[PS_RAW_BLOCKS];           /* rows of the table's column_count: see ps_raw() */
    struct ps_sums sums;
    const struct ps_program_seen *program; /* NULL: a built-in workload */
};

struct ps_node_share {
    int node;     /* OS number */
    double share; /* of the pages looked at */
};

/* Where the data of a workload lie; none: unknown. */
struct ps_data_nodes {
    struct ps_node_share *nodes;
    size_t count;
};

struct ps_draws;

struct ps_samples {
    const struct ps_plan *plan;
    struct ps_arena *arena; /* of the table and of what is derived from it */
    struct ps_draws *draws; /* of the analysis that goes on; else NULL */
    struct ps_arena *brief; /* likewise: of a point's samples that are not kept; NULL: all are */
    const char *started;    /* RFC 3339 */
    double elapsed;         /* s */
    double set_up;          /* s, of which before the first round */
    double rounds_time;     /* s, of which in rounds */
    bool first_counts;      /* programs had no warm-up, as there was no time for it */
    enum ps_end ended_by;
    size_t rounds;            /* complete ones */
    size_t focused;           /* of which points of checks alone were part */
    struct ps_series *series; /* one per point of the plan, in its order */
    size_t series_count;
    size_t column_count;
    const struct ps_counters *counters;
    const struct ps_event *events;
    size_t event_count;
    double read_cost;                           /* s of a group read; NaN without events */
    double probe_time;                          /* s spent in the frequency probe */
    struct ps_cpu_times times_begin, times_end; /* count 0: could not be read */
    double busy_seconds;                        /* of the look at others */
    double *busy_before;                        /* per CPU, by others, as this began */
    double *neighbour;                          /* per round, lowest index of the CPUs probed */
    struct ps_neighbour_cpu *neighbour_cpus;
    size_t neighbour_cpu_count;
    struct ps_data_nodes *data_nodes; /* per workload of the plan; NULL: there is one node */
};

/* The columns of one round. */
static inline double *ps_raw(const struct ps_samples *s, const struct ps_series *p, size_t round)
{
    unsigned block = ps_raw_block(round);

    return p->raw[block] + (round - ps_raw_begin(block)) * s->column_count;
}

/* Per execution. A program that is told to do more has more of its runs in one. */
static inline double ps_series_items(const struct ps_series *p)
{
    double grown = p->workload->program && p->plan->copies == 1 ? p->plan->work : 1;

    return p->workload->size.items * p->plan->copies * grown;
}

/* CPU time without the runtime's spinning; raw: of one round. */
static inline double ps_useful_cpu(const double *raw)
{
    return raw[PS_RAW_CPU] - raw[PS_RAW_CPU_SPIN];
}

/* An empty table over the points of a plan, with their references. events: of the plan's counters.
 */
void ps_samples_init(struct ps_samples *s, const struct ps_plan *plan, struct ps_arena *a);
/* Takes rows that lie in one piece for those of a series. */
void ps_samples_lay(const struct ps_samples *s, struct ps_series *p, double *rows, size_t rounds);
/* Room for one round more, all missing. */
void ps_samples_grow(struct ps_samples *s);
/* That the turn of an event did not come in some round says less than any other doubt. */
void ps_sums_doubt(struct ps_sums *sums, size_t event, const char *doubt);

#endif
