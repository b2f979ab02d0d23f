/* Core kinds from hwloc; private to the topology layer. */
#ifndef PS_KINDS_H
#define PS_KINDS_H

#include <hwloc.h>

#include "arena.h"
#include "cpus.h"

/* Sets the kind of every CPU of t, t->kinds and t->kind_names. root is where the /sys of this
 * topology lies, NULL where it has none. A CPU of no known kind counts as the slowest. */
int ps_kinds_read(struct ps_arena *a, hwloc_topology_t h, const char *root, struct ps_topology *t);

#endif
