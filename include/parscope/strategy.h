/*
 * The public interface of a strategy: how another runtime runs the parallel regions of workloads.
 *
 * Order of calls: create, then range / root any number of times, destroy. range and root are called
 * by one thread at a time, which need not be the one that called create; it may use all the CPUs of
 * the instance and has to be left with that affinity. It may work itself or only wait. Functions
 * that return int return 0 or a negative errno.
 *
 * Accounting: the strategy calls parscope_enter() on a thread before it runs bodies there, and
 * parscope_leave() on the same thread after them. What lies between is the busy time of the slot,
 * so that looking for work and handing it out belong outside. Pairs may nest in a slot, as where a
 * worker that waits in a join runs another task; the outermost counts. All that a worker did,
 * leaving included, has to be seen by the caller when range or root returns.
 */
#ifndef PARSCOPE_STRATEGY_H
#define PARSCOPE_STRATEGY_H

#include <parscope/workload.h>

#define PARSCOPE_STRATEGY_ABI 1

/* What parscope offers to an instance, from its create until its destroy. A slot is in 0 ..
 * workers-1 and belongs to one thread at a time. */
struct parscope_host {
    void (*enter)(struct parscope_host *h, unsigned slot);
    void (*leave)(struct parscope_host *h, unsigned slot, uint64_t items);
};

static inline void parscope_enter(struct parscope_host *h, unsigned slot)
{
    h->enter(h, slot);
}

/* items: of parscope_range() those that were done since the matching enter, without those of pairs
 * inside; of a tree the tasks, or 0. */
static inline void parscope_leave(struct parscope_host *h, unsigned slot, uint64_t items)
{
    h->leave(h, slot, items);
}

struct parscope_strategy {
    uint32_t abi;           /* PARSCOPE_STRATEGY_ABI */
    const char *name;       /* letters, digits, '-', '_' and '.' */
    const char *summary;    /* what it does, one phrase, no full stop */
    const char *stands_for; /* what people call it: "oneTBB's parallel_for" */
    unsigned shapes;        /* set of enum parscope_shape that it can run */
    /* The reason in words where a shape is missing, else NULL. */
    const char *no_range, *no_tree, *no_wait;
    const struct parscope_param *params; /* NULL: none */

    /* Sets up `workers` workers. values[i] belongs to params[i]; cpus[i] is the CPU that worker i
     * is to be pinned to, -1: to none. It may start threads, which have nothing to do until range
     * or root is called. Where it fails it leaves nothing behind. */
    int (*create)(const union parscope_value *values, struct parscope_host *host, unsigned workers,
                  const int *cpus, void **state);
    void (*destroy)(void *state); /* NULL: nothing */

    /* Runs body over the items 0 .. n-1, n > 0, each once, in pieces as it likes, and returns when
     * all are done. The body gets a struct parscope_worker with the slot that it runs in; where
     * there are no trees, join is parscope_join_serially. NULL: only trees. */
    int (*range)(void *state, uint64_t n, parscope_range_fn *body, void *arg);
    /* Runs task on some worker, and returns when it is done. The task, and what it forks, gets a
     * struct parscope_worker whose join runs two tasks, the first on the calling worker. NULL: no
     * trees. */
    int (*root)(void *state, parscope_task_fn *task, void *arg);
};

/* A join for strategies without PARSCOPE_TREE. */
static inline void parscope_join_serially(struct parscope_worker *w, parscope_task_fn *f,
                                          void *f_arg, parscope_task_fn *g, void *g_arg)
{
    f(f_arg, w);
    g(g_arg, w);
}

#endif
