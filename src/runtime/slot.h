/*
 * What each slot of a strategy did, accounted from the start, in ticks (ticks.h).
 *
 * A region is the time between parscope_range()/parscope_root() being called and returning. Within
 * it, a slot's busy time is the time that it spent in bodies and in handing out work to itself; its
 * spin time is what it spent looking for work with the CPU in use; the rest it slept. Serial time
 * of an execution is its wall time less its regions.
 */
#ifndef PS_SLOT_H
#define PS_SLOT_H

#include <stdint.h>

#include "cacheline.h"

struct ps_slot {
    PS_ALIGNED uint64_t busy; /* ticks; written by the slot's worker only */
    uint64_t spin;            /* ticks, inside regions */
    uint64_t items;
    uint64_t shares; /* regions that the slot took part in */
};

/* Sums over the regions of a trial; written by the caller only. */
struct ps_region_sums {
    uint64_t regions;
    uint64_t region;   /* ticks with a region open */
    uint64_t max_busy; /* sum over regions of the busiest slot's ticks */
};

/* Called by a slot's worker when it starts and ends its share of a region, in the order begin, end.
 * NULL functions: nothing is called. */
struct ps_probe {
    void (*begin)(void *ctx, unsigned slot);
    void (*end)(void *ctx, unsigned slot);
    void *ctx;
};

#endif
