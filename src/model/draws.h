/* What bootstraps draw. The rounds of resample r follow from the seed and the number of rounds
 * alone, so that ratios and fits keep their pairing; so they are drawn once, and all that is
 * estimated from as many rounds takes them from here. */
#ifndef PS_DRAWS_H
#define PS_DRAWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rng.h"

#define PS_MIN_ROUNDS     6 /* fewer give no interval */
#define PS_LEVEL          0.95
#define PS_MOST_RESAMPLES 2000
#define PS_LANES          16  /* resamples that are worked on at once */
#define PS_LARGEST_DRAWN  100 /* rounds, up to which the bootstrap of a median is drawn */

struct ps_interval {
    double value, low, high; /* low and high are NaN where there is no interval */
};

/* Of n rounds. */
struct ps_drawn {
    size_t n;
    size_t count, stride; /* resamples, and rounded up to whole lanes */
    double tail;          /* the share of resamples to leave out at each end */
    size_t lower, upper;  /* beyond PS_LARGEST_DRAWN: limits of a median, as positions from 1 */
    uint8_t *times;       /* times[i * stride + r]: how often resample r has round i; NULL beyond
                             PS_LARGEST_DRAWN, where nobody walked yet or it is too much to keep */
};

#define PS_KEPT_DRAWS 8
struct ps_draws {
    uint64_t seed;
    struct ps_drawn kept[PS_KEPT_DRAWS];
    size_t count, next; /* next: the one to go where all are in use */
};

struct ps_draws ps_draws_of(uint64_t seed);
void ps_draws_finish(struct ps_draws *d);
/* Those of n rounds, n >= PS_MIN_ROUNDS; until the next call. NULL without memory. */
const struct ps_drawn *ps_draws_find(struct ps_draws *d, size_t n);

/* Lanes of resamples, one after the other. */
struct ps_draw_walk {
    const struct ps_drawn *drawn;
    struct ps_rng rng;
    size_t next;
};
/* n as above. Without memory to keep them they are drawn anew. */
struct ps_draw_walk ps_draw_walk_of(struct ps_draws *d, size_t n);
/* The next PS_LANES resamples: out[i * PS_LANES + lane], lanes beyond the count all 0. */
void ps_draw_lanes(struct ps_draw_walk *w, uint8_t *out);

/* Resamples of n rounds. */
size_t ps_resamples(size_t n);
/* The share of resamples to leave out at each end, so that the percentiles of a normal sample are
 * those of a t interval with n in place of n - 1 (Hesterberg 2015, section 5.3). */
double ps_expanded_tail(size_t n);
/* The interval from resampled values, of which NaN is none, widened to hold the value; without
 * limits where too many are NaN, or without memory. logs: of exp(value) and exp(values), for which
 * values are given as logarithms. */
struct ps_interval ps_percentiles(double value, const double *values, size_t count, double tail,
                                  bool logs);

/* t with P(|T| < t) = level, T of Student's distribution; NaN for 0 degrees of freedom. */
double ps_student_t(double level, size_t freedom);

#endif
