/* The CPUs that we may use, as plain data.
 *
 * "CPU" is what the system schedules on (a hardware thread, hwloc's PU), by its OS number; "core"
 * is a physical core. Only CPUs that we are allowed to use count: affinity mask and cgroup cpuset.
 */
#ifndef PS_CPUS_H
#define PS_CPUS_H

#include <stdbool.h>

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

/* The entry of an OS number, NULL where it is not allowed. */
const struct ps_cpu *ps_topology_cpu(const struct ps_topology *t, int os);

#endif
