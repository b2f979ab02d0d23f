/* What workloads measure of themselves, as metrics. Internal to this layer. */
#ifndef PS_CUSTOM_H
#define PS_CUSTOM_H

#include "plan.h"

size_t custom_count(const struct parscope_workload *w);
/* The index of a value by its name; own_count where the workload has none such. */
size_t custom_index(const struct parscope_workload *w, const char *name);

/* Of all workloads of the catalog, those of the plan first; ends with id NULL. */
const struct ps_metric_info *custom_infos(const struct ps_plan *p, struct ps_arena *a);
/* -EINVAL where only workloads that the plan doesn't have measure what the check is about. */
int custom_check(const struct ps_plan *p, const struct ps_check_spec *c, struct ps_err *e);
/* -EINVAL where an event of -e has the name of what a workload of the plan measures. */
int custom_events(const struct ps_plan *p, struct ps_err *e);

#endif
