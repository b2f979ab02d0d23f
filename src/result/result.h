/* The result: one flat table of metrics per point, with host, plan, models and findings. Everything
 * printed or exported is rendered from it, and a saved result renders again to the same text.
 *
 * All memory belongs to the result's arena. NaN stands for "no value" (null in JSON). SI units. */
#ifndef PS_RESULT_H
#define PS_RESULT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "advice_result.h"
#include "amdahl.h"
#include "arena.h"
#include "diagnosis_result.h"
#include "kink_result.h"
#include "modes.h"
#include "usl.h"

#define PS_RESULT_SCHEMA "parscope-result/1"

enum ps_quality {
    PS_EXACT,
    PS_MULTIPLEXED, /* scaled; the reason says which share of the time it ran */
    PS_USER_ONLY,   /* kernel not counted */
    PS_KERNEL_ONLY, /* nothing else counted, as asked for */
    PS_ESTIMATED,
    PS_PARTIAL,     /* some workers or rounds are missing */
    PS_UNAVAILABLE, /* value NaN, reason says why */
};
#define PS_QUALITIES 7
const char *ps_quality_name(enum ps_quality q);             /* "exact", ..., "user-only" */
int ps_quality_parse(const char *name, enum ps_quality *q); /* 0 or -EINVAL */

/* What the quality of a metric follows. */
enum ps_source {
    PS_SOURCE_TIMES,
    PS_SOURCE_COUNTED_TIME, /* CPU time of the executions that were counted */
    PS_SOURCE_CPU_KIND,     /* user or system time */
    PS_SOURCE_MEMORY,
    PS_SOURCE_CYCLES,
    PS_SOURCE_CYCLE_RATIO,
    PS_SOURCE_INSTRUCTIONS,
    PS_SOURCE_BOTH, /* cycles and instructions */
    PS_SOURCE_FREQUENCY,
    PS_SOURCE_SLOTS, /* what the runtime accounts of its slots */
    PS_SOURCE_SWITCHES,
    PS_SOURCE_LOAD, /* who witnesses what others took */
};

/* Which points a metric is for; a set. */
enum ps_scope {
    PS_SCOPE_RELATIVE = 1, /* needs a reference */
    PS_SCOPE_PARALLEL = 2, /* says nothing of the reference itself */
    PS_SCOPE_MEASURED = 4, /* left out where it was not measured, rather than unavailable */
    PS_SCOPE_BUILT_IN = 8,
    PS_SCOPE_PROGRAM = 16,
    PS_SCOPE_PACKED = 32, /* placements of smt-compare */
    PS_SCOPE_TWO_PER_CORE = 64,
    PS_SCOPE_SMT = 128,
    PS_SCOPE_CONCURRENT = 256, /* of strategies that compute on more than one thread */
};

/* How the rounds of a raw column become one value. */
enum ps_combine {
    PS_COMBINE_MEDIAN,
    PS_COMBINE_SHARES, /* the column's share of the CPU time of all rounds, where single rounds are
                          too short to tell it */
};

enum ps_cell_style {
    PS_CELL_PLAIN,    /* by the metric's unit */
    PS_CELL_COUNT,    /* "12.3 k", "17" */
    PS_CELL_TIME_PM,  /* "8.12 ms ±0.4%" */
    PS_CELL_RATIO_PM, /* "1.98 ±0.01" */
    PS_CELL_PERCENT,  /* "99%" */
    PS_CELL_RATE,     /* "2.44 G/s" */
};

/* The column of a metric in a grid. */
#define PS_LOOK_BY_TITLE 0 /* behind those that have a place, under the metric's title */
#define PS_LOOK_NONE     UINT_MAX
struct ps_look {
    unsigned place; /* columns stand in this order */
    const char *head;
    enum ps_cell_style style;
    size_t block; /* of columns, one below the other */
    enum {
        PS_COLUMN_AS_ANY,  /* on a baseline like any other point */
        PS_COLUMN_BARE,    /* without its interval, and no reason to show the column */
        PS_COLUMN_OMITTED, /* not at all */
    } on_baseline;
    enum { PS_COLUMN_SHOW_ZERO, PS_COLUMN_HIDE_ZERO /* no column where all are 0 */ } zero;
};

