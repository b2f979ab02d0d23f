/* One workload at several values of a numeric parameter. Internal to this layer. */
#ifndef PS_REPORT_VALUE_SERIES_H
#define PS_REPORT_VALUE_SERIES_H

#include "view.h"

/* How many of the points from `first` on are a series: three labels or more, each with its
 * reference and then the same ways of running it, that differ in one parameter; 0: they are none.
 * *parameter: its name. */
size_t ps_series_count(const struct ps_result *r, size_t first, const char **parameter);
/* Points of each of its values. */
size_t ps_series_ways(const struct ps_result *r, size_t first);
/* "reduce:size=1k…1M" */
const char *ps_series_title(const struct ps_view *v, const struct ps_block *b);
/* The parameter's, as text. */
const char *ps_series_value(const struct ps_point *p, const char *parameter);
/* A row a value: the reference's time, and the speedup of each way. */
void ps_series_grid(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g);

#endif
