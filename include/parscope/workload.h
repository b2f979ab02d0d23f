/*
 * The public interface of a workload: a piece of work that parscope runs under every strategy.
 *
 * A workload is written once, against `struct parscope_exec`, and never knows which strategy runs
 * it. run() does its serial parts directly and opens parallel regions with parscope_range() (n
 * independent items), parscope_blocking() (items that block) or parscope_root() (a fork-join
 * recursion). Time inside run() and outside regions is the workload's serial time.
 *
 * Order of calls: size, create, reference once, then run / verify any number of times, destroy.
 * Only one run() of a state is active at a time. Functions that return int return 0 or a negative
 * errno.
 */
#ifndef PARSCOPE_WORKLOAD_H
#define PARSCOPE_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#include <parscope/param.h>

#define PARSCOPE_WORKLOAD_ABI 3

/* Bytes between data of different workers, so that they share no cache line (two lines: adjacent-
 * line prefetchers pair them). */
#define PARSCOPE_LINE 128

/* Shapes of parallel work; a workload's `shapes` is the set that its run() asks for. */
enum parscope_shape {
    PARSCOPE_RANGE = 1, /* independent items, parscope_range() */
    PARSCOPE_TREE = 2,  /* fork-join recursion, parscope_root() and parscope_join() */
    PARSCOPE_WAIT = 4,  /* items that block, waiting for a time; parscope_blocking() */
};

struct parscope_worker;
struct parscope_exec;
struct parscope_task;

/* Does items begin .. end-1. May be called at once on several workers with disjoint ranges. */
typedef void parscope_range_fn(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w);
typedef void parscope_task_fn(void *arg, struct parscope_worker *w);

/* Who is executing; a strategy sets join and slot, and zeroes the rest. `slot` is in 0 ..
 * exec->slots-1, and no two bodies that run at the same time have the same slot, so that per-slot
 * partial results need no lock. */
struct parscope_worker {
    void (*join)(struct parscope_worker *w, parscope_task_fn *f, void *f_arg, parscope_task_fn *g,
                 void *g_arg);
    unsigned slot;

    /* For <parscope/task.h>; zero where the strategy keeps no stacks of tasks. What others write
     * lies apart from what the worker writes. */
    struct parscope_task *head; /* next free task of the stack, when a task begins or is slow */
    int (*forked)(struct parscope_worker *w); /* after a push; 0: undo it, the stack is full */
    /* After a pop: 1 where the task is still the worker's, 0 where somebody else did it. */
    int (*unforked)(struct parscope_worker *w, struct parscope_task *t);
    uint64_t joins; /* that forked, for the strategy to count; parscope_join() alone counts them */
    char apart[PARSCOPE_LINE - sizeof(uint64_t)];
    struct parscope_task *limit; /* a fork at or above it is more than a push */
    struct parscope_task *fence; /* a join below it is more than a pop */
};

/* Blocking operations, for workers that block and for strategies that overlap waits instead. */
struct parscope_waits {
    /* Does items, blocking; with `join` above 1 their single waits: the k-th of item i is number
     * i * join + k. */
    parscope_range_fn *body;
    /* An event loop does the same in these two. It begins all waits of an item at the same time and
     * calls resume once for each when it is over, in any order; the item is done when all have been
     * resumed. wait sets *seconds (at least 0) to the length of wait k = 0, 1, ... of the item and
     * returns 1, or returns 0 where there are no more. resume does the work that follows, never
     * blocking; `late` (s, at least 0) is the time since the wait's end. */
    int (*wait)(void *arg, uint64_t item, unsigned k, double *seconds);
    void (*resume)(void *arg, uint64_t item, unsigned k, double late, struct parscope_worker *w);
    /* Where each item is a join of so many waits: an item of two, on two workers, takes as long as
     * one wait. 0 or 1: items are not divided. */
    unsigned join;
};

/* What the body's numbers go up to. */
static inline uint64_t parscope_wait_count(uint64_t n, const struct parscope_waits *waits)
{
    return waits->join > 1 ? n * waits->join : n;
}

struct parscope_exec_ops {
    int (*range)(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg);
    int (*root)(struct parscope_exec *x, parscope_task_fn *task, void *arg);
    /* NULL: a range of the waits' body. */
    int (*blocking)(struct parscope_exec *x, uint64_t n, const struct parscope_waits *waits,
                    void *arg);
};

/* What a strategy offers to run(); only the thread that called run() may use it. */
struct parscope_exec {
    const struct parscope_exec_ops *ops;
    unsigned slots;
};

