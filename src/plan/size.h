/* What one execution of a workload amounts to. Internal to this layer. */
#ifndef PS_PLAN_SIZE_H
#define PS_PLAN_SIZE_H

#include "plan.h"

/* Asks the workload; -EINVAL where it makes no sense. */
int size_ask(const struct ps_plan *p, const struct parscope_workload *ops,
             const struct ps_bound *bound, struct parscope_size *size, struct ps_arena *a,
             struct ps_err *e);

#endif
