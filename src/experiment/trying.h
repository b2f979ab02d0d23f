/* A program under all strategies from outside that are worth trying for it. */
#ifndef PS_TRYING_H
#define PS_TRYING_H

#include "experiment.h"

/* As ps_experiment(), of the request of the plan: the program is run and looked at first, which
 * tells what is tried. */
int ps_experiment_trying(const struct ps_plan *plan, const struct ps_measure_hooks *hooks,
                         struct ps_arena *a, struct ps_result **result, bool *stuck,
                         struct ps_err *e);

#endif
