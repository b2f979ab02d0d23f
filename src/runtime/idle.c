#include "idle.h"

#include <errno.h>
#include <stdlib.h>

int ps_idle_init(struct ps_idle *i, const struct ps_near *near, bool (*work_left)(void *ctx),
                 void *ctx)
{
    i->idlers = aligned_alloc(PS_LINE, near->count * sizeof *i->idlers);
    if (!i->idlers)
        return -ENOMEM;
    i->near = near;
    i->work_left = work_left;
    i->ctx = ctx;
    atomic_init(&i->sleeping, 0);
    atomic_init(&i->waking, 0);
    for (unsigned k = 0; k < near->count; k++) {
        atomic_init(&i->idlers[k].parker.state, PS_PARKER_AWAKE);
        i->idlers[k].called = false;
    }
    return 0;
}

void ps_idle_finish(struct ps_idle *i)
{
    free(i->idlers);
}

void ps_idle_wake_one(struct ps_idle *i, unsigned worker)
{
    struct ps_near_walk k = ps_near_walk(i->near, worker, NULL);
    unsigned other;

    /* seq_cst: after the work, or after lowering `waking` in ps_idle_settle. */
    if (atomic_load_explicit(&i->waking, memory_order_seq_cst) > 0)
        return;
    while (ps_near_next(&k, &other)) {
        if (ps_parker_call(&i->idlers[other].parker, PS_PARKER_CALLED)) {
            atomic_fetch_add_explicit(&i->waking, 1, memory_order_seq_cst);
            return;
        }
    }
}

void ps_idle_wake(struct ps_idle *i, unsigned worker)
{
    ps_parker_call(&i->idlers[worker].parker, PS_PARKER_AWAKE);
}

void ps_idle_settle(struct ps_idle *i, unsigned worker)
{
    struct ps_idler *w = &i->idlers[worker];

    if (!w->called)
        return;
    w->called = false;
    /* seq_cst: before looking for work that others left to this worker. */
    atomic_fetch_sub_explicit(&i->waking, 1, memory_order_seq_cst);
    if (ps_idle_anyone(i) && i->work_left(i->ctx))
        ps_idle_wake_one(i, worker);
}

void ps_idle_prepare(struct ps_idle *i, unsigned worker)
{
    ps_idle_settle(i, worker);
    /* seq_cst, both: before the last look, pairs with ps_idle_anyone and ps_idle_wake_one. */
    atomic_fetch_add_explicit(&i->sleeping, 1, memory_order_seq_cst);
    ps_parker_take(&i->idlers[worker].parker);
}

void ps_idle_sleep(struct ps_idle *i, unsigned worker, bool stay)
{
    struct ps_idler *w = &i->idlers[worker];

    w->called = stay ? ps_parker_leave(&w->parker) : ps_parker_sleep(&w->parker);
    /* relaxed: a count that is too high for a moment only makes others look at the parkers. */
    atomic_fetch_sub_explicit(&i->sleeping, 1, memory_order_relaxed);
}
