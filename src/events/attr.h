/* What an event is, by the attributes that it is opened with. */
#ifndef PS_ATTR_H
#define PS_ATTR_H

#include <stdbool.h>
#include <stdint.h>

/* libpfm4's copy of the kernel's header: the two can't be included together. */
#include <perfmon/perf_event.h>

#include "pmu.h"

/* Whether it takes a counter of a PMU. */
bool ps_attr_hardware(const struct perf_event_attr *attr);
/* Whether the event fires only inside the kernel: with exclude_kernel it silently counts 0. */
bool ps_attr_kernel_only(const struct perf_event_attr *attr);
/* Whether it is a clock of the scheduler, which runs inside the kernel too, with exclude_kernel or
 * not. */
bool ps_attr_clock(const struct perf_event_attr *attr);
/* Whether a thread that ran at all can't have counted 0. */
bool ps_attr_nonzero(const struct perf_event_attr *attr);
/* A generic event as it is counted on one kind of core. */
void ps_attr_set_kind(struct perf_event_attr *attr, const struct ps_pmu_kind *kind);

#endif
