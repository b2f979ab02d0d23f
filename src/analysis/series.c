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

/* A round's wall time as if its regions had shared the reference's work evenly and at once. No more
 * than SYSTEMATIC of it is taken off. */
static double corrected_time(const struct ps_samples *s, const struct ps_series *t, size_t round)
{
    const double *x = ps_raw(s, t, round), *base = ps_raw(s, t->baseline, round);
    double lost = x[PS_RAW_REGION] - t->plan->work * base[PS_RAW_BUSY] / series_p(t);
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
    c->p = calloc(count + s->rounds + count * s->rounds + 1, sizeof *c->p);
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

static struct ps_point_times times_of(const struct ps_samples *s, struct curve *c, bool corrected)
{
    for (size_t i = 0; i < c->count; i++) {
        double *times = c->times + i * s->rounds;

        if (corrected)
            corrected_times(s, c->points[i], times);
        else
            series_raw(s, c->points[i], PS_RAW_WALL, times);
        for (size_t r = 0; r < s->rounds; r++)
            times[r] /= c->points[i]->plan->work;
    }
    return (struct ps_point_times){c->p, c->times, c->base, c->count, s->rounds};
}

int series_amdahl(const struct ps_samples *s, const size_t *targets, size_t count,
                  struct series_fit *out)
{
    const bool grown = s->plan->request->weak;
    struct ps_point_times times;
    double corrected = NAN;
    struct curve c;
    int err = -ENOMEM;

    if (curve_open(s, targets, count, &c)) {
        times = times_of(s, &c, true);
        err = ps_amdahl_value(&times, grown, &corrected);
        times = times_of(s, &c, false);
        if (!err)
            err = ps_amdahl_rounds(&times, grown, s->plan->request->seed, &out->law);
    }
    if (!err) {
        out->drawn = out->law.serial_fraction;
        widen(&out->law.serial_fraction, corrected);
    }
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
