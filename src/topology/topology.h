/* Cores, CPUs and siblings as hwloc shows them, and where to put threads. The only user of hwloc.
 *
 * "CPU" is what the system schedules on (a hardware thread, hwloc's PU), by its OS number; "core"
 * is a physical core. Only CPUs that we are allowed to use count: affinity mask and cgroup cpuset.
 */
#ifndef PS_TOPOLOGY_H
#define PS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"

struct ps_cpu {
    int os;                     /* OS number, as in taskset */
    unsigned core;              /* index into 0..cores-1, in hwloc's logical order */
    unsigned rank;              /* 0 for the first allowed CPU of its core, 1 for the second, ... */
    unsigned package, node, l3; /* indices among those with an allowed CPU, in logical order */
    unsigned kind; /* index of the core kind, 0 where all are alike; higher is faster */
};

struct ps_topology {
    struct ps_cpu *cpus; /* allowed ones, in hwloc's logical order */
    unsigned cpu_count;
    unsigned cores;                  /* that have an allowed CPU */
    unsigned threads_per_core;       /* the most that any allowed core has in the machine */
    unsigned packages, nodes, kinds; /* that have an allowed CPU; unranked kinds count as one */
    unsigned machine_cpus;           /* online in the machine */
    const char *const *kind_names;   /* per kind: "P", "E", or "kind0"... */
    bool real;          /* false: synthetic or from an XML file; nothing may be measured on it */
    const char *source; /* "this machine", "HWLOC_SYNTHETIC=pack:2 ...", "HWLOC_XMLFILE=..." */

    /* All of cpu_count, filled by ps_topology_load: indices into cpus by ascending OS number, and
     * the OS numbers that spread and compact take in turn. */
    const unsigned *by_os;
    const int *spread, *compact;
};

/* Reads this machine, or what HWLOC_XMLFILE or HWLOC_SYNTHETIC describe (the first where both are
 * set; empty counts as not set). A description that hwloc can't use fails with -EINVAL, one of
 * more than 8192 CPUs with -E2BIG. Everything lives in the arena. */
int ps_topology_load(struct ps_arena *a, struct ps_topology **t, struct ps_err *e);

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

/* "0,2-5" -> OS numbers in the order given; each must be allowed. Duplicates, ranges that run
 * backwards and empty items are refused with -EINVAL, numbers above 65535 with -ERANGE. */
int ps_cpu_list_parse(const struct ps_topology *t, const char *text, struct ps_arena *a, int **cpus,
                      size_t *count, struct ps_err *e);
/* The reverse, with ranges folded where they ascend: "0,2-5". */
char *ps_cpu_list_format(struct ps_arena *a, const int *cpus, size_t count);

/* The entry of an OS number, NULL where it is not allowed. */
const struct ps_cpu *ps_topology_cpu(const struct ps_topology *t, int os);

#endif
