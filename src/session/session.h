/* session/: what measuring keeps between trials, and the sources of raw values (source.h). In comes
 * a plan; in between trials of targets, each in a way of its kind (struct target_ops), fill the
 * table of samples, which is all that leaves measuring: only measure/ and the folders of trials see
 * this. */
#ifndef PS_SESSION_H
#define PS_SESSION_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "counters.h"
#include "freq.h"
#include "homes.h"
#include "hooks.h"
#include "host.h"
#include "memory.h"
#include "plan.h"
#include "rng.h"
#include "samples.h"
#include "strategy.h"
#include "team.h"
#include "tree.h"

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
    struct first_execution *first; /* in the warm-up, where it may have to be a round; NULL */
    struct ps_program_seen seen;
};

struct session;
struct target;
struct subprocess;

/* How the targets of a session are measured. */
struct target_ops {
    int (*open)(struct session *s); /* after the targets are set */
    void (*close)(struct session *s);
    int (*warm_up)(struct session *s, struct target *t);
    int (*run)(struct session *s, struct target *t, size_t round);
    /* After the last round: executions that are looked at and not timed, where they are asked for
     * or worth it. NULL: there are none. */
    int (*observe)(struct session *s, struct target *t);
    int (*finish)(struct session *s, struct target *t); /* after all that */
};
/* How a target is run from round to round. Copied whole. */
struct schedule {
    bool idle_too; /* some executions after idleness as well; decided once, as all rounds must */
    bool warm_in;  /* an untimed execution goes before those; of all points of a workload or none */
    uint64_t reps; /* executions of a trial */
    double execution; /* s, estimated; of a program with --prepare */
    double verify_time;
};

/* A point while it is measured. */
struct target {
    const struct ps_plan_point *plan;
    const struct ps_plan_workload *workload;
    struct ps_series *series;          /* where its samples and sums go */
    const struct ps_crash_note *crash; /* NULL: no plug-in has to do with it */
    bool focus;                        /* rounds go on for it */
    struct schedule schedule;
    double spent;                      /* s, in trials of complete rounds or not */
    size_t trials;                     /* that were */
    const void *script;                /* where samples come from one (fake_trial.c) */
    struct program_target *program;    /* NULL: a built-in workload; it has what follows */
    void *state;                       /* of the workload, shared by its targets */
    struct subprocess *subprocess;     /* the process that its trials run in; NULL: this one */
    struct counted_team *counted_team; /* NULL where it has a subprocess */
    struct ps_instance *instance;
    pthread_t caller;                 /* of the part that runs */
    struct ps_counter_group **groups; /* per slot, then the caller's; the counted team's, or its own
                                         where the strategy creates the threads */
    bool shares_core;                 /* two of its own threads are siblings: no neighbour index */
    void **source_states;             /* see source.h; NULL before the first timed part */
    double *neighbours;               /* per thread, the index of its CPU in this round; NaN */
};

struct session {
    const struct ps_plan *plan;
    const struct target_ops *ops;
    const struct ps_measure_hooks *hooks;
    struct ps_arena *arena;
    struct ps_err *error;
    struct ps_samples samples;
    struct target *targets; /* as many as the samples have series */
    size_t target_count;
    struct ps_counters *counters;
    struct ps_counters *uncounted; /* without events: CPU time and switches only */
    double count_cost; /* s of a group read; without events, of the clock and rusage calls in its
                          place */
    struct ps_children *children;      /* of programs */
    struct ps_tree_counter *tree;      /* likewise; NULL: nothing is counted */
    struct ps_tree_counts tree_counts; /* its last reading */
    bool tree_still;                   /* nothing that it counts has run since */
    struct ps_memory *memories;        /* per plan workload */
    struct ps_homes *homes;            /* likewise; where its data lie */
    void **states;                     /* likewise */
    void **source_shared;              /* of each source; NULL before the first timed part */
    const struct target *only; /* in a subprocess, its target; NULL in the measuring process */
    struct counted_team *counted_teams;
    size_t counted_team_count;
    struct ps_rng rng;
    uint64_t start_ns;
    double probe_time, side_time; /* s spent in the frequency probe and in counting apart */
    bool first_counts;            /* the first execution of a program is its first round */
    bool only_open;               /* rounds go on for points that are not precise yet */
    bool stuck;
};

double session_elapsed(const struct session *s);
bool session_interrupted(const struct session *s);
void session_idle(double seconds);
/* Waits for the members that are at work, with an eye on the interrupt. wait is ps_team_wait or
 * ps_trial_wait on obj. */
int session_wait(struct session *s, int (*wait)(void *obj, uint64_t deadline_ns), void *obj);

/* What all kinds of targets need. Close after a stuck trial must not be called. */
int session_open(struct session *s, const struct target_ops *ops);
void session_close(struct session *s);
/* The sums of a workload's workers. */
void session_add_workers(const struct session *s, struct target *t);

#endif