/* What ended a measurement. */
enum ps_end {
    PS_END_PRECISION,
    PS_END_MAX_TIME,
    PS_END_ROUNDS, /* as many as were asked for */
    PS_END_INTERRUPT,
    PS_END_FAILURE,      /* of a program, after complete rounds */
    PS_END_NOTHING_LEFT, /* to measure; of overhead */
    PS_END_SCRIPT,
};
#define PS_ENDS 7
const char *ps_end_name(enum ps_end e); /* "precision", "max-time", ..., "nothing-left", "fake" */
int ps_end_parse(const char *name, enum ps_end *e); /* 0 or -EINVAL */

/* What the second hardware thread of a core does for the throughput. */
enum ps_smt_verdict { PS_SMT_HELPS, PS_SMT_NEUTRAL, PS_SMT_HURTS, PS_SMT_INCONCLUSIVE };
#define PS_SMT_VERDICTS 4
const char *ps_smt_verdict_name(enum ps_smt_verdict v);
int ps_smt_verdict_parse(const char *name, enum ps_smt_verdict *v); /* 0 or -EINVAL */

/* "none", "linear", "amdahl", "amdahl-free", "usl" */
const char *ps_law_name(enum ps_law law);
int ps_law_parse(const char *name, enum ps_law *law); /* 0 or -EINVAL */

/* Of Karp and Flatt's serial fraction as threads are added. */
#define PS_TRENDS 4
const char *ps_trend_name(enum ps_trend t);             /* "unknown", "flat", "rising", "falling" */
int ps_trend_parse(const char *name, enum ps_trend *t); /* 0 or -EINVAL */

/* What is known of a metric before it is measured. */
struct ps_metric_info {
    const char *id;    /* "wall_time" */
    const char *unit;  /* "s", "1", "Hz", "items/s", ... */
    const char *title; /* "wall time" */
    const char *help;  /* its definition, one sentence */
    enum ps_source source;
    unsigned scope; /* enum ps_scope */
    struct ps_look look;
};
/* Ends with id NULL. Counter events are metrics too, by their libpfm4 name, and so are values that
 * workloads measure of themselves; they are not listed. */
extern const struct ps_metric_info ps_metrics[];
const struct ps_metric_info *ps_metric_find(const char *id);

struct ps_metric {
    const char *id, *unit;
    double value, low, high; /* median over rounds and its 95 % interval */
    enum ps_quality quality;
    const char *reason; /* NULL or one phrase; never NULL when unavailable */
    double *samples;    /* one per round of the point, NaN where missing; may be NULL */
    const char *help;   /* one phrase on what the workload itself measures; NULL: not its own */
    double share;       /* of the time that a scaled count was counted; 0: not scaled */
};

/* What programs have in place of a strategy, and where one is left alone. */
#define PS_STRATEGY_PROGRAM "program"
#define PS_PLACEMENT_FREE   "free"

struct ps_text_pair {
    const char *name, *value;
};

struct ps_worker {
    int cpu;                                      /* -1: not pinned */
    double busy_time, spin_time, cpu_time, items; /* mean per execution, of all rounds */
    double run_delay; /* likewise: s runnable without a CPU; 0 where not known */
    double *counts;   /* likewise, of the host's events, NaN where not counted; NULL: of none */
    size_t event_count;
};

/* What other programs took of a point's CPUs. */
#define PS_LOAD_UNKNOWN      "unknown"
#define PS_LOAD_QUIET        "quiet"
#define PS_LOAD_CLEAN_ROUNDS "clean-rounds" /* estimates are made of the rounds that are clean */
#define PS_LOAD_DISTURBED    "disturbed"    /* too few are */
struct ps_point_load {
    const char *status;   /* of the point and its reference; NULL: nothing is told of it */
    const char *witness;  /* who told; NULL where unknown */
    double share;         /* of the CPU time of the point's own executions; NaN */
    size_t rounds, clean; /* with a witness, of the point or its reference; of which undisturbed */
    double *shares; /* one per round: of the wall time that others kept the point's worst thread
                       from its CPU; NaN where not known */
};

