/* Rounds that resemble the ones before them are fewer than they look. */
#ifndef PS_CORRELATED_H
#define PS_CORRELATED_H

#include <stddef.h>

#include "draws.h"

/* Of n values in the order of their rounds, NaN skipped: the correlation of a round with the next,
 * 0 to 0.95, of ranks, corrected for its bias in few rounds; 0 where chance alone shows as much in
 * one case of ten. NaN without memory. */
double ps_round_correlation(const double *x, size_t n);

/* By what factor an interval of a median of n independent rounds is too narrow for such a
 * correlation, if that fades from round to round by the same factor (a first-order autoregression).
 */
double ps_correlated_factor(double correlation, size_t n);

/* Widens the interval of what one value a round is known of, x, by the correlation that they show,
 * not beyond the least and the greatest of them. Returns 0 or -ENOMEM. */
int ps_widen_correlated(const double *x, size_t n, struct ps_interval *i);

#endif
