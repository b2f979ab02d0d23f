#include "series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "amdahl.h"

/* Shares of the wall time: up to the first one what regions lose is not serial; where they lose
 * more, the interval allows for the second one. */
#define SMALL_LOSS 0.05
#define SYSTEMATIC 0.01

double *series_room(const struct ps_samples *s)
{
    return ps_arena_array(s->brief ? s->brief : s->arena, s->rounds, sizeof(double));
}

void series_raw(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = ps_raw(s, t, r)[raw];
}

void series_speedup(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = t->baseline ? t->plan->work * ps_raw(s, t->baseline, r)[raw] / ps_raw(s, t, r)[raw]
                             : NAN;
}

double series_p(const struct ps_series *t)
{
    return t->plan->p;
}

static bool same_curve(const struct ps_series *a, const struct ps_series *b)
{
    return !a->plan->baseline && !b->plan->baseline && a->workload->unit == b->workload->unit &&
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
    if (t->plan->baseline || !t->baseline || t->plan->copies > 1)
        return false;
    for (const struct ps_series *k = s->series; k < t; k++)
        if (same_curve(k, t))
            return false;
    return true;
}

/* What the regions of a round took beyond the reference's work, shared evenly and at once; NaN. */
static double region_loss(const struct ps_samples *s, const struct ps_series *t, size_t round)
{
    const double *x = ps_raw(s, t, round), *base = ps_raw(s, t->baseline, round);

    return x[PS_RAW_REGION] - t->plan->work * base[PS_RAW_BUSY] / series_p(t);
}

/* Wall times without that, as far as it is up to a share of them. */
static void corrected_times(const struct ps_samples *s, const struct ps_series *t, double share,
                            double *out)
{
    for (size_t r = 0; r < s->rounds; r++) {
        double wall = ps_raw(s, t, r)[PS_RAW_WALL], lost = region_loss(s, t, r);
        double most = share * wall;

        out[r] = isnan(lost) ? wall : wall - fmax(-most, fmin(most, lost));
    }
}

/* Widens the interval by the difference to another estimate, on that side. */
static void widen(struct ps_interval *i, double other)
{
    i->low -= fmax(0, i->value - other);
    i->high += fmax(0, other - i->value);
}

bool series_has_cpus(const struct ps_series *t)
{
    return t->plan->threads == 1 || t->plan->threads <= t->plan->p;
}

bool series_in_law(const struct ps_series *t)
{
    return series_has_cpus(t) && !t->plan->kinked;
}

bool series_threads_unused(const struct ps_samples *s, const size_t *targets, size_t count)
{
    size_t one = 0;

    for (size_t i = 0; i < count; i++) {
        const struct ps_series *t = &s->series[targets[i]];

        if (!t->program || t->plan->threads < 2 || !t->plan->asked || t->plan->copies != 1 ||
            t->program->threads.use == PS_THREADS_UNKNOWN)
            continue;
        if (t->program->threads.use != PS_THREADS_FEWER || t->program->threads.at_once > 1)
            return false;
        one++;
    }
    return one > 0;
}

/* Room for the wall times of the points of a curve that the law is about. */
struct curve {
    const struct ps_series **points;
    double *p, *base, *times;
    size_t count;
};

static bool curve_open(const struct ps_samples *s, const size_t *targets, size_t count,
                       struct curve *c)
{
    *c = (struct curve){calloc(count + 1, sizeof(void *))};
    c->p = calloc(count + s->rounds + (count + 1) * s->rounds + 1, sizeof *c->p);
    if (!c->points || !c->p)
        return false;
    c->base = c->p + count;
    c->times = c->base + s->rounds;
    if (series_threads_unused(s, targets, count))
        return true;
    for (size_t i = 0; i < count; i++)
        if (series_in_law(&s->series[targets[i]]))
            c->points[c->count++] = &s->series[targets[i]];
    for (size_t i = 0; i < c->count; i++)
        c->p[i] = series_p(c->points[i]);
    series_raw(s, s->series[targets[0]].baseline, PS_RAW_WALL, c->base);
    return true;
}

