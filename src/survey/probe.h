/* Which CPUs share a core, and how far apart all are, by measuring. */
#ifndef PS_SURVEY_PROBE_H
#define PS_SURVEY_PROBE_H

#include <stdatomic.h>

#include "err.h"
#include "survey_result.h"
#include "topology.h"

/* More CPUs need a list. The distances of so many take 2 MiB. */
#define PS_PROBE_CPUS 1024

struct ps_probe_request {
    const struct ps_topology *topology;
    const int *cpus; /* different ones; of a single one only the check of the method is made */
    size_t cpu_count;
    double max_time;               /* s */
    const atomic_int *interrupted; /* NULL: never */
};

/* First a check of the method on one CPU, then round trips, in an order that spreads over all pairs
 * should the time be short, then pairs: all of up to three CPUs; of more, each CPU with its nearest
 * and the siblings of the topology. -EINTR: the probe holds what was measured until then. */
int ps_probe_run(const struct ps_probe_request *q, struct ps_arena *a, struct ps_probe **p,
                 struct ps_err *e);

#endif
