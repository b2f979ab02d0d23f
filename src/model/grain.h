/* From which value of a parameter on parallel pays, and from which grain on it pays well. */
#ifndef PS_GRAIN_H
#define PS_GRAIN_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/* Where y crosses a level as x grows. */
enum ps_threshold_status {
    PS_THRESHOLD_OK,
    PS_THRESHOLD_BELOW,   /* above the level at all x: at most the smallest */
    PS_THRESHOLD_ABOVE,   /* not above it at the largest x */
    PS_THRESHOLD_OPEN,    /* the interval reaches beyond both ends */
    PS_THRESHOLD_TOO_FEW, /* fewer than two points */
};

struct ps_threshold {
    enum ps_threshold_status status;
    /* low 0: maybe below the smallest x; high infinity: maybe above the largest. The value is NaN
     * unless OK, the ends are NaN without an interval. */
    struct ps_interval at;
};

/* The smallest x from which on y stays above `level`, between the neighbours on logarithmic scales:
 * 0 where it does at all x, infinity where it does not at the largest, NaN for fewer than two
 * points. x in any order; points with NaN, or x or y not above 0, are skipped. order holds n. */
double ps_threshold_find(const double *x, const double *y, size_t n, double level, size_t *order);

/* Times by point and round, [point * rounds + round], NaN where missing. Ratios are formed within a
 * round, their medians over the rounds make a curve, and the bootstrap resamples rounds. Both
 * return 0 or -ENOMEM. */
struct ps_grain_times {
    const double *time, *base; /* of the point, and of its sequential reference */
    size_t points, rounds;
};

/* Where base / time passes 1, in units of x[point]. */
int ps_crossover_rounds(const struct ps_grain_times *t, const double *x, uint64_t seed,
                        struct ps_threshold *out);

/* METG(50 %) (Slaughter et al. 2020, Task Bench): with the grain time * p / tasks[point], the
 * smallest from which on the efficiency base / (p * time) stays at least one half; s. */
int ps_metg_rounds(const struct ps_grain_times *t, const double *tasks, double p, uint64_t seed,
                   struct ps_threshold *out);

#endif
