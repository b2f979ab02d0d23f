/*
 * A bounded queue of items, after Dmitry Vyukov's: one thread puts, any number take, in order.
 *
 * Each cell has a sequence number. Cell i of a ring of C cells is free for item k (k % C = i) at
 * number k, and holds it at number k + 1; taking it sets the number to k + C. Takers settle by a
 * compare-and-swap on head who takes which item. An item that was put happens-before it is taken.
 */
#ifndef PS_RING_H
#define PS_RING_H

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <parscope/workload.h>

#include "cacheline.h"

struct ps_item {
    parscope_range_fn *body;
    void *arg;
    uint64_t index;
};

struct ps_cell {
    _Atomic uint64_t sequence;
    struct ps_item item;
};

struct ps_ring {
    struct ps_cell *cells;
    uint64_t mask;
    PS_ALIGNED uint64_t tail;         /* items put; of the thread that puts */
    PS_ALIGNED _Atomic uint64_t head; /* items taken */
};

/* At least so many cells. -ENOMEM. */
int ps_ring_init(struct ps_ring *r, uint64_t cells);
void ps_ring_finish(struct ps_ring *r);

static inline uint64_t ps_ring_size(const struct ps_ring *r)
{
    return r->mask + 1;
}

/* There must have been taken enough items that there is room. */
static inline void ps_ring_put(struct ps_ring *r, struct ps_item item)
{
    struct ps_cell *c = &r->cells[r->tail & r->mask];

    /* acquire: pairs with ps_ring_take. Waits only where who took the last item of this cell lost
     * the CPU before it had read it. */
    while (atomic_load_explicit(&c->sequence, memory_order_acquire) != r->tail)
        sched_yield();
    c->item = item;
    /* release: pairs with ps_ring_take. */
    atomic_store_explicit(&c->sequence, ++r->tail, memory_order_release);
}

/* False where there is none. */
static inline bool ps_ring_take(struct ps_ring *r, struct ps_item *item)
{
    uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

    for (;;) {
        struct ps_cell *c = &r->cells[head & r->mask];
        /* acquire: pairs with ps_ring_put, for the item. */
        uint64_t sequence = atomic_load_explicit(&c->sequence, memory_order_acquire);

        if (sequence <= head)
            return false;
        if (sequence > head + 1) {
            head = atomic_load_explicit(&r->head, memory_order_relaxed);
            continue;
        }
        /* relaxed: only settles who reads the cell. */
        if (!atomic_compare_exchange_weak_explicit(&r->head, &head, head + 1, memory_order_relaxed,
                                                   memory_order_relaxed))
            continue;
        *item = c->item;
        /* release: pairs with ps_ring_put, which writes the cell again. */
        atomic_store_explicit(&c->sequence, head + r->mask + 1, memory_order_release);
        return true;
    }
}

#endif
