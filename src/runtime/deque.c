#include "deque.h"

void ps_deque_init(struct ps_deque *d)
{
    atomic_init(&d->top, 0);
    atomic_init(&d->bottom, 0);
    d->top_seen = 0;
    for (size_t i = 0; i < PS_DEQUE_CAPACITY; i++)
        atomic_init(&d->items[i], NULL);
}

void *ps_deque_steal(struct ps_deque *d)
{
    /* seq_cst, in this order: pairs with the store to bottom and the load of top in pop. The
     * acquire half of bottom pairs with push, which makes the item and what it points to seen. */
    int64_t top = atomic_load_explicit(&d->top, memory_order_seq_cst);
    int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_seq_cst);
    void *item;

    if (top >= bottom)
        return NULL;
    /* Relaxed, and perhaps of a later item: then top has moved and the exchange fails. */
    item = atomic_load_explicit(&d->items[top & (PS_DEQUE_CAPACITY - 1)], memory_order_relaxed);
    if (!atomic_compare_exchange_strong_explicit(&d->top, &top, top + 1, memory_order_seq_cst,
                                                 memory_order_relaxed))
        return NULL;
    return item;
}
