/* The frequency probe and the neighbour index, CPU by CPU. Internal to this layer. */
#ifndef PS_CLOCK_H
#define PS_CLOCK_H

#include "doctor.h"

/* Fills d->cpus and d->pmu_ratio. -EINTR: what was seen until then. */
int clock_watch(const struct ps_doctor_request *q, const struct ps_counters *c, struct ps_doctor *d,
                struct ps_err *e);

/* What a series of looks comes to; hz and neighbour may hold NaN. Reorders nothing. */
void clock_summarize(struct ps_arena *a, const double *hz, const double *spread,
                     const double *neighbour, size_t looks, struct ps_doctor_cpu *out);

#endif
