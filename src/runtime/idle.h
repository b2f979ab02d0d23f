/*
 * Sleeping of workers that look for work, and waking them one by one as work appears.
 *
 * A worker that has found nothing for a while raises `sleeping` and takes its parker (park.h), and
 * then looks for work for the last time; whoever makes work does so before it reads `sleeping`. So
 * one of them sees the other.
 *
 * New work wakes only one sleeper, and none while a worker that was woken has not found work yet
 * (`waking` above 0): else a burst of work would wake everyone for the same piece. A woken worker
 * that has found work, or is about to sleep again, lowers `waking` and then looks whether there is
 * work left; if so, it wakes the next one, on behalf of those who left that to it.
 *
 * The order of these steps is what counts, so all are sequentially consistent. Workers that never
 * slept do not count in `waking`, so none of this writes to shared memory while all are awake.
 */
#ifndef PS_IDLE_H
#define PS_IDLE_H

#include "cacheline.h"
#include "near.h"
#include "park.h"

struct ps_idler {
    PS_ALIGNED struct ps_parker parker;
    bool called; /* it counts in `waking`; its worker's */
};

struct ps_idle {
    struct ps_idler *idlers;
    const struct ps_near *near;
    bool (*work_left)(void *ctx); /* sees all work that comes before it in the order of seq_cst */
    void *ctx;
    PS_ALIGNED _Atomic uint32_t sleeping; /* workers that sleep or are about to */
    /* Below 0 for a moment, where a worker lowers it before who woke it has raised it. */
    _Atomic int32_t waking;
};

/* For the workers of `near`, which must outlive it. -ENOMEM. */
int ps_idle_init(struct ps_idle *i, const struct ps_near *near, bool (*work_left)(void *ctx),
                 void *ctx);
void ps_idle_finish(struct ps_idle *i);

/* To be asked after making work; where true, wake one. */
static inline bool ps_idle_anyone(const struct ps_idle *i)
{
    /* seq_cst: after the work, pairs with ps_idle_prepare. */
    return atomic_load_explicit(&i->sleeping, memory_order_seq_cst) > 0;
}

/* Wakes the sleeper that is nearest to this worker, which is awake. */
void ps_idle_wake_one(struct ps_idle *i, unsigned worker);
/* Wakes this worker if it sleeps, for another reason than work. */
void ps_idle_wake(struct ps_idle *i, unsigned worker);

/* Of the worker itself: when it has found work, or no longer looks for any. */
void ps_idle_settle(struct ps_idle *i, unsigned worker);
/* It sleeps by prepare, a last look for any reason to stay awake, and then sleep. */
void ps_idle_prepare(struct ps_idle *i, unsigned worker);
void ps_idle_sleep(struct ps_idle *i, unsigned worker, bool stay);

#endif
