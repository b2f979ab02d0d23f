/*
 * A bounded queue of items: one thread puts, any number take, in order.
 *
 * Cell i of a ring of C cells is for the items of number k with k % C = i, and says the number
 * after that of the last item that was put there. Takers read the item first, and then settle by a
 * compare-and-swap on head who has it: what the others read is nobody's. They write no cell, so its
 * line goes one way only. An item that was put happens-before it is taken.
 *
 * Who puts must know that there is room: that of the items but the last C - 1 all have been taken,
 * and this happens-before it puts the next one.
 */
#ifndef PS_RING_H
#define PS_RING_H

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
    _Atomic(parscope_range_fn *) body;
    _Atomic(void *) arg;
    _Atomic uint64_t index;
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

/* relaxed, both: a taker that loses may read what is written anew. */
static inline void ps_cell_set(struct ps_cell *c, struct ps_item item)
{
    atomic_store_explicit(&c->body, item.body, memory_order_relaxed);
    atomic_store_explicit(&c->arg, item.arg, memory_order_relaxed);
    atomic_store_explicit(&c->index, item.index, memory_order_relaxed);
}

static inline struct ps_item ps_cell_get(const struct ps_cell *c)
{
    return (struct ps_item){atomic_load_explicit(&c->body, memory_order_relaxed),
                            atomic_load_explicit(&c->arg, memory_order_relaxed),
                            atomic_load_explicit(&c->index, memory_order_relaxed)};
}

static inline void ps_ring_put(struct ps_ring *r, struct ps_item item)
{
    struct ps_cell *c = &r->cells[r->tail & r->mask];

    ps_cell_set(c, item);
    /* release: pairs with ps_ring_take. */
    atomic_store_explicit(&c->sequence, ++r->tail, memory_order_release);
}

/* False where there is none; else its number, too. */
static inline bool ps_ring_take(struct ps_ring *r, struct ps_item *item, uint64_t *number)
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
        *item = ps_cell_get(c);
        /* acq_rel: who takes a later item knows that this one was read, and tells who puts. */
        if (!atomic_compare_exchange_weak_explicit(&r->head, &head, head + 1, memory_order_acq_rel,
                                                   memory_order_relaxed))
            continue;
        *number = head;
        return true;
    }
}

#endif
