#include "change.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define MOST_FREEDOM 1000 /* where Student's t is the normal distribution */

static struct ps_interval none(double value)
{
    return (struct ps_interval){value, NAN, NAN};
}

struct ps_interval ps_difference_apart(struct ps_interval base, struct ps_interval now)
{
    double value = now.value - base.value;

    return (struct ps_interval){
        value,
        value - hypot(now.value - now.low, base.high - base.value),
        value + hypot(now.high - now.value, base.value - base.low),
    };
}

static struct ps_interval logs(struct ps_interval i)
{
    return (struct ps_interval){log(i.value), log(i.low), log(i.high)};
}

static struct ps_interval powers(struct ps_interval i)
{
    return (struct ps_interval){exp(i.value), exp(i.low), exp(i.high)};
}

struct ps_interval ps_ratio_apart(struct ps_interval base, struct ps_interval now)
{
    if (!(base.value > 0) || !(now.value > 0))
        return none(NAN);
    if (!(base.low > 0) || !(now.low > 0))
        return none(now.value / base.value);
    return powers(ps_difference_apart(logs(base), logs(now)));
}

int ps_ratio_paired(const double *base, const double *now, size_t n, uint64_t seed,
                    struct ps_interval *out)
{
    double *ratio = calloc(n + 1, sizeof *ratio);
    int err;

    if (!ratio)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        ratio[i] = base[i] > 0 && now[i] > 0 ? now[i] / base[i] : NAN;
    err = ps_bootstrap_median(ratio, n, seed, out);
    free(ratio);
    return err;
}

/* Least squares in the round alone; NaN where no point has a value. speedup: room, one a point. */
static double round_fit(const struct ps_point_times *t, size_t round, double *speedup)
{
    for (size_t i = 0; i < t->points; i++)
        speedup[i] = t->base[round] / t->times[i * t->rounds + round];
    return ps_amdahl_fit(t->p, speedup, t->points);
}

int ps_serial_paired(const struct ps_point_times *base, const struct ps_point_times *now,
                     uint64_t seed, struct ps_interval *out)
{
    size_t rounds = base->rounds < now->rounds ? base->rounds : now->rounds;
    double *x = calloc(rounds + base->points + now->points + 1, sizeof *x);
    int err;

    if (!x)
        return -ENOMEM;
    for (size_t r = 0; r < rounds; r++)
        x[r] = round_fit(now, r, x + rounds) - round_fit(base, r, x + rounds);
    err = ps_bootstrap_median(x, rounds, seed, out);
    free(x);
    return err;
}

double ps_family_factor(size_t family, size_t rounds)
{
    size_t freedom = rounds < 2 ? 1 : rounds - 1 < MOST_FREEDOM ? rounds - 1 : MOST_FREEDOM;

    if (family < 2)
        return 1;
    return ps_student_t(1 - (1 - PS_LEVEL) / (double)family, freedom) /
           ps_student_t(PS_LEVEL, freedom);
}

struct ps_interval ps_widened_difference(struct ps_interval i, double factor)
{
    return (struct ps_interval){i.value, i.value - factor * (i.value - i.low),
                                i.value + factor * (i.high - i.value)};
}

struct ps_interval ps_widened_ratio(struct ps_interval i, double factor)
{
    return powers(ps_widened_difference(logs(i), factor));
}

enum ps_change ps_judge_difference(struct ps_interval d, double threshold, bool less)
{
    double low = less ? d.low : -d.high, high = less ? d.high : -d.low;

    if (isnan(low) || isnan(high))
        return PS_CHANGE_INCONCLUSIVE;
    if (low > threshold)
        return PS_CHANGE_WORSE;
    if (high > threshold)
        return PS_CHANGE_INCONCLUSIVE;
    if (high < -threshold)
        return PS_CHANGE_BETTER;
    return low >= -threshold ? PS_CHANGE_SAME : PS_CHANGE_NOT_WORSE;
}

double ps_undecided_difference(struct ps_interval d, double threshold, bool less)
{
    double value = less ? d.value : -d.value, high = less ? d.high : -d.low;
    double low = less ? d.low : -d.high;

    if (isnan(low) || isnan(high))
        return INFINITY;
    if (ps_judge_difference(d, threshold, less) != PS_CHANGE_INCONCLUSIVE)
        return 0;
    return value > threshold ? (value - low) / (value - threshold)
                             : (high - value) / (threshold - value);
}

double ps_undecided_ratio(struct ps_interval ratio, double threshold, bool less)
{
    return ps_undecided_difference(logs(ratio), log1p(threshold), less);
}

enum ps_change ps_judge_ratio(struct ps_interval ratio, double threshold, bool less)
{
    return ps_judge_difference(logs(ratio), log1p(threshold), less);
}
