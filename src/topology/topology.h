/*
 * topology/ says which CPUs there are: cores and siblings as hwloc shows them, and the orders in
 * which threads are put on them (cpus.h, placement.h, cpu_list.h, smt.h). In comes hwloc, or a
 * description of another machine in its place; out go plain structures in an arena. Nothing is
 * measured or set here. This layer is the only user of hwloc.
 */
#ifndef PS_TOPOLOGY_H
#define PS_TOPOLOGY_H

#include "arena.h"
#include "cpu_list.h"
#include "cpus.h"
#include "err.h"
#include "placement.h"

/* Reads this machine, or what HWLOC_XMLFILE or HWLOC_SYNTHETIC describe (the first where both are
 * set; empty counts as not set). A description that hwloc can't use fails with -EINVAL, one of
 * more than 8192 CPUs with -E2BIG. Everything lives in the arena. */
int ps_topology_load(struct ps_arena *a, struct ps_topology **t, struct ps_err *e);

#endif
