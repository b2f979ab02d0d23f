/*
 * Accounting of regions (slot.h), for all strategies; and for those whose workers come and go while
 * a region is open (queue, steal), the gate that they pass.
 *
 * Such a worker finds out by itself that a region opened or closed: by reading the gate while it
 * looks for work, and by getting work, which only exists in an open region. Where the region is not
 * probed, nobody waits for it to notice: its busy time reaches the caller along with the completion
 * of its work, and its spinning goes straight to its slot, where it is off by the moment that it
 * takes to notice. A probed region counts the workers inside, and closing waits until all of them
 * called the probe's end, so that the caller may read what the probe left.
 */
#ifndef PS_REGION_H
#define PS_REGION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "park.h"
#include "slot.h"
#include "strategy.h"
#include "ticks.h"

/* Clocks of two CPUs may differ by a few ticks: never below 0. */
static inline uint64_t ps_ticks_between(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

static inline void ps_region_add(struct ps_instance *in, uint64_t ticks, uint64_t max_busy)
{
    in->sums.regions++;
    in->sums.region += ticks;
    in->sums.max_busy += max_busy;
}

static inline bool ps_probed(const struct ps_instance *in)
{
    return in->probe.begin || in->probe.end;
}

static inline void ps_probe_begin(const struct ps_instance *in, unsigned slot)
{
    if (in->probe.begin)
        in->probe.begin(in->probe.ctx, slot);
}

static inline void ps_probe_end(const struct ps_instance *in, unsigned slot)
{
    if (in->probe.end)
        in->probe.end(in->probe.ctx, slot);
}

/* Raises *max to at least value. */
static inline void ps_atomic_max(_Atomic uint64_t *max, uint64_t value)
{
    uint64_t now = atomic_load_explicit(max, memory_order_relaxed);

    /* relaxed: read by the caller after an operation that orders it. */
    while (value > now && !atomic_compare_exchange_weak_explicit(
                              max, &now, value, memory_order_relaxed, memory_order_relaxed))
        ;
}

/* The equal share `i` of `of` of n items; the first n % of shares have one more. */
struct ps_items {
    uint64_t begin, end;
};

static inline struct ps_items ps_equal_share(uint64_t n, unsigned i, unsigned of)
{
    uint64_t each = n / of, more = n % of;
    uint64_t begin = i * each + (i < more ? i : more);

    return (struct ps_items){begin, begin + each + (i < more)};
}

/* Does the equal share of a worker that comes for a region and goes: its slot is accounted, and
 * probed around it. Returns its busy ticks. */
uint64_t ps_do_equal_share(const struct ps_instance *in, struct parscope_worker *w, uint64_t n,
                           parscope_range_fn *body, void *arg);

/* For strategies that run no ranges or no trees: what refuses them, and a join for bodies that call
 * it in spite of that. */
int ps_no_range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg);
int ps_no_root(struct parscope_exec *x, parscope_task_fn *task, void *arg);
void ps_join_serial(struct parscope_worker *w, parscope_task_fn *f, void *f_arg,
                    parscope_task_fn *g, void *g_arg);

#define PS_GATE_OPEN   1u
#define PS_GATE_PROBED 2u
#define PS_GATE_INSIDE 4u /* one worker that is inside */

struct ps_gate {
    /* Number of the region in the upper half; below it the flags and the count. The count is above
     * 0 only in probed regions. */
    _Atomic uint64_t word;
    struct ps_parker caller;
    _Atomic uint64_t since;    /* ticks, when the region began for which it opened last */
    _Atomic uint64_t unopened; /* ticks, of all regions for which it did not open */
    _Atomic uint64_t end;      /* the count at which its region is over, if it isn't closed */
};

/* What one worker accounts; only it touches this. */
struct ps_account {
    struct ps_instance *instance;
    struct ps_slot *slot;
    unsigned number;  /* of the slot */
    uint32_t region;  /* that it last worked in */
    uint32_t entered; /* whose time it accounts, from `mark` on; only while active */
    bool active;
    bool inside;       /* it counts at the gate */
    uint64_t mark;     /* while not active: since when it is awake, and in no account */
    uint64_t unopened; /* the gate's, of which it has accounted its part */
    uint64_t busy;     /* ticks, in `region` */
};

void ps_gate_init(struct ps_gate *g);
void ps_account_init(struct ps_account *a, struct ps_instance *in, unsigned number);

/* The caller opens and closes; close waits for the workers inside, for spin_ticks without sleeping.
 * `since`: the ticks at the region's beginning. */
void ps_gate_open(struct ps_gate *g, bool probed, uint64_t since);
/* The same as a region of this number, which differs from those of other regions. It is over when
 * the count that is given to ps_account_watch_until has come to `end`: closing it is for those that
 * are probed. */
void ps_gate_open_until(struct ps_gate *g, uint32_t region, bool probed, uint64_t since,
                        uint64_t end);
/* In place of both, where there was nothing for others in a region that took so long. */
void ps_gate_not_opened(struct ps_gate *g, uint64_t ticks);
void ps_gate_close(struct ps_gate *g, uint64_t spin_ticks);
/* As far as a worker knows: no more than whether it is worth looking for work. */
bool ps_gate_is_open(const struct ps_gate *g);

/* The caller that is a worker too takes part in the region that it opened, without counting at the
 * gate; what comes is busy. */
void ps_account_adopt(struct ps_account *a, const struct ps_gate *g);
/* The worker begins to look for work, as it has started or woken up. */
void ps_account_awake(struct ps_account *a, const struct ps_gate *g);
/* While looking for work: takes note of a region that opened or closed. What it spun from the
 * region's beginning on counts, though the gate opens later or not at all; but not where it is
 * probed, as the probe begins with the gate. */
void ps_account_watch(struct ps_account *a, struct ps_gate *g);
/* The same where regions are over by a count, which has come so far. */
void ps_account_watch_until(struct ps_account *a, struct ps_gate *g, uint64_t count);
/* Work was found: what comes is busy. True where it is the first of this region. */
bool ps_account_begin(struct ps_account *a, struct ps_gate *g);
/* The same without a look at the gate, where the work says of which region it is; not if that is
 * probed. */
bool ps_account_begin_in(struct ps_account *a, struct ps_gate *g, uint32_t region);
/* In the middle of its work it waited for others, and goes on: what comes is busy. */
void ps_account_resume(struct ps_account *a);
/* The work is done, or was at `now`: what comes is spinning. */
void ps_account_end(struct ps_account *a);
void ps_account_end_at(struct ps_account *a, uint64_t now);
/* Before sleeping, with no work under way: leaves the region. */
void ps_account_leave(struct ps_account *a, struct ps_gate *g);

#endif
