/* What changed between two estimates of the same thing, base and now. */
#ifndef PS_CHANGE_H
#define PS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amdahl.h"
#include "stats.h"

/* Of estimates from rounds of their own: now / base, and now - base. The distances of the limits
 * from the values add up as squares (Zou and Donner 2008, MOVER), of a ratio in logarithms. NaN
 * where there is no such interval, as for a ratio of what is not above 0. */
struct ps_interval ps_ratio_apart(struct ps_interval base, struct ps_interval now);
struct ps_interval ps_difference_apart(struct ps_interval base, struct ps_interval now);

/* Of values from the same n rounds: the median of now / base over rounds, NaN in either skipped.
 * Returns 0 or -ENOMEM. */
int ps_ratio_paired(const double *base, const double *now, size_t n, uint64_t seed,
                    struct ps_interval *out);
/* The serial fraction of `now` minus that of `base`, of as many rounds: the median of the
 * differences between the fits of single rounds, which are not held to [0, 1]. Returns 0 or
 * -ENOMEM. */
int ps_serial_paired(const struct ps_point_times *base, const struct ps_point_times *now,
                     uint64_t seed, struct ps_interval *out);

/* By what to widen 95 % intervals of `rounds` rounds so that `family` of them hold together
 * (Bonferroni), as t intervals do. 1 for one. */
double ps_family_factor(size_t family, size_t rounds);
/* An interval that is looked at as in rounds.h until it decides something is as likely to be wrong
 * once as so many intervals that have nothing to do with each other. */
#define PS_LOOKS 32
/* Both ends that many times as far from the value; of a ratio in logarithms. */
struct ps_interval ps_widened_ratio(struct ps_interval i, double factor);
struct ps_interval ps_widened_difference(struct ps_interval i, double factor);

enum ps_change {
    PS_CHANGE_SAME, /* all of the interval is within the threshold */
    PS_CHANGE_BETTER,
    PS_CHANGE_NOT_WORSE,    /* same or better */
    PS_CHANGE_INCONCLUSIVE, /* may be worse, or there is no interval */
    PS_CHANGE_WORSE,
};

/* By what factor an interval has to become narrower, its value where it is, for another answer than
 * PS_CHANGE_INCONCLUSIVE; 0 where there is one, infinity without an interval. */
double ps_undecided_ratio(struct ps_interval ratio, double threshold, bool less);
double ps_undecided_difference(struct ps_interval difference, double threshold, bool less);

/* A ratio is the same from 1 / (1 + threshold) to 1 + threshold, a difference within the threshold
 * of 0. less: less is better. */
enum ps_change ps_judge_ratio(struct ps_interval ratio, double threshold, bool less);
enum ps_change ps_judge_difference(struct ps_interval difference, double threshold, bool less);

#endif