/* Runs body over the items 0 .. n-1 and returns when all are done. n may be 0. */
static inline int parscope_range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body,
                                 void *arg)
{
    return x->ops->range(x, n, body, arg);
}

/* Runs task on some worker, with whatever it forks, and returns when all is done. */
static inline int parscope_root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    return x->ops->root(x, task, arg);
}

/* Does the items 0 .. n-1, which are blocking operations, and returns when all are done. */
static inline int parscope_blocking(struct parscope_exec *x, uint64_t n,
                                    const struct parscope_waits *waits, void *arg)
{
    if (!x->ops->blocking)
        return x->ops->range(x, parscope_wait_count(n, waits), waits->body, arg);
    return x->ops->blocking(x, n, waits, arg);
}

/* Inside a task: runs f and g, possibly at the same time, and returns when both are done. f runs on
 * the calling worker; g may run on another. */
static inline void parscope_join(struct parscope_worker *w, parscope_task_fn *f, void *f_arg,
                                 parscope_task_fn *g, void *g_arg); /* in <parscope/task.h> */

/* Memory of a state. What create() gets from it is zeroed, aligned to PARSCOPE_LINE, and freed
 * after destroy(). Where workers are processes it is shared between them, at the same addresses;
 * other memory that is written after create() is then each process's own. */
struct parscope_memory {
    void *(*alloc)(struct parscope_memory *m, size_t bytes); /* NULL: no memory */
};

/* NULL: no memory, or the product overflows. */
static inline void *parscope_alloc(struct parscope_memory *m, uint64_t count, size_t size)
{
    size_t bytes;

    return __builtin_mul_overflow(count, size, &bytes) ? NULL : m->alloc(m, bytes);
}

/* Memory that the items begin .. end-1 read and write; `bytes` 0: none. For workers that have
 * copies of the data (fork:transfer=copy): inputs are sent to them and outputs sent back. */
struct parscope_span {
    void *start;
    size_t bytes;
};

/* Values of its own that a workload may have, at most. */
#define PARSCOPE_CUSTOM 8

/* A value of its own that a workload measures in a run: a metric of each of its points. A table of
 * them ends with a NULL name. */
struct parscope_custom {
    const char *name; /* lower case, digits and _, and no other metric's: "wakeup_p50" */
    const char *unit; /* SI: "s", "1", "items" */
    const char *help; /* one phrase, no full stop */
};

/* What one run() amounts to, known before anything is allocated. */
struct parscope_size {
    double items;   /* in the workload's unit; throughput is items per second */
    uint64_t tasks; /* parallel items that run() submits: sum of parscope_range's n; forks for
                       trees; single waits */
    uint64_t bytes; /* memory that create() will allocate */
};

struct parscope_workload {
    uint32_t abi; /* PARSCOPE_WORKLOAD_ABI */
    const char *name;
    const char *summary; /* one line, no full stop */
    const char *unit;    /* of items, plural: "elements" */
    unsigned shapes;     /* set of enum parscope_shape */
    const struct parscope_param *params;

    /* values[i] belongs to params[i]. Refuses combinations that make no sense: writes the reason
     * into why (of why_size bytes) and returns -EINVAL. */
    int (*size)(const union parscope_value *values, struct parscope_size *size, char *why,
                size_t why_size);
    /* Allocates and fills the data; slots is the largest exec->slots that will be seen. Where it
     * fails it leaves nothing behind but what it had from `memory`. */
    int (*create)(const union parscope_value *values, struct parscope_memory *memory,
                  unsigned slots, void **state);
    void (*destroy)(void *state); /* frees what is not from `memory`; NULL: nothing */
    /* Computes the expected result serially, by plain loops, without an exec. */
    int (*reference)(void *state);
    int (*run)(void *state, struct parscope_exec *x);
    /* Compares what the last run() left with the reference: 0, or -EBADMSG with the first
     * difference in why. */
    int (*verify)(void *state, char *why, size_t why_size);

    /* All below may be NULL or 0. */

    /* Set where workers may be processes: all that bodies write, and all that they read and that
     * was written after create(), is in `memory`; the arg of parscope_range() too. */
    int shared;
    /* The data of the items begin .. end-1. */
    void (*spans)(void *state, uint64_t begin, uint64_t end, struct parscope_span *input,
                  struct parscope_span *output);
    const struct parscope_custom *custom;
    /* values[i] belongs to custom[i]; NaN where the last run has none. */
    void (*measured)(void *state, double *values);
    /* The items that the last run really did, for workloads that run for a given time. That time is
     * a parameter named "duration", which is 0 by default: everything once. */
    double (*done)(void *state);
};

#include <parscope/task.h>

#endif
