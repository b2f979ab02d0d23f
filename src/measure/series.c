#include "series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "amdahl.h"

#define SYSTEMATIC 0.01 /* share of the wall time */

void series_raw(const struct session *s, const struct lane *l, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = lane_raw(s, l, r)[raw];
}

void series_speedup(const struct session *s, const struct lane *l, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = l->baseline ? lane_raw(s, l->baseline, r)[raw] / lane_raw(s, l, r)[raw] : NAN;
}

double series_p(const struct lane *l)
{
    return l->plan->p;
}

static bool same_curve(const struct lane *a, const struct lane *b)
{
    return !a->plan->baseline && !b->plan->baseline && a->workload == b->workload &&
           a->plan->placement == b->plan->placement &&
           !strcmp(a->plan->options->label, b->plan->options->label);
}

size_t series_curve(const struct session *s, const struct lane *first, size_t *lanes)
{
    size_t count = 0;

    for (size_t i = 0; i < s->lane_count; i++)
        if (same_curve(&s->lanes[i], first))
            lanes[count++] = i;
    return count;
}

bool series_curve_begins(const struct session *s, const struct lane *l)
{
    if (l->plan->baseline || !l->baseline)
        return false;
    for (const struct lane *k = s->lanes; k < l; k++)
        if (same_curve(k, l))
            return false;
    return true;
}

/* A round's wall time as if its regions had shared the reference's work evenly and at once. No more
 * than SYSTEMATIC of it is taken off. */
static double corrected_time(const struct session *s, const struct lane *l, size_t round)
{
    const double *x = lane_raw(s, l, round), *base = lane_raw(s, l->baseline, round);
    double lost = x[RAW_REGION] - base[RAW_BUSY] / series_p(l);
    double most = SYSTEMATIC * x[RAW_WALL];

    return isnan(lost) ? x[RAW_WALL] : x[RAW_WALL] - fmax(-most, fmin(most, lost));
}

static void corrected_times(const struct session *s, const struct lane *l, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = corrected_time(s, l, r);
}

/* Widens the interval by the difference to another estimate, on that side. */
static void widen(struct ps_interval *i, double other)
{
    i->low -= fmax(0, i->value - other);
    i->high += fmax(0, other - i->value);
}

int series_amdahl(const struct session *s, const size_t *lanes, size_t count, struct ps_amdahl *out)
{
    double *p = calloc(count + 1, sizeof *p);
    double *times = calloc(count * s->rounds + 1, sizeof *times);
    double *base = calloc(s->rounds + 1, sizeof *base);
    struct ps_amdahl corrected;
    int err = -ENOMEM;

    if (p && times && base) {
        series_raw(s, s->lanes[lanes[0]].baseline, RAW_WALL, base);
        for (size_t i = 0; i < count; i++) {
            p[i] = series_p(&s->lanes[lanes[i]]);
            corrected_times(s, &s->lanes[lanes[i]], times + i * s->rounds);
        }
        err =
            ps_amdahl_rounds(p, times, base, count, s->rounds, s->plan->request->seed, &corrected);
        for (size_t i = 0; i < count; i++)
            series_raw(s, &s->lanes[lanes[i]], RAW_WALL, times + i * s->rounds);
        if (!err)
            err = ps_amdahl_rounds(p, times, base, count, s->rounds, s->plan->request->seed, out);
        if (!err)
            widen(&out->serial_fraction, corrected.serial_fraction.value);
    }
    free(p);
    free(times);
    free(base);
    return err;
}
