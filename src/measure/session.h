/* What measuring keeps between trials. Internal to this layer. */
#ifndef PS_SESSION_H
#define PS_SESSION_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thread_sampler.h"
#include "counters.h"
#include "freq.h"
#include "host.h"
#include "measure.h"
#include "memory.h"
#include "plan.h"
#include "result.h"
#include "rng.h"
#include "stats.h"
#include "strategy.h"
#include "team.h"
#include "tree.h"

#define TRIAL_TIME         4e-3       /* s that a trial of a short execution lasts, by repetition */
#define IDLE_GAP           1e-3       /* s of idleness before the executions of wall_time_idle */
#define IDLE_BELOW         200e-6     /* s; longer executions have no wall_time_idle */
#define IDLE_EXECUTIONS    3          /* of one trial */
#define SIDE_SHARE         0.15       /* of the elapsed time that counting apart may take */
#define PROBE_SHARE        0.05       /* of the elapsed time that the frequency probe may take */
#define COUNT_INLINE       0.002      /* counting is inline where it slows an execution by less */
#define BARE_COUNT         2e-6       /* s that CPU time and switches alone cost, at most */
#define MIN_PRECISE_ROUNDS 10         /* before precision can end the run */
#define MIN_PRECISE_TIME   0.5        /* s, likewise: rounds of one moment see no drift */
#define GRACE_NS           500000000u /* that a trial has to end after an interrupt */

/* One value per round and point, NaN where missing; times in s per execution. */
enum raw {
    RAW_WALL,
    RAW_WALL_IDLE,    /* after IDLE_GAP of idleness */
    RAW_WALL_COUNTED, /* of the executions that were counted */
    RAW_CPU,          /* CPU time of counted executions, spinning included */
    RAW_CPU_SPIN,     /* of which spinning */
    RAW_BUSY,         /* summed over slots */
    RAW_SPIN,
    RAW_REGION,
    RAW_MAX_BUSY,
    RAW_FAIRNESS,  /* of siblings, in two-per-core */
    RAW_FREQUENCY, /* Hz, by the probe */
    RAW_VOLUNTARY,
    RAW_INVOLUNTARY,
    RAW_USER,   /* of programs: CPU time by kind */
    RAW_SYSTEM, /* likewise */
    RAW_RSS,    /* bytes; missing where our own hide it */
    RAW_CUSTOM, /* of the workload's own values */
    RAW_FIXED = RAW_CUSTOM + PARSCOPE_CUSTOM,
    RAW_COUNT = RAW_FIXED + PS_MAX_EVENTS, /* at most */
};

/* A team with a counter group for each member. Lanes whose CPU lists begin alike share one. */
struct counted_team {
    struct ps_team *team;
    unsigned members;                 /* pinned ones; the floating one comes after them */
    struct ps_counter_group **groups; /* members + 1 */
    struct ps_freq *probes;           /* members: results of the last frequency probe */
    double probe_budget;
};

/* What a program's target has in place of a team and an instance. */
struct program_target {
    struct ps_child *children;        /* as many as the point has copies */
    struct ps_child prepare, cleanup; /* path NULL: none */
    bool cleaned;
    size_t looks, threads_seen,
        looks_outside;        /* of the thread_sampler; threads_seen 0: not known */
    uint64_t executions;      /* warm-up included */
    uint64_t failures, leaky; /* of which failed; of which left processes behind */
    uint64_t leftovers, unkillable;
    const char *first_failure; /* what became of it; NULL */
    uint64_t hiding_rss;       /* bytes, our own, that hid a round's memory; 0: none was */
};

struct session;
struct target;
struct subprocess;
struct grain_curve;

/* How the targets of a session are measured. */
struct target_ops {
    int (*open)(struct session *s); /* after the targets are set */
    void (*close)(struct session *s);
    int (*warm_up)(struct session *s, struct target *t);
    int (*run)(struct session *s, struct target *t, size_t round);
    int (*finish)(struct session *s, struct target *t); /* after the last round */
};
extern const struct target_ops workload_target_ops, program_target_ops;
/* Both from the script; the workloads run once, for their verification. */
extern const struct target_ops fake_workload_target_ops, fake_program_target_ops;

/* An event of one worker, per execution. */
struct worker_count {
    double sum;
    size_t rounds;
};

/* A point while it is measured. */
struct target {
    const struct ps_plan_point *plan;
    const struct ps_plan_workload *workload;
    void *state;                       /* of the workload, shared by its targets */
    struct target *baseline;           /* itself for a baseline; NULL where there is none */
    struct target *one_per_core;       /* of smt-compare, else NULL; itself for that placement */
    struct program_target *program;    /* NULL: a built-in workload */
    bool focus;                        /* rounds go on for it */
    struct subprocess *subprocess;     /* the process that its trials run in; NULL: this one */
    struct counted_team *counted_team; /* NULL where it has a subprocess */
    struct ps_instance *instance;
    pthread_t caller;                 /* of the part that runs */
    struct ps_counter_group **groups; /* per slot, then the caller's; the counted_team's, or its own
                                         where the strategy creates the threads */
    bool shares_core;                 /* two of its own threads are siblings: no neighbour index */
    bool count_inline;
    bool idle_too;    /* some executions after IDLE_GAP as well; decided once, as all rounds must */
    uint64_t reps;    /* executions of a trial */
    double execution; /* s, estimated */
    double verify_time;
    double *raw; /* rounds * session->raw_count */
    size_t rounds;
    uint64_t executions;
    double *neighbours;                 /* per thread, the index of its CPU in this round; NaN */
    struct ps_worker *workers;          /* sums over trials, in s */
    double worker_executions;           /* that the sums are of */
    size_t counted_trials;              /* that the sums of CPU time are of */
    struct worker_count *worker_counts; /* per worker: one for each event */
    uint64_t enabled_ns[PS_MAX_EVENTS], running_ns[PS_MAX_EVENTS];
    size_t event_rounds[PS_MAX_EVENTS];     /* rounds with a count to be believed */
    const char *event_doubt[PS_MAX_EVENTS]; /* why another round has none; NULL */
    const char *uncounted;                  /* why a round has no counts at all; NULL */
    const struct ps_crash_note *crash;      /* NULL: no plug-in has to do with it */
    const char *frequency_why;
};

