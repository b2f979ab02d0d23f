/*
 * Work stealing: what its workers are (steal_worker.c), for the strategy's regions (steal.c). Each
 * worker has a stack of tasks (tasks.h); the caller is worker 0.
 *
 * A fork pushes a task, runs the other branch, and pops the task. Where a thief took it, the worker
 * runs tasks of others until the thief marks it done. Waiting workers that have found something
 * nest: each of them can again wait for a thief. After STEAL_MAX_NESTED levels a worker only waits,
 * so that a stack holds at most STEAL_MAX_NESTED + 1 recursions. That can't deadlock: a task waits
 * only for tasks that were started after it, those it forked and those that were nested on top of
 * it.
 *
 * Nothing is shared before somebody asks for it. A worker that found nothing to steal asks all
 * others, whose next fork or join then shares the older half of what they have. So that no sleeper
 * is forgotten, a worker asks before it sleeps (idle.h), and who has found work asks for those that
 * still sleep: its victim, and itself. Waking grows like a tree.
 *
 * Workers that have found nothing for a while sleep, also those that wait for a stolen task, which
 * their thief wakes too.
 *
 * The busiest worker's time gets to the caller with the tasks: a thief leaves in the task the
 * largest time that it knows of, its own included, and the worker that forked it picks that up.
 */
#ifndef STEAL_H
#define STEAL_H

#include "idle.h"
#include "region.h"
#include "rng.h"
#include "tasks.h"

#define STEAL_MAX_NESTED 32

struct steal_worker {
    PS_ALIGNED struct parscope_worker abi;
    PS_ALIGNED struct steal *steal;
    struct ps_account account;
    uint64_t max_busy; /* ticks of other workers, as far as known, in account.region */
    uint64_t chunk;    /* items of a range that it does at once, in account.region */
    unsigned nested;   /* tasks of others under way, one on top of the other */
    struct ps_rng rng;
    bool opened;    /* the gate, in this region: the caller alone */
    uint64_t ended; /* ticks, when the range ended that it did last; 0: it has done more since */

    /* At its end what thieves look at, in one line with the gate, so that who sees a region open
     * also sees the tasks with which it opened. */
    PS_ALIGNED struct ps_tasks tasks;
    struct ps_gate gate; /* of the regions that it opens: the caller's alone is used */
};

struct steal {
    struct ps_instance base;
    struct steal_worker *workers;
    uint64_t chunk_ticks;
    struct ps_idle idle;
    PS_ALIGNED uint32_t closing; /* atomic */
};

/* Makes s->workers, of the number in s->base. -ENOMEM. */
int steal_workers_init(struct steal *s);
void steal_workers_finish(struct steal *s);

static inline struct ps_gate *steal_gate(const struct steal *s)
{
    return &s->workers[0].gate;
}

/* Before the worker's first work in a region. */
static inline void steal_worker_reset(struct steal_worker *w)
{
    w->max_busy = 0;
    w->chunk = 1;
}

/* The work that it did last is done. */
void steal_end_work(struct steal_worker *w);
/* After the worker pushed a task, where that is more than a push. 0: its stack is full, undo it. */
int steal_forked(struct parscope_worker *abi);
/* Adds the worker's joins since the last time to the items of its slot. */
void steal_count_joins(struct steal_worker *w);
/* Runs tasks of others, spins and sleeps until *stop, which is atomic, is not 0. */
void steal_work_until(struct steal_worker *w, uint32_t *stop);
/* Whether a task can be stolen from anybody; ctx: a struct steal. */
bool steal_work_left(void *ctx);

/* Ticks of the busiest worker that this one knows of. */
static inline uint64_t steal_max_busy(const struct steal_worker *w)
{
    return w->account.busy > w->max_busy ? w->account.busy : w->max_busy;
}

#endif
