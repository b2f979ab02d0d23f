/* A plan carried out: measured, analysed, judged, put into words. */
#ifndef PS_EXPERIMENT_H
#define PS_EXPERIMENT_H

#include "measure.h"
#include "result.h"

/* As ps_measure(), with the result in place of the samples: NULL where there is none. */
int ps_experiment(const struct ps_plan *plan, const struct ps_measure_hooks *hooks,
                  struct ps_arena *a, struct ps_result **result, bool *stuck, struct ps_err *e);

#endif