struct ps_point {
    const char *workload;            /* name */
    const char *workload_label;      /* "reduce:size=10M" */
    const char *pattern;             /* of a program whose places {NAME} were varied: its command
                                        with them; NULL */
    struct ps_text_pair *parameters; /* all, defaults included */
    size_t parameter_count;
    const char *strategy, *strategy_label; /* "queue", "queue:inflight=all"; "program" for any
                                              program, which brings its own */
    struct ps_text_pair *options;
    size_t option_count;
    const char *const *applied; /* of a program, from outside: "OMP_WAIT_POLICY=active"; NULL */
    size_t applied_count;
    unsigned threads;
    const char *placement; /* "spread", ... */
    int *cpus;             /* one per thread */
    bool baseline;         /* the sequential reference of its workload label, or the program's
                              one-thread point in a sweep */
    size_t like;           /* the first point of its workload label: see ps_result_link() */
    size_t reference;      /* its baseline, if `linked`; PS_NO_POINT */
    bool oversubscribed;   /* more threads than CPUs they share */
    double items;          /* per execution */
    const char *unit;      /* of items, "elements" */
    size_t rounds;         /* samples per metric */
    uint64_t executions;   /* timed, over all rounds */
    struct ps_metric *metrics;
    size_t metric_count;
    struct ps_modes modes; /* of the wall time */
    struct ps_worker *workers;
    size_t worker_count;
    struct ps_point_load load;
    const struct ps_diagnosis *diagnosis; /* of a program that was observed; NULL */
};

enum ps_severity { PS_INFO, PS_WARNING, PS_ERROR };
#define PS_SEVERITIES 3
const char *ps_severity_name(enum ps_severity s);
int ps_severity_parse(const char *name, enum ps_severity *s);

#define PS_NO_GAIN 1.1 /* a speedup that takes no second thread */

/* Told at the head of a report: too few rounds were free of others. */
#define PS_FINDING_DISTURBED "disturbed"
#define PS_FINDING_THREADS   "threads-mismatch"

struct ps_finding {
    const char *id; /* "parallel-slower" */
    enum ps_severity severity;
    const char *text; /* a whole sentence */
    size_t *points;
    size_t point_count;
};

struct ps_event_status {
    const char *name;
    enum ps_quality quality;
    const char *reason; /* NULL where exact */
};

/* The neighbour index of one CPU. */
struct ps_neighbour_cpu {
    int cpu;
    double *rounds; /* one per round, NaN where it was not probed */
    size_t count;
};

struct ps_result_host {
    const char *cpu_model, *kernel, *virtualization;
    const char *governor, *turbo; /* NULL: not known */
    const char *topology;         /* source: "this machine" or the synthetic description */
    unsigned packages, cores, cpus, threads_per_core, machine_cpus;
    const char *const *core_kinds;
    size_t core_kind_count;
    int perf_event_paranoid;
    double cpu_quota;
    const char *quota_source;
    double *cpu_busy_before, *cpu_busy_during; /* per CPU number, 0..1, NaN where not there */
    size_t cpu_busy_count;
    double throttled;         /* s that the cgroup was throttled while measuring; NaN: not known */
    double steal;             /* share of all CPU time stolen by the hypervisor while measuring */
    double neighbour_index;   /* median over rounds, independent over dependent chains; NaN */
    double *neighbour_rounds; /* one per round, the lowest of the CPUs used; NaN where not probed */
    size_t neighbour_round_count;
    struct ps_neighbour_cpu *neighbour_cpus; /* in the order in which they were probed first */
    size_t neighbour_cpu_count;
    double group_read_cost; /* s, measured at start; NaN without counters */
    double probe_share;     /* share of the run's time spent in the frequency probe */
    struct ps_event_status *events;
    size_t event_count;
};

