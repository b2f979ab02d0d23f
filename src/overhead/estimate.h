/* Test minus reference. Internal to this layer. */
#ifndef PS_ESTIMATE_H
#define PS_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/* Median over n rounds of the difference within each round, so that what slows a whole round falls
 * out and the reference's own uncertainty is part of the interval. Never clamped: a construct that
 * costs nothing has an interval that reaches below 0. NaN in either drops the round. 0 or -ENOMEM.
 */
int estimate_difference(const double *test, const double *reference, size_t n, uint64_t seed,
                        struct ps_interval *out);

#endif
