/* From raw samples to a result. Comes in: the constant table of samples, with the plan that it is
 * of. Goes out: metrics of each point with interval, quality and reason; the efficiency stack;
 * models over thread counts, grains and siblings; and, while measuring goes on, whether it may
 * stop. */
#ifndef PS_ANALYSIS_H
#define PS_ANALYSIS_H

#include <stdbool.h>

#include "err.h"
#include "result.h"
#include "samples.h"

/* A result without checks and findings, in the table's arena. -ENOMEM. */
int ps_analyse(const struct ps_samples *s, struct ps_result **result, struct ps_err *e);

/* What a comparison reads, while measuring goes on: points with these metrics, without intervals
 * but with all samples and the load, and the serial fractions of curves. Ids that follow from
 * single rounds: those of events and of the stack are left out. In the table's arena; -ENOMEM. */
int ps_analyse_briefly(const struct ps_samples *s, const char *const *ids, size_t count,
                       struct ps_result **result, struct ps_err *e);

/* Stopping rules, as measuring asks for them. */
bool ps_stop_precise(const struct ps_samples *s);
void ps_stop_open(const struct ps_samples *s, bool *focus);
/* The largest of the half-widths of the headline intervals over what is enough; infinity where one
 * has no interval. */
double ps_stop_too_wide(const struct ps_samples *s);
/* The same of two programs, by the ratios of their wall times at every point. */
double ps_stop_ratios_too_wide(const struct ps_samples *s);
void ps_stop_checked(const struct ps_samples *s, bool *focus);
bool ps_stop_checks_open(const struct ps_samples *s, bool *focus);

#endif
