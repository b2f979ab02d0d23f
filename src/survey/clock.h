/* The frequency probe and the neighbour index, CPU by CPU. Internal to this layer. */
#ifndef PS_CLOCK_H
#define PS_CLOCK_H

#include <stdatomic.h>

#include "counters.h"
#include "survey_result.h"
#include "topology.h"

struct clock_request {
    const struct ps_topology *topology;
    const struct ps_counters *counters; /* to compare the clock with the PMU's */
    double seconds;                     /* that the watch lasts; 0: one short look */
    const atomic_int *interrupted;      /* NULL: never */
};

/* Fills d->cpus and d->pmu_ratio. -EINTR: what was seen until then. */
int clock_watch(const struct clock_request *q, struct ps_doctor *d, struct ps_err *e);

/* What a series of looks comes to; hz and neighbour may hold NaN. Reorders nothing. */
void clock_summarize(struct ps_arena *a, const double *hz, const double *spread,
                     const double *neighbour, size_t looks, struct ps_doctor_cpu *out);

#endif
