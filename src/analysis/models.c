/* Amdahl's fit, Karp-Flatt and the best thread count of each scaling curve. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "assemble.h"
#include "amdahl.h"
#include "series.h"
#include "samples.h"

#define BEST_WITHIN 0.05

static const char *const statuses[] = {
    [PS_FIT_OK] = "ok",
    [PS_FIT_UNVERIFIED] = "unverified",
    [PS_FIT_TOO_FEW] = "no serial fraction: no point has more than one thread and a CPU for each",
    [PS_FIT_SLOWER] = "slower with threads: no serial fraction",
    [PS_FIT_NO_FASTER] = "no faster with threads: no serial fraction",
    [PS_FIT_SUPERLINEAR] = "superlinear: faster than its number of CPUs, so no serial fraction",
};
#define TOO_FEW_FOR_USL "no USL: fewer than 4 different numbers of threads"
#define WEAK_HAS_NO_USL "no USL: the work grows with the threads"
#define UNUSED          "no serial fraction: the program doesn't use the threads that it is asked for"

/* e falls as the speedup grows, so the interval's ends change places. */
static struct ps_interval karp_flatt(const struct ps_metric *speedup, double p, bool grown)
{
    double (*fraction)(double, double) = grown ? ps_gustafson_fraction : ps_karp_flatt;

    return (struct ps_interval){
        fraction(speedup->value, p),
        fraction(speedup->high, p),
        fraction(speedup->low, p),
    };
}

static void set_karp_flatt(const struct ps_samples *s, const struct ps_result *r,
                           const size_t *targets, size_t count, struct ps_model *m)
{
    struct ps_interval *e = ps_arena_array(s->arena, count, sizeof *e);
    double least = INFINITY, most = 0;
    size_t n = 0;

    m->trend = PS_TREND_UNKNOWN;
    m->karp_flatt = ps_arena_array(s->arena, count, sizeof *m->karp_flatt);
    if (series_threads_unused(s, targets, count))
        return;
    for (size_t i = 0; i < count; i++) {
        const struct ps_metric *speedup = ps_point_metric(&r->points[targets[i]], "speedup");
        double p = series_p(&s->series[targets[i]]);
        struct ps_interval held;

        if (p <= 1 || isnan(speedup->value) || !series_in_law(&s->series[targets[i]]))
            continue;
        e[n] = held = karp_flatt(speedup, p, s->plan->request->weak);
        least = fmin(least, p);
        most = fmax(most, p);
        ps_serial_bound(&held);
        m->karp_flatt[n++] = (struct ps_karp_flatt_row){r->points[targets[i]].threads, held.value,
                                                        held.low, held.high};
    }
    m->karp_flatt_count = n;
    if (most > least && !isnan(m->serial_fraction))
        m->trend = ps_karp_flatt_trend(e, n);
}

static void set_left_out(const struct ps_samples *s, const size_t *targets, size_t count,
                         struct ps_model *m)
{
    m->left_out = ps_arena_array(s->arena, count, sizeof *m->left_out);
    m->left_out_cpus = NAN;
    for (size_t i = 0; i < count; i++) {
        const struct ps_series *t = &s->series[targets[i]];

        if (series_in_law(t))
            continue;
        m->left_out[m->left_out_count++] = t->plan->threads;
        if (!series_has_cpus(t))
            m->left_out_cpus = series_p(t);
    }
}

static void set_kinks(const struct ps_samples *s, const size_t *targets, size_t count,
                      struct ps_model *m)
{
    m->kinks = ps_arena_array(s->arena, count, sizeof *m->kinks);
    for (size_t i = 0; i < count; i++) {
        const struct ps_plan_point *p = s->series[targets[i]].plan;

        if (p->kink)
            m->kinks[m->kink_count++] = (struct ps_kink){p->threads, p->kink, p->kinked};
    }
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
        throughput[i] = i == count || series_has_cpus(&s->series[targets[i]])
                            ? ps_point_value(point, "throughput")
                            : NAN;
        any |= !isnan(throughput[i]);
    }
    count += own;
    any &= !series_threads_unused(s, targets, count - own);
    m->best_threads = any ? p[ps_best_threads(p, throughput, count, BEST_WITHIN)] : NAN;
}

/* From the first point that is slower than one with fewer threads. */
static double falls_from(const struct ps_samples *s, const struct ps_result *r,
                         const size_t *targets, size_t count)
{
    struct ps_interval *speedups = ps_arena_array(s->arena, count, sizeof *speedups);
    double *p = ps_arena_array(s->arena, count, sizeof *p);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        const struct ps_metric *m = ps_point_metric(&r->points[targets[i]], "speedup");

        if (!series_has_cpus(&s->series[targets[i]]))
            continue;
        p[n] = r->points[targets[i]].threads;
        speedups[n++] = (struct ps_interval){m->value, m->low, m->high};
    }
    count = ps_curve_shape(p, speedups, n).falls;
    return count < n ? p[count] : NAN;
}