/* The interval that a run would have had to go on for. */
struct ps_result_widest {
    const char *text;  /* "speedup of reduce:size=10M pool with 2 threads"; NULL: not known */
    double half_width; /* that was reached */
    bool relative;     /* to the value */
};

struct ps_result_plan {
    const char *command;    /* "run", "sweep", "smt-compare" */
    const char **arguments; /* the whole command line */
    size_t argument_count;
    uint64_t seed;
    double precision, max_time, gap;
    uint64_t runs; /* 0: not asked for */
    size_t rounds;
    enum ps_end ended_by;
    double rounds_time;             /* s in rounds; 0 of a file */
    bool first_counts;              /* executions of the warm-up are the first of them */
    struct ps_result_widest widest; /* where the time limit ended it */
};

struct ps_karp_flatt_row {
    double threads, value, low, high;
};

/* Laws of scaling with more than a serial fraction, over the same points and one thread. */
struct ps_laws {
    const char *status; /* of the USL: "ok", or why there is none; NULL: not known (older files) */
    struct ps_interval sigma, kappa; /* contention and coherence; NaN where there is none */
    struct ps_interval gamma;        /* speedup of one thread, by the law */
    struct ps_interval peak;         /* threads with the highest throughput; infinity: none */
    double residual;                 /* root mean square, of speedups */
    enum ps_law best;                /* the best supported one */
    double aicc[PS_LAWS];            /* NaN where there is none */
    double *threads, *residuals;     /* of the points, measured less fitted speedup */
    size_t point_count;
    double falls_from; /* threads from which on it is slower than with fewer; NaN: nowhere */
};

struct ps_model {
    const char *workload_label, *strategy_label, *placement;
    const char *status;                /* "ok", "unverified" or why not */
    double serial_fraction, low, high; /* within [0, 1]; NaN where there is none */
    double limit;                      /* 1/s; NaN where there is none (s = 0) */
    double residual;                   /* NaN unless ok */
    struct ps_karp_flatt_row *karp_flatt;
    size_t karp_flatt_count;
    enum ps_trend trend;
    double best_threads; /* fewest within 5 % of the best throughput; NaN */
    unsigned *left_out;  /* threads of the points that none of this is about, ascending */
    size_t left_out_count;
    double left_out_cpus;  /* that those which take turns share; NaN where none does */
    struct ps_kink *kinks; /* ascending by threads */
    size_t kink_count;
    struct ps_interval fit; /* the serial fraction not held to [0, 1]: for checks; not exported */
    double whole; /* the fraction that takes all that is lost for serial: what speedups beyond
                     follow */
    bool weak;    /* the work grows with the threads: Gustafson's law in place of Amdahl's */
    struct ps_laws laws;
    struct ps_advice advice;
};

/* A value from which on something pays. */
struct ps_result_threshold {
    const char *status; /* one of PS_RESULT_THRESHOLD_*, or why there is none */
    /* The value is NaN unless ok. low 0, high infinity: maybe below or above all that was measured;
     * both NaN: no interval. */
    double value, low, high;
};
#define PS_RESULT_THRESHOLD_OK    "ok"
#define PS_RESULT_THRESHOLD_BELOW "below the range" /* it pays at all values */
#define PS_RESULT_THRESHOLD_ABOVE \
    "above the range"                             /* it does not at the largest, and maybe never */
#define PS_RESULT_THRESHOLD_OPEN "not told apart" /* the interval reaches beyond both ends */

/* From where on parallel pays as one parameter of a workload varies; sweep --vary only. Of
 * programs, from where on one is faster than another, or than itself in another way. */
