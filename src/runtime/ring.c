#include "ring.h"

#include <errno.h>
#include <stdlib.h>

int ps_ring_init(struct ps_ring *r, uint64_t cells)
{
    uint64_t size = 1;

    while (size < cells)
        size *= 2;
    r->cells = aligned_alloc(PS_LINE, (size * sizeof *r->cells + PS_LINE - 1) / PS_LINE * PS_LINE);
    if (!r->cells)
        return -ENOMEM;
    for (uint64_t i = 0; i < size; i++)
        atomic_init(&r->cells[i].sequence, 0);
    r->mask = size - 1;
    r->tail = 0;
    atomic_init(&r->head, 0);
    return 0;
}

void ps_ring_finish(struct ps_ring *r)
{
    free(r->cells);
}
