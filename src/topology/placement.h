/* Where to put threads. */
#ifndef PS_PLACEMENT_H
#define PS_PLACEMENT_H

#include <stddef.h>

#include "cpus.h"
#include "err.h"

/* spread takes the first CPU of every core, then the second of every core, and so on. Among cores
 * it takes turns over packages, then over the NUMA nodes of a package, then over the L3 caches of a
 * node, so that any number of threads gets the most cache and memory bandwidth, as OpenMP's
 * "spread" does. On "pack:2 core:4 pu:2": 0 8 2 10 4 12 6 14, then 1 9 3 11 5 13 7 15.
 *
 * compact takes the CPUs in logical order: core by core, package by package. Both take faster core
 * kinds first (spread only among the CPUs of one rank). */
enum ps_placement {
    PS_PLACE_SPREAD,  /* one thread per core before any second one; the default */
    PS_PLACE_COMPACT, /* fill a core's CPUs before the next core */
    PS_PLACE_NONE,    /* threads float over all allowed CPUs */
    PS_PLACE_LIST,    /* --cpus: in the order given */
    /* Those below can't be asked for by name. */
    PS_PLACE_FREE, /* a program left alone: not pinned, and told no thread count */
    PS_PLACE_ONE_PER_CORE,
    PS_PLACE_PACKED,       /* two to a core, on half of the cores */
    PS_PLACE_TWO_PER_CORE, /* on the same cores as one per core */
};

/* "spread", "compact", "none", "list", "free", "one-per-core", "packed", "two-per-core". */
const char *ps_placement_name(enum ps_placement p);
int ps_placement_parse(const char *text, enum ps_placement *p, struct ps_err *e);

/* Writes the OS number of the CPU of each of `threads` workers to cpus. With more threads than CPUs
 * it starts again from the first. For NONE and FREE it writes -1. list and list_count (> 0) only
 * for PS_PLACE_LIST and those of smt-compare. */
void ps_place(const struct ps_topology *t, enum ps_placement p, const int *list, size_t list_count,
              unsigned threads, int *cpus);

#endif