struct session {
    const struct ps_plan *plan;
    const struct target_ops *ops;
    const struct ps_measure_hooks *hooks;
    struct ps_arena *arena;
    struct ps_err *error;
    struct ps_counters *counters;
    struct ps_counters *uncounted; /* without events: CPU time and switches only */
    const struct ps_event *events;
    size_t event_count, raw_count;
    double read_cost;  /* s of a group read; NaN without events */
    double count_cost; /* s; without events, of the clock and rusage calls in its place */
    struct ps_children *children; /* of programs */
    struct ps_tree_counter *tree; /* likewise; NULL: nothing is counted */
    struct ps_memory *memories;   /* per plan workload */
    void **states;                /* likewise */
    struct target *targets;
    const struct target *only; /* in a subprocess, its target; NULL in the measuring process */
    size_t target_count;
    struct counted_team *counted_teams;
    size_t counted_team_count;
    struct grain_curve *curves; /* over what --vary varies */
    size_t curve_count;
    size_t rounds;     /* complete ones */
    size_t focused;    /* rounds of which not all targets were part */
    double *neighbour; /* per round, lowest of the CPUs probed; NaN */
    struct ps_neighbour_cpu *neighbour_cpus;
    size_t neighbour_cpu_count;
    struct ps_rng rng;
    uint64_t start_ns;
    double probe_time, side_time; /* s spent in the frequency probe and in counting apart */
    const char *ended_by;
    bool stuck;
    struct ps_cpu_times times; /* at the start */
    double *busy_before;       /* per CPU, over a moment before anything ran */
};

/* Per execution. */
static inline double target_items(const struct target *t)
{
    return t->workload->size.items * t->plan->copies;
}

/* CPU time without the runtime's spinning; raw: of one round. */
static inline double useful_cpu(const double *raw)
{
    return raw[RAW_CPU] - raw[RAW_CPU_SPIN];
}

static inline double *target_raw(const struct session *s, const struct target *t, size_t round)
{
    return t->raw + round * s->raw_count;
}

/* The errno in what a function of a workload returned, where that is not 0. */
static inline int target_errno(int returned)
{
    return returned < 0 ? -returned : EPROTO;
}

double session_elapsed(const struct session *s);
bool session_interrupted(const struct session *s);
void session_idle(double seconds);
/* Waits for the members that are at work, with an eye on the interrupt. wait is ps_team_wait or
 * ps_trial_wait on obj. */
int session_wait(struct session *s, int (*wait)(void *obj, uint64_t deadline_ns), void *obj);

/* session.c: what all kinds of targets need. Close after a stuck trial must not be called. */
int session_open(struct session *s);
void session_close(struct session *s);

/* workload_session.c: teams, instances, workload states. trial.c: first executions and repetition
 * counts; one trial of a target, with its probes and counts. -EINTR once interrupted (stuck is set
 * where the trial goes on), -EBADMSG where verify failed. */
int workload_open(struct session *s);
/* In a subprocess: the team and the instance of this target alone. */
int workload_open_target(struct session *s, struct target *t);
int workload_warm_up(struct session *s, struct target *t);
int workload_verify(struct session *s, struct target *t);
void workload_close(struct session *s);
int trial_warm_up(struct session *s, struct target *t);
int trial_run(struct session *s, struct target *t, size_t round);
int trial_verify(struct session *s, struct target *t);
/* Why a round has no count of an event. */
void trial_note_doubt(struct target *t, size_t event, const char *doubt);

/* fake_trial.c: the same from the script. */
int fake_trial_run(struct session *s, struct target *t, size_t round);

/* probe.c: the frequency probe on all workers of a target at once; NaN where it fails. */
int probe_run(struct session *s, struct target *t, double *hz);
bool probe_due(const struct session *s, const struct target *t);

/* neighbours.c: a target's round begins with no index; the probe adds those that it sees, of which
 * the lowest stands; the measuring process keeps them. Finish before the result is assembled. */
void neighbours_forget(struct target *t);
void neighbours_see(struct target *t, unsigned worker, double index);
void neighbours_keep(struct session *s, const struct target *t, size_t round);
void neighbours_finish(struct session *s);

/* stop.c: true once all headline intervals are narrow enough. */
bool stop_precise(const struct session *s);
/* Whether rounds can still decide a check; sets the focus of the targets that it needs. */
bool stop_checks_open(struct session *s);

/* assemble.c, models.c, grain_models.c, findings.c: the result from what was measured. */
int assemble_result(struct session *s, struct ps_result *r);
void assemble_host(struct session *s, struct ps_result_host *h);
int models_add(struct session *s, struct ps_result *r);
int grain_models_add(struct session *s, struct ps_result *r);
/* Sets the session's curves, from its targets. */
void grain_curves_find(struct session *s);
void smt_models_add(struct session *s, struct ps_result *r);
void checks_add(const struct session *s, struct ps_result *r);
void findings_add(const struct session *s, struct ps_result *r);

#endif