static void curve_close(struct curve *c)
{
    free(c->points);
    free(c->p);
}

/* share: of the wall time, that may be taken off for what regions lost. */
static struct ps_point_times times_of(const struct ps_samples *s, struct curve *c, double share)
{
    for (size_t i = 0; i < c->count; i++) {
        double *times = c->times + i * s->rounds;

        corrected_times(s, c->points[i], share, times);
        for (size_t r = 0; r < s->rounds; r++)
            times[r] /= c->points[i]->plan->work;
    }
    return (struct ps_point_times){c->p, c->times, c->base, c->count, s->rounds};
}

/* Whether the regions of all points lose so little that it is the machine's: waking threads, a
 * lower clock with more CPUs at work, the last task. Uses the room for times. */
static bool loses_little(const struct ps_samples *s, struct curve *c)
{
    for (size_t i = 0; i < c->count; i++) {
        double *shares = c->times, *scratch = c->times + s->rounds;

        for (size_t r = 0; r < s->rounds; r++)
            shares[r] =
                fabs(region_loss(s, c->points[i], r)) / ps_raw(s, c->points[i], r)[PS_RAW_WALL];
        if (!(ps_median(shares, s->rounds, scratch) <= SMALL_LOSS))
            return false;
    }
    return true;
}

/* The law of the wall times less what may be taken off, its interval widened by the value that
 * takes another share. */
static int fit_curve(const struct ps_samples *s, struct curve *c, double share, double other_share,
                     struct series_fit *out)
{
    const bool grown = s->plan->request->weak;
    struct ps_point_times times = times_of(s, c, other_share);
    double other = NAN;
    int err = ps_amdahl_value(&times, grown, &other);

    times = times_of(s, c, share);
    if (!err)
        err = ps_amdahl_rounds(&times, grown, s->plan->request->seed, &out->law);
    if (err)
        return err;
    out->drawn = out->law.serial_fraction;
    widen(&out->law.serial_fraction, other);
    out->whole = share > 0 ? other : out->drawn.value;
    return 0;
}

int series_amdahl(const struct ps_samples *s, const size_t *targets, size_t count,
                  struct series_fit *out)
{
    struct curve c;
    int err = -ENOMEM;

    if (curve_open(s, targets, count, &c))
        err = loses_little(s, &c) ? fit_curve(s, &c, INFINITY, 0, out)
                                  : fit_curve(s, &c, 0, SYSTEMATIC, out);
    curve_close(&c);
    return err;
}

/* The reference of a program is its one-thread point, which begins the curve. */
static void add_reference(const struct ps_samples *s, const struct ps_series *base, struct curve *c,
                          double *p, double *times)
{
    for (size_t i = 0; i < c->count; i++) {
        p[i] = c->p[i];
        series_raw(s, c->points[i], PS_RAW_WALL, times + i * s->rounds);
    }
    if (!base->workload->program || !c->count)
        return;
    p[c->count] = 1;
    series_raw(s, base, PS_RAW_WALL, times + c->count * s->rounds);
    c->count++;
}

int series_laws(const struct ps_samples *s, const size_t *targets, size_t count,
                struct series_laws *out)
{
    double *times = calloc((count + 1) * s->rounds + 1, sizeof *times);
    struct curve c;
    int err = -ENOMEM;

    if (curve_open(s, targets, count, &c) && times) {
        struct ps_point_times t = {out->p, times, c.base, 0, s->rounds};

        add_reference(s, s->series[targets[0]].baseline, &c, out->p, times);
        t.points = out->points = c.count;
        err = ps_usl_rounds(&t, s->plan->request->seed, &out->usl);
    }
    curve_close(&c);
    free(times);
    return err;
}
