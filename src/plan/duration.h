/* Workloads that run for a given time: those that tell what they have done, by a parameter named
 * "duration", which is 0 for a run that does everything once. Internal to this layer. */
#ifndef PS_DURATION_H
#define PS_DURATION_H

#include "plan.h"

/* The time that its executions are given, in s; 0 where they do everything once. */
double duration_of(const struct ps_plan_workload *w);

/* Binds a spec as ps_spec_bind does, with the time that --duration asks for. `auto` is what an
 * execution that does everything once takes on one thread: it is run for that, unless the plan is
 * only shown, or is scripted. */
int duration_bind(const struct ps_plan *p, const struct ps_spec *spec,
                  const struct parscope_workload *w, struct ps_arena *a, struct ps_bounds *bounds,
                  struct ps_err *e);
/* -EINVAL where --duration is given, and no workload of the plan has one. */
int duration_check(const struct ps_plan *p, struct ps_arena *a, struct ps_err *e);

#endif
