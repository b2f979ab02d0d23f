/*
 * The built-in workloads, one file each, listed in list.def. They are written as a plug-in's would
 * be: against <parscope/workload.h> alone, so that each file can be read, and copied, by itself.
 * In come values of their parameters and an exec; out go regions, and whether the result was right.
 * What several need is the kit (kit.h: sums of slots, checks, texts), chains of dependent steps
 * (lcg.h) and vectors (simd.h).
 */
#ifndef PS_WORKLOADS_REGISTRY_H
#define PS_WORKLOADS_REGISTRY_H

#include <parscope/workload.h>

/* Ends with NULL. */
extern const struct parscope_workload *const ps_workloads[];
const struct parscope_workload *ps_workload_find(const char *name);

#endif
