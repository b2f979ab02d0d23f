/*
 * This folder runs the parallel regions of workloads. In comes a workload's function and bodies
 * (the public ABI), a team of threads (team.h) and a strategy with its options; out goes what each
 * slot did and how long regions were open (slot.h), in ticks. It knows nothing of counters, plans
 * or statistics; who measures gets at the workers by a probe (struct ps_probe).
 *
 * A strategy: one way of running parallel regions. Each is one file under strategy/ that ends with
 * its const descriptor, and one row in strategy/list.def. What several of them are made of lies
 * beside this header:
 *
 *     team     threads that live as long as the program; a member is one of them
 *     near     which workers are near each other: the tree along which they wake and arrive, and
 *              the order of victims
 *     slot     the number of a worker, and the sums of what it did
 *     park     a parker is where a thread sleeps in the kernel (as Java's LockSupport.park)
 *     idle     workers that look for work, sleep and are woken one by one
 *     region   a region is one call of parscope_range() or root(); its accounts, and the gate
 *              through which workers that come and go take part in it
 *     tasks    stacks of tasks that others steal from (steal)
 *     shares   items of a loop on demand; schedule: that, and OpenMP's other schedules (pool)
 *     ring     a bounded queue (queue)
 *     spawned  threads that are new in every region (spawn, spawn-tree)
 *     memory   a workload's data, as processes share it; span: pieces of it sent to them (fork)
 *
 * A trial is: create (once per point), then ps_trial_start / ps_trial_wait any number of times,
 * then destroy. In a trial the strategy's `work` runs on the members that it borrows, while the
 * trial's function runs on the caller, which is member 0 (caller_works) or the floating member, and
 * opens regions through the exec.
 */
#ifndef PS_STRATEGY_H
#define PS_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <parscope/workload.h>

#include "err.h"
#include "near.h"
#include "slot.h"
#include "team.h"

enum ps_caller {
    PS_CALLER_WORKS, /* the caller is worker 0 (sequential, pool, steal) */
    PS_CALLER_WAITS, /* the caller only hands out; it floats over the workers' CPUs */
    PS_CALLER_JOINS, /* it floats, and the runtime makes it worker 0 (omp) */
};

struct ps_memory;

/* The workload whose regions an instance runs; ops NULL: it is not told. */
struct ps_workload_state {
    const struct parscope_workload *ops;
    void *state;
    struct ps_memory *memory; /* of the state */
};

struct ps_instance;

typedef void ps_trial_fn(void *arg, struct parscope_exec *x);

struct ps_strategy {
    const char *name;
    const char *summary;    /* what it does, one phrase */
    const char *stands_for; /* "ThreadPoolExecutor and its like" */
    unsigned shapes;        /* set of enum parscope_shape that it can run */
    /* The reason in words where a shape is missing, else NULL. */
    const char *no_range, *no_tree, *no_wait;
    const struct parscope_param *params; /* NULL: none */
    /* The reason in words why it can't run a workload with these options, else NULL. May be NULL.
     */
    const char *(*refuses)(const union parscope_value *options, const struct parscope_workload *w);
    enum ps_caller caller;
    bool creates_threads; /* counters are then read in trials of their own */
    bool serial;          /* one worker whatever is asked for (sequential, handoff) */
    bool per_item;        /* one thread or submission per item: absurd counts are refused */
    double item_cost;     /* s that handing over one item takes, roughly; to refuse absurd sizes */
    bool no_efficiency;   /* its threads are not what computes (handoff, event-loop) */
    bool isolated;        /* its runtime can't be parked: it lives in a process of its own, which is
                             stopped between trials */
    bool forks; /* its workers are processes: they need the state in shared memory; isolated */
    bool probe_spans_spin; /* the workers' probed intervals include their spinning */
    bool hides_spin;       /* nobody tells what its runtime spins */
    size_t instance_size;  /* of its own struct, whose first member is struct ps_instance */

    /* Sets up what `base` already describes. 0 or negative errno. */
    int (*init)(struct ps_instance *base, const union parscope_value *options, struct ps_err *e);
    void (*finish)(struct ps_instance *base); /* may be NULL */
    /* Trial begins: called by the supervisor while no member runs. May be NULL. */
    void (*open)(struct ps_instance *base);
    /* Runs on a borrowed worker until close; NULL where none is borrowed (sequential, spawn). Not
     * called for the caller itself. */
    void (*work)(struct ps_instance *base, unsigned slot);
    /* Called by the caller at the end of its function: lets `work` return. May be NULL. */
    void (*close)(struct ps_instance *base);
    const struct parscope_exec_ops *ops;
};

/* The part that all strategies share. exec is first, so that ops get back to the instance. */
struct ps_instance {
    struct parscope_exec exec;
    const struct ps_strategy *strategy;
    struct ps_team *team;
    unsigned workers;    /* slots; members 0 .. workers-1 of the team */
    unsigned cpus;       /* that the workers share */
    bool oversubscribed; /* more workers than CPUs: then nobody spins */
    uint64_t spin_ticks; /* how long to look for work before sleeping; 0: not at all */
    double tick_ns;
    struct ps_slot *slots; /* workers of them */
    struct ps_near near;
    struct ps_probe probe; /* of the running trial, as are fn and arg */
    ps_trial_fn *fn;
    void *arg;
    struct ps_workload_state workload; /* for strategies that have to know (fork) */
    const char *fault; /* what was wrong, where an op failed for more than its errno; else NULL */

    /* Apart from all of the above, which workers read in each region. */
    PS_ALIGNED struct ps_region_sums sums;
};

/* The reference of all speedups, which is always there. */
#define PS_STRATEGY_SEQUENTIAL "sequential"

/* Ends with NULL. */
extern const struct ps_strategy *const ps_strategies[];
const struct ps_strategy *ps_strategy_find(const char *name);
/* Why the strategy can't run a workload with these shapes; NULL where it can. */
const char *ps_strategy_refusal(const struct ps_strategy *s, unsigned shapes);
/* The same of a workload, of which more may be asked than its shapes. options NULL: the shapes
 * alone. */
const char *ps_strategy_refuses(const struct ps_strategy *s, const union parscope_value *options,
                                const struct parscope_workload *w);

/* What an instance is made of. */
struct ps_instance_setup {
    const struct ps_strategy *strategy;
    const union parscope_value *options; /* one per row of strategy->params */
    struct ps_team *team;                /* of which it uses the floating member, too */
    unsigned workers; /* the first members of the team (of a serial strategy one) */
    unsigned cpus;    /* that they share */
    /* Of the team's CPUs; NULL: all are equally near. */
    const struct ps_topology *topology;
    struct ps_workload_state workload;
};

/* -EINVAL where the team has fewer members. */
int ps_instance_create(const struct ps_instance_setup *setup, struct ps_instance **instance,
                       struct ps_err *e);
void ps_instance_destroy(struct ps_instance *instance); /* accepts NULL */

/* Starts a trial: zeroes slots and sums, borrows the members, runs fn(arg, exec) on the caller.
 * probe may be NULL. The supervisor then calls ps_trial_wait until it gives 0 (see ps_team_wait).
 */
void ps_trial_start(struct ps_instance *instance, const struct ps_probe *probe, ps_trial_fn *fn,
                    void *arg);
int ps_trial_wait(struct ps_instance *instance, uint64_t deadline_ns);
/* For use inside fn: changes the probe between executions; no region may be open. */
void ps_trial_probe(struct parscope_exec *x, const struct ps_probe *probe);
struct ps_instance *ps_trial_instance(struct parscope_exec *x);

#endif