struct ps_grain {
    const char *workload, *workload_label; /* the label is without the parameter */
    const char *strategy_label, *placement;
    const char *against; /* of programs, what it is faster than; NULL: the sequential version */
    unsigned threads;
    const char *parameter, *unit;         /* "size"; "count", "s" or "1" */
    double smallest, largest;             /* measured values */
    struct ps_result_threshold crossover; /* in the parameter's unit */
    /* Of programs where `against` was to be faster, and strategy_label is instead: the crossover of
     * what was to be, which checks are about; else NULL, and in a loaded result. */
    const struct ps_result_threshold *given;
    struct ps_result_threshold
        crossover_idle;              /* likewise, with executions after 1 ms of idleness */
    struct ps_result_threshold metg; /* s: METG(50 %) */
};

/* What the second hardware thread of a core brings; smt-compare only. */
struct ps_smt_model {
    const char *workload_label, *strategy_label;
    unsigned cores;
    bool assumed;                           /* siblings by --pair, not by the topology */
    bool copies;                            /* copies of a program, not threads */
    double effect, low, high;               /* throughput with two per core over one per core */
    double packed, packed_low, packed_high; /* packed on half of the cores over one per core; NaN */
    enum ps_smt_verdict verdict;
    const char *evidence; /* sentences */
};

enum ps_check_outcome { PS_CHECK_HOLDS, PS_CHECK_INCONCLUSIVE, PS_CHECK_FAILS };
#define PS_CHECK_OUTCOMES 3
const char *ps_check_outcome_name(enum ps_check_outcome o); /* "holds", "inconclusive", "fails" */
int ps_check_outcome_parse(const char *name, enum ps_check_outcome *o); /* 0 or -EINVAL */

struct ps_check {
    const char *text; /* "speedup[threads=2] >= 1.8" */
    enum ps_check_outcome outcome;
    const char *evidence; /* "1.96 [1.95, 1.97] (steal with 2 threads on reduce)" */
};

#define PS_NO_POINT SIZE_MAX

struct ps_result {
    struct ps_arena *arena;
    bool linked; /* its points know each other */
    const char *version;
    const char *started; /* RFC 3339 */
    double elapsed;      /* s */
    struct ps_result_host host;
    struct ps_result_plan plan;
    struct ps_point *points;
    size_t point_count;
    struct ps_model *models; /* one per workload, strategy and placement; sweep only */
    size_t model_count;
    struct ps_grain *grains; /* by workload, strategy, placement, threads and parameter */
    size_t grain_count;
    struct ps_smt_model *smt; /* one per workload and strategy; smt-compare only */
    size_t smt_count;
    struct ps_check *checks;
    size_t check_count;
    struct ps_finding *findings;
    size_t finding_count;
};

/* Share of the CPU time that was in use before anything was measured; NaN where not known. */
double ps_result_busy_before(const struct ps_result *r);
#define PS_RESULT_BUSY 0.10 /* more is a busy machine */
/* Whether the figures of the point tell of a busy machine. */
bool ps_point_disturbed(const struct ps_point *p);
/* NULL where the point has no such metric. */
const struct ps_metric *ps_point_metric(const struct ps_point *p, const char *id);
/* The --max-time, in whole s, that so many rounds would take; NaN where time is not what ended it.
 */
double ps_result_time_for(const struct ps_result *r, size_t rounds);
/* The metric's value, NaN where it has none. */
double ps_point_value(const struct ps_point *p, const char *id);
/* Once all points are there: which are of one workload label, and what they refer to. */
void ps_result_link(struct ps_result *r);
/* The baseline point of the same workload label, or of another program with the same values, NULL
 * where there is none. Of a result that isn't
 * linked by a look at all points. */
const struct ps_point *ps_result_baseline(const struct ps_result *r, const struct ps_point *p);

/* The law of the curve that the point is on; NULL. */
const struct ps_model *ps_result_model(const struct ps_result *r, const struct ps_point *p);
/* With so many threads, by the law of the model, with a serial fraction. */
double ps_model_speedup(const struct ps_model *m, double serial, double threads);
const char *ps_model_law(const struct ps_model *m); /* "Amdahl's law" */

#endif
