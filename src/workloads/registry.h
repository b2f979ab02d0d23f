/* The built-in workloads, one file each, listed in list.def. */
#ifndef PS_WORKLOADS_REGISTRY_H
#define PS_WORKLOADS_REGISTRY_H

#include <parscope/workload.h>

/* Ends with NULL. */
extern const struct parscope_workload *const ps_workloads[];
const struct parscope_workload *ps_workload_find(const char *name);

#endif
