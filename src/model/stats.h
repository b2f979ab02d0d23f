/*
 * model/ is the arithmetic: statistics (this header), Amdahl's law (amdahl.h), crossovers and grain
 * (grain.h), the efficiency stack (stack.h). In come doubles, one for each round; out go estimates
 * with intervals, and a status for what could not be estimated. It knows nothing of metrics,
 * points and texts, measures nothing, and draws its random numbers from a seed that it is given.
 *
 * Here: estimates from rounds. NaN marks a round without a value and is skipped.
 *
 * Intervals are bootstrap intervals over whole rounds: resample i draws the same rounds for every
 * series, so that ratios and fits keep their pairing. */
#ifndef PS_STATS_H
#define PS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draws.h"

/* Mean of those of the n values that are not NaN, *known many; NaN where none is. */
double ps_known_mean(const double *x, size_t n, size_t *known);

/* Median of the n values that are not NaN; NaN where none is. Does not change x. Even counts: mean
 * of the middle two. scratch holds n doubles. */
double ps_median(const double *x, size_t n, double *scratch);

/* Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996), q in 0..1. */
double ps_quantile(const double *x, size_t n, double q, double *scratch);

/* A statistic of a set of rounds: pick[0..n-1] are round numbers, with repetition. */
typedef double ps_statistic_fn(void *arg, const uint32_t *pick, size_t n);

/* Percentile bootstrap of f over n rounds, 2000 resamples (fewer for n above 400, at least 400),
 * with the expansion for small n (Hesterberg 2015, section 5.3: the percentiles are those that make
 * the normal-theory interval a t interval with n in place of n-1). Widened to hold the value,
 * should it lie outside. Deterministic in seed. n < PS_MIN_ROUNDS or resamples that give NaN in
 * half of the cases or more: value without interval. Returns 0, -ENOMEM, or -EINVAL for n above
 * UINT32_MAX.
 *
 * Simulated coverage at 95 %: the median 95 to 98 % for n = 6 to 100, normal or skewed (where n is
 * 6 the interval is nearly the whole range, which holds the median with 1 - 2^-5); a mean 92.5 to
 * 96 %, and 90 % for n = 6 to 8 of a strongly skewed distribution. */
int ps_bootstrap(ps_statistic_fn *f, void *arg, size_t n, uint64_t seed, struct ps_interval *out);

/* The same of a statistic in which several medians are weighed against each other, as in a fit of
 * several parameters to them. Resamples of such differences spread too far where rounds are few, so
 * that the percentiles are taken closer in. */
int ps_bootstrap_medians(ps_statistic_fn *f, void *arg, size_t n, uint64_t seed,
                         struct ps_interval *out);

/* The usual case: the median of one series, in the order of its rounds: where these resemble each
 * other the interval is widened (correlated.h). Beyond 100 values the resamples are not drawn:
 * their median's distribution is known, and the interval, still a bootstrap's with the same
 * expansion, is that of endlessly many (within the distance of neighbouring values where their
 * number is even); seed has no part in it, and the cost grows as n. Simulated coverage: 94 to 96 %
 * for n = 101 to 1000. */
int ps_bootstrap_median(const double *x, size_t n, uint64_t seed, struct ps_interval *out);
/* The same of one of many series of a run. */
int ps_median_interval(struct ps_draws *draws, const double *x, size_t n, struct ps_interval *out);

/* Half the width of the interval over |value|; infinity without an interval. */
double ps_relative_half_width(struct ps_interval i);

/* Marks values further than 3.5 scaled median absolute deviations from the median on the high or
 * low side (Iglewicz and Hoaglin 1993: modified z-score); returns how many. outlier may be NULL.
 * Where more than half are equal (MAD 0) the mean absolute deviation takes its place. scratch holds
 * n doubles. */
size_t ps_outliers(const double *x, size_t n, bool *outlier, double *scratch);

#endif
