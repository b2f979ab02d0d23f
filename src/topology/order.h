/* The orders in which placements take CPUs; private to the topology layer. */
#ifndef PS_ORDER_H
#define PS_ORDER_H

#include "arena.h"
#include "cpus.h"

/* OS numbers of all CPUs of t; reads cpus and cpu_count only. */
int *ps_order_spread(struct ps_arena *a, const struct ps_topology *t);
int *ps_order_compact(struct ps_arena *a, const struct ps_topology *t);

#endif
