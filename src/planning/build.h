/* From a request to a plan. */
#ifndef PS_PLAN_BUILD_H
#define PS_PLAN_BUILD_H

#include "plan.h"

/* Builds the plan or says what is wrong with the request (-EINVAL, -ENOENT, -ERANGE, -E2BIG:
 * usage; -ENOEXEC: a program can't be run; -ENOTSUP: no core has two CPUs). dry: synthetic
 * topologies are allowed. */
int ps_plan_build(const struct ps_request *request, bool dry, struct ps_arena *a,
                  struct ps_plan **plan, struct ps_err *e);

#endif