/* Laws of a given amount of work have nothing to say. */
static void set_weak(const struct ps_samples *s, const struct ps_result *r, const size_t *targets,
                     size_t count, struct ps_model *m)
{
    const struct ps_interval none = {NAN, NAN, NAN};
    struct ps_usl usl = {.gamma = none};

    m->laws = (struct ps_laws){
        .status = WEAK_HAS_NO_USL,
        .sigma = none,
        .kappa = none,
        .gamma = none,
        .peak = none,
        .residual = NAN,
        .falls_from = falls_from(s, r, targets, count),
    };
    for (unsigned law = 0; law < PS_LAWS; law++)
        m->laws.aicc[law] = NAN;
    advice_set(s, r, targets, count, &usl, m);
}

static int set_laws(const struct ps_samples *s, const struct ps_result *r, const size_t *targets,
                    size_t count, struct ps_model *m)
{
    struct ps_laws *laws = &m->laws;
    struct series_laws fit = {.p = ps_arena_array(s->arena, count + 1, sizeof *fit.p)};
    int err;

    if (s->plan->request->weak) {
        set_weak(s, r, targets, count, m);
        return 0;
    }
    fit.usl.residuals = ps_arena_array(s->arena, count + 1, sizeof *fit.usl.residuals);
    advice_targets(s, targets, count, &fit.usl);
    err = series_laws(s, targets, count, &fit);
    if (err < 0)
        return err;
    *laws = (struct ps_laws){
        .status = fit.usl.enough ? "ok" : TOO_FEW_FOR_USL,
        .sigma = fit.usl.sigma,
        .kappa = fit.usl.kappa,
        .gamma = fit.usl.gamma,
        .peak = fit.usl.peak,
        .residual = fit.usl.residual,
        .best = fit.usl.best,
        .threads = fit.p,
        .residuals = fit.usl.residuals,
        .point_count = fit.usl.enough ? fit.points : 0,
        .falls_from = falls_from(s, r, targets, count),
    };
    memcpy(laws->aicc, fit.usl.aicc, sizeof laws->aicc);
    advice_set(s, r, targets, count, &fit.usl, m);
    return 0;
}

/* With Amdahl's fit and what is left out of it. */
static int begin_model(const struct ps_samples *s, struct ps_result *r, const size_t *targets,
                       size_t count)
{
    const struct ps_point *first = &r->points[targets[0]];
    bool unused = series_threads_unused(s, targets, count);
    enum ps_fit_status outside;
    struct ps_interval held;
    struct series_fit fit;
    struct ps_model *m;
    int err = series_amdahl(s, targets, count, &fit);

    if (err < 0)
        return err;
    held = fit.law.serial_fraction;
    outside = ps_serial_bound(&held);
    r->models = ps_arena_grow(s->arena, r->models, r->model_count, sizeof *r->models);
    m = &r->models[r->model_count++];
    *m = (struct ps_model){
        .workload_label = first->workload_label,
        .strategy_label = first->strategy_label,
        .placement = first->placement,
        .status = unused ? UNUSED : statuses[outside ? outside : fit.law.status],
        .serial_fraction = held.value,
        .low = held.low,
        .high = held.high,
        .fit = fit.law.serial_fraction,
        .whole = outside ? NAN : fmin(fmax(fit.whole, 0), 1),
        .limit = held.value > 0 && !s->plan->request->weak ? 1 / held.value : NAN,
        .residual = outside ? NAN : fit.law.residual,
        .weak = s->plan->request->weak,
    };
    set_left_out(s, targets, count, m);
    return 0;
}

static int add_model(const struct ps_samples *s, struct ps_result *r, const size_t *targets,
                     size_t count)
{
    int err = begin_model(s, r, targets, count);
    struct ps_model *m;

    if (err < 0)
        return err;
    m = &r->models[r->model_count - 1];
    set_kinks(s, targets, count, m);
    set_karp_flatt(s, r, targets, count, m);
    set_best(s, r, targets, count, m);
    return set_laws(s, r, targets, count, m);
}

static int each_curve(const struct ps_samples *s, struct ps_result *r,
                      int (*add)(const struct ps_samples *, struct ps_result *, const size_t *,
                                 size_t))
{
    size_t *targets = calloc(s->series_count + 1, sizeof *targets);
    int err = targets ? 0 : -ENOMEM;

    for (size_t i = 0; !err && s->rounds && i < s->series_count; i++)
        if (series_curve_begins(s, &s->series[i]))
            err = add(s, r, targets, series_curve(s, &s->series[i], targets));
    free(targets);
    return err;
}

int models_add(const struct ps_samples *s, struct ps_result *r)
{
    return each_curve(s, r, add_model);
}

int models_add_briefly(const struct ps_samples *s, struct ps_result *r)
{
    return each_curve(s, r, begin_model);
}
