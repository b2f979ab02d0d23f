/*
 * A work-stealing deque of pointers, after Chase and Lev, "Dynamic Circular Work-Stealing Deque"
 * (2005), with the orders of Lê, Pop, Cohen and Zappa Nardelli, "Correct and Efficient
 * Work-Stealing for Weak Memory Models" (2013), but of fixed size, and with sequentially consistent
 * operations on top and bottom in place of the fences, which ThreadSanitizer does not understand.
 *
 *               push, pop, empty      steal, visible
 *     owner     yes                   yes
 *     others    no                    yes, any number at once
 *
 * The owner works at the bottom, thieves take from the top. Items are at the indices top ..
 * bottom-1, which only grow (but for pop's bottom), so that no index is ever used again: there is
 * no ABA. A thief and the owner that want the same last item settle it by a compare-and-swap on
 * top. pop first lowers bottom and then reads top, a thief first reads top and then bottom: of an
 * owner and a thief that are after the same item, one sees the other.
 *
 * An item that was pushed happens-before its return from pop or steal.
 */
#ifndef PS_DEQUE_H
#define PS_DEQUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cacheline.h"

/* A power of two. The depth of nested forks of one worker; deeper ones run inline. */
#define PS_DEQUE_CAPACITY 1024

struct ps_deque {
    PS_ALIGNED _Atomic int64_t top;
    PS_ALIGNED _Atomic int64_t bottom; /* written by the owner only */
    int64_t top_seen;                  /* the owner's; at most top */
    _Atomic(void *) items[PS_DEQUE_CAPACITY];
};

_Static_assert((PS_DEQUE_CAPACITY & (PS_DEQUE_CAPACITY - 1)) == 0, "indices are masked");

void ps_deque_init(struct ps_deque *d);

/* A moment's truth, except that an owner's deque that is empty stays so. */
static inline bool ps_deque_empty(struct ps_deque *d)
{
    return atomic_load_explicit(&d->bottom, memory_order_relaxed) <=
           atomic_load_explicit(&d->top, memory_order_relaxed);
}

/* The same for others. Sees every push that comes before it in the single order of seq_cst. */
static inline bool ps_deque_visible(struct ps_deque *d)
{
    int64_t top = atomic_load_explicit(&d->top, memory_order_seq_cst);

    return top < atomic_load_explicit(&d->bottom, memory_order_seq_cst);
}

/* False where the deque is full. item is not NULL. */
static inline bool ps_deque_push(struct ps_deque *d, void *item)
{
    int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_relaxed);

    if (bottom - d->top_seen >= PS_DEQUE_CAPACITY) {
        /* acquire: pairs with the thief's compare-and-swap; it has read the slot before. */
        d->top_seen = atomic_load_explicit(&d->top, memory_order_acquire);
        if (bottom - d->top_seen >= PS_DEQUE_CAPACITY)
            return false;
    }
    /* relaxed: published by the store to bottom. */
    atomic_store_explicit(&d->items[bottom & (PS_DEQUE_CAPACITY - 1)], item, memory_order_relaxed);
    /* seq_cst: the release half pairs with the load of bottom in steal; the single order lets the
     * pusher look for sleepers next (see park.h). */
    atomic_store_explicit(&d->bottom, bottom + 1, memory_order_seq_cst);
    return true;
}

/* Settles with the thieves who gets the last item, at index `last`; bottom is lowered already. */
static inline bool ps_deque_win(struct ps_deque *d, int64_t last)
{
    int64_t top = last;
    /* seq_cst: against the compare-and-swap of steal. */
    bool won = atomic_compare_exchange_strong_explicit(&d->top, &top, last + 1,
                                                       memory_order_seq_cst, memory_order_relaxed);

    /* release: thieves that read this bottom must see the items below it. */
    atomic_store_explicit(&d->bottom, last + 1, memory_order_release);
    return won;
}

/* The item pushed last, or NULL where thieves took all. */
static inline void *ps_deque_pop(struct ps_deque *d)
{
    int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_relaxed) - 1, top;
    void *item;

    /* seq_cst store, then load: pairs with the loads of top and then bottom in steal. */
    atomic_store_explicit(&d->bottom, bottom, memory_order_seq_cst);
    top = atomic_load_explicit(&d->top, memory_order_seq_cst);
    if (top > bottom) {
        atomic_store_explicit(&d->bottom, bottom + 1, memory_order_release);
        return NULL;
    }
    item = atomic_load_explicit(&d->items[bottom & (PS_DEQUE_CAPACITY - 1)], memory_order_relaxed);
    if (top == bottom && !ps_deque_win(d, bottom))
        return NULL;
    return item;
}

/* The oldest item, or NULL where there is none or another thread got it first. */
void *ps_deque_steal(struct ps_deque *d);

#endif
