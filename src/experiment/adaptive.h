/* A sweep that chooses its thread counts: short ones first, then one over what was chosen. */
#ifndef PS_ADAPTIVE_H
#define PS_ADAPTIVE_H

#include "experiment.h"

/* As ps_experiment(), of the request of the plan, whose thread counts are those to choose from
 * (none: up to the CPUs). A third of the --max-time at most goes to the choice. */
int ps_experiment_adaptive(const struct ps_plan *plan, const struct ps_measure_hooks *hooks,
                           struct ps_arena *a, struct ps_result **result, bool *stuck,
                           struct ps_err *e);

#endif
