/* Amdahl's fit, Karp-Flatt and the best thread count of each scaling curve. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "assemble.h"
#include "amdahl.h"
#include "series.h"
#include "samples.h"

#define BEST_WITHIN 0.05

static const char *const statuses[] = {
    [PS_FIT_OK] = "ok",
    [PS_FIT_UNVERIFIED] = "unverified",
    [PS_FIT_TOO_FEW] = "no point with more than one CPU",
};

/* e falls as the speedup grows, so the interval's ends change places. */
static struct ps_interval karp_flatt(const struct ps_metric *speedup, double p)
{
    return (struct ps_interval){
        ps_karp_flatt(speedup->value, p),
        ps_karp_flatt(speedup->high, p),
        ps_karp_flatt(speedup->low, p),
    };
}

static void set_karp_flatt(const struct ps_samples *s, const struct ps_result *r,
                           const size_t *targets, size_t count, struct ps_model *m)
{
    struct ps_interval *e = ps_arena_array(s->arena, count, sizeof *e);
    double least = INFINITY, most = 0;
    size_t n = 0;

    m->karp_flatt = ps_arena_array(s->arena, count, sizeof *m->karp_flatt);
    for (size_t i = 0; i < count; i++) {
        const struct ps_metric *speedup = ps_point_metric(&r->points[targets[i]], "speedup");
        double p = series_p(&s->series[targets[i]]);

        if (p <= 1 || isnan(speedup->value))
            continue;
        e[n] = karp_flatt(speedup, p);
        least = fmin(least, p);
        most = fmax(most, p);
        m->karp_flatt[n] = (struct ps_karp_flatt_row){r->points[targets[i]].threads, e[n].value,
                                                      e[n].low, e[n].high};
        n++;
    }
    m->karp_flatt_count = n;
    m->trend = most > least ? ps_karp_flatt_trend(e, n) : PS_TREND_UNKNOWN;
}

/* The one-thread point of a program is its curve's beginning, and its reference too. */
static void set_best(const struct ps_samples *s, const struct ps_result *r, const size_t *targets,
                     size_t count, struct ps_model *m)
{
    const struct ps_series *base = s->series[targets[0]].baseline;
    double *p = ps_arena_array(s->arena, count + 1, sizeof *p);
    double *throughput = ps_arena_array(s->arena, count + 1, sizeof *throughput);
    bool any = false, own = base->workload->program;

    for (size_t i = 0; i < count + own; i++) {
        const struct ps_point *point =
            &r->points[i < count ? targets[i] : (size_t)(base - s->series)];

        p[i] = point->threads;
        throughput[i] = ps_point_value(point, "throughput");
        any |= !isnan(throughput[i]);
    }
    count += own;
    m->best_threads = any ? p[ps_best_threads(p, throughput, count, BEST_WITHIN)] : NAN;
}

static int add_model(const struct ps_samples *s, struct ps_result *r, const size_t *targets,
                     size_t count)
{
    const struct ps_point *first = &r->points[targets[0]];
    struct ps_amdahl fit;
    struct ps_model *m;
    int err = series_amdahl(s, targets, count, &fit);

    if (err < 0)
        return err;
    r->models = ps_arena_grow(s->arena, r->models, r->model_count, sizeof *r->models);
    m = &r->models[r->model_count++];
    *m = (struct ps_model){
        .workload_label = first->workload_label,
        .strategy_label = first->strategy_label,
        .placement = first->placement,
        .status = statuses[fit.status],
        .serial_fraction = fit.serial_fraction.value,
        .low = fit.serial_fraction.low,
        .high = fit.serial_fraction.high,
        .limit = isfinite(fit.limit) ? fit.limit : NAN,
        .residual = fit.residual,
    };
    set_karp_flatt(s, r, targets, count, m);
    set_best(s, r, targets, count, m);
    return 0;
}

int models_add(const struct ps_samples *s, struct ps_result *r)
{
    size_t *targets = calloc(s->series_count + 1, sizeof *targets);
    int err = targets ? 0 : -ENOMEM;

    for (size_t i = 0; !err && s->rounds && i < s->series_count; i++)
        if (series_curve_begins(s, &s->series[i]))
            err = add_model(s, r, targets, series_curve(s, &s->series[i], targets));
    free(targets);
    return err;
}
