/* Series over rounds, taken out of the raw samples. Internal to this layer. */
#ifndef PS_SERIES_H
#define PS_SERIES_H

#include "samples.h"
#include "stats.h"

/* out[r] = the raw value of round r; out holds session->rounds doubles. */
void series_raw(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out);
/* out[r] = baseline / own value in the same round; NaN without a baseline. */
void series_speedup(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out);

/* The targets of one scaling curve: same workload, strategy options and placement, ascending
 * threads, the target `first` among them. Writes up to `target_count` indices; returns how many.
 * The baseline is none of them. */
size_t series_curve(const struct ps_samples *s, const struct ps_series *first, size_t *targets);
/* True for the first target of its curve. */
bool series_curve_begins(const struct ps_samples *s, const struct ps_series *t);

/* Amdahl's fit over a curve; -ENOMEM or 0. The value follows from the wall times alone. To the
 * bootstrap interval comes what is known not to be serial, on its side: what the regions took
 * beyond the reference's work, shared evenly and at once (waking threads, CPUs that are slower
 * together, the last task), as far as that is below 1 % of the wall time. All rounds share it, so
 * that their spread does not show it. */
struct ps_amdahl;
int series_amdahl(const struct ps_samples *s, const size_t *targets, size_t count,
                  struct ps_amdahl *out);
/* The p of formulas: threads, or the CPUs or the quota that they share, if fewer. */
double series_p(const struct ps_series *t);

#endif
