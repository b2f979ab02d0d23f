#include "series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "amdahl.h"

#define SYSTEMATIC 0.01 /* share of the wall time */

void series_raw(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = ps_raw(s, t, r)[raw];
}

void series_speedup(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = t->baseline ? ps_raw(s, t->baseline, r)[raw] / ps_raw(s, t, r)[raw] : NAN;
}

double series_p(const struct ps_series *t)
{
    return t->plan->p;
}

static bool same_curve(const struct ps_series *a, const struct ps_series *b)
{
    return !a->plan->baseline && !b->plan->baseline && a->workload == b->workload &&
           a->plan->placement == b->plan->placement &&
           !strcmp(a->plan->options->label, b->plan->options->label);
}

size_t series_curve(const struct ps_samples *s, const struct ps_series *first, size_t *targets)
{
    size_t count = 0;

    for (size_t i = 0; i < s->series_count; i++)
        if (same_curve(&s->series[i], first))
            targets[count++] = i;
    return count;
}

bool series_curve_begins(const struct ps_samples *s, const struct ps_series *t)
{
    if (t->plan->baseline || !t->baseline)
        return false;
    for (const struct ps_series *k = s->series; k < t; k++)
        if (same_curve(k, t))
            return false;
    return true;
}

/* A round's wall time as if its regions had shared the reference's work evenly and at once. No more
 * than SYSTEMATIC of it is taken off. */
static double corrected_time(const struct ps_samples *s, const struct ps_series *t, size_t round)
{
    const double *x = ps_raw(s, t, round), *base = ps_raw(s, t->baseline, round);
    double lost = x[PS_RAW_REGION] - base[PS_RAW_BUSY] / series_p(t);
    double most = SYSTEMATIC * x[PS_RAW_WALL];

    return isnan(lost) ? x[PS_RAW_WALL] : x[PS_RAW_WALL] - fmax(-most, fmin(most, lost));
}

static void corrected_times(const struct ps_samples *s, const struct ps_series *t, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = corrected_time(s, t, r);
}

/* Widens the interval by the difference to another estimate, on that side. */
static void widen(struct ps_interval *i, double other)
{
    i->low -= fmax(0, i->value - other);
    i->high += fmax(0, other - i->value);
}

int series_amdahl(const struct ps_samples *s, const size_t *targets, size_t count,
                  struct ps_amdahl *out)
{
    double *p = calloc(count + 1, sizeof *p);
    double *times = calloc(count * s->rounds + 1, sizeof *times);
    double *base = calloc(s->rounds + 1, sizeof *base);
    const struct ps_point_times t = {p, times, base, count, s->rounds};
    const uint64_t seed = s->plan->request->seed;
    struct ps_amdahl corrected;
    int err = -ENOMEM;

    if (p && times && base) {
        series_raw(s, s->series[targets[0]].baseline, PS_RAW_WALL, base);
        for (size_t i = 0; i < count; i++) {
            p[i] = series_p(&s->series[targets[i]]);
            corrected_times(s, &s->series[targets[i]], times + i * s->rounds);
        }
        err = ps_amdahl_rounds(&t, seed, &corrected);
        for (size_t i = 0; i < count; i++)
            series_raw(s, &s->series[targets[i]], PS_RAW_WALL, times + i * s->rounds);
        if (!err)
            err = ps_amdahl_rounds(&t, seed, out);
        if (!err)
            widen(&out->serial_fraction, corrected.serial_fraction.value);
    }
    free(p);
    free(times);
    free(base);
    return err;
}
