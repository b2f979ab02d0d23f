#include "headlines.h"

#include <math.h>
#include <stdlib.h>

#include "derive.h"
#include "mixture.h"
#include "series.h"
#include "subject.h"

#define SERIAL_HALF_WIDTH 0.01 /* absolute */
#define NEAR              1.5  /* factor between a speedup and a threshold that it says much of */
#define FAR_HALF_WIDTH    0.1  /* relative, that is enough of other speedups */

/* A walk over all headlines. */
struct walk {
    const struct ps_samples *s;
    headline_fn *see;
    void *arg;
    double *x;       /* room for a value a round */
    size_t *targets; /* room for a curve */
};

static bool see_interval(const struct walk *w, const struct ps_series *t, const char *metric,
                         double enough)
{
    struct headline h = {.metric = metric, .of = t, .enough = enough};

    if (ps_median_interval(w->s->draws, w->x, w->s->rounds, &h.interval) < 0)
        h.interval = (struct ps_interval){NAN, NAN, NAN};
    h.half_width = ps_relative_half_width(h.interval);
    return w->see(w->arg, &h);
}

static bool is_near(struct ps_interval i, double threshold)
{
    return i.low < threshold * NEAR && i.high > threshold / NEAR;
}

static bool see_metric(const struct walk *w, const struct ps_series *t, const char *id)
{
    const struct metric_row *row = metric_row_find(id);

    if (!metric_applies(w->s, t, row))
        return true;
    metric_samples(w->s, t, row, w->x);
    return see_interval(w, t, id, w->s->plan->request->precision);
}

static bool has_speedup(const struct ps_series *t)
{
    return !t->plan->baseline && t->baseline;
}

/* Of a target whose speedup is there for the crossover (1) and METG (half of p). */
static bool see_threshold(const struct walk *w, const struct ps_series *t)
{
    double enough = w->s->plan->request->precision;
    struct ps_interval i;

    if (!has_speedup(t))
        return true;
    series_speedup(w->s, t, PS_RAW_WALL, w->x);
    if (ps_median_interval(w->s->draws, w->x, w->s->rounds, &i) < 0)
        return false;
    if (!is_near(i, 1) && !is_near(i, series_p(t) / 2))
        enough = fmax(enough, FAR_HALF_WIDTH);
    return see_interval(w, t, "speedup", enough);
}

/* While it is open on which mode the median lies, its interval says little. */
static bool see_mixture(const struct walk *w, const struct ps_series *t)
{
    const struct headline open = {.metric = "wall_time",
                                  .of = t,
                                  .half_width = INFINITY,
                                  .enough = w->s->plan->request->precision};

    return !mixture_open(w->s, t, w->x) || w->see(w->arg, &open);
}

static bool see_target(const struct walk *w, const struct ps_series *t)
{
    if (ps_plan_varies(w->s->plan))
        return see_threshold(w, t);
    if (!see_mixture(w, t) || !see_metric(w, t, "wall_time") || !see_metric(w, t, "smt_effect") ||
        !see_metric(w, t, "packed_effect"))
        return false;
    return !has_speedup(t) || see_metric(w, t, "speedup");
}

/* What of an interval is within [0, 1]: outside there is no serial fraction to wait for. */
static double half_within(struct ps_interval i)
{
    double half = (fmin(i.high, 1) - fmax(i.low, 0)) / 2;

    return isnan(i.low) || isnan(i.high) ? INFINITY : fmax(half, 0);
}

static bool see_curve(const struct walk *w, const struct ps_series *first)
{
    struct headline h = {.metric = "serial_fraction", .of = first, .enough = SERIAL_HALF_WIDTH};
    struct series_fit fit;

    if (series_amdahl(w->s, w->targets, series_curve(w->s, first, w->targets), &fit) < 0)
        return false;
    h.interval = fit.drawn;
    h.half_width = half_within(fit.drawn);
    return fit.law.status == PS_FIT_TOO_FEW || w->see(w->arg, &h);
}

static bool see_all(const struct walk *w)
{
    const struct ps_samples *s = w->s;
    bool go_on = true;

    for (size_t i = 0; go_on && i < s->series_count; i++)
        go_on = see_target(w, &s->series[i]);
    for (size_t i = 0; go_on && s->plan->scales && i < s->series_count; i++)
        if (series_curve_begins(s, &s->series[i]))
            go_on = see_curve(w, &s->series[i]);
    return go_on;
}

bool headlines_each(const struct ps_samples *s, headline_fn *see, void *arg)
{
    struct walk w = {s, see, arg, calloc(s->rounds + 1, sizeof *w.x),
                     calloc(s->series_count + 1, sizeof *w.targets)};
    bool all = w.x && w.targets && see_all(&w);

    free(w.x);
    free(w.targets);
    return all;
}

static bool keep_widest(void *arg, const struct headline *h)
{
    struct headline *widest = arg;

    if (isfinite(h->half_width) &&
        (!widest->of || h->half_width / h->enough > widest->half_width / widest->enough))
        *widest = *h;
    return true;
}

static const char *whose(const struct ps_samples *s, const struct ps_result *r,
                         const struct headline *h, bool curve)
{
    const struct ps_plan_point *p = h->of->plan;
    const struct ps_point *point = &r->points[h->of - s->series];

    if (s->plan->programs)
        return curve ? ps_subject_short(r, point) : ps_subject_of(r, point);
    return ps_arena_format(s->arena, "%s %s%s", h->of->workload->bound->label, p->options->label,
                           curve ? ""
                                 : ps_arena_format(s->arena, " with %u thread%s", p->threads,
                                                   p->threads == 1 ? "" : "s"));
}

struct ps_result_widest headlines_widest(const struct ps_samples *s, const struct ps_result *r)
{
    struct headline h = {0};
    bool curve;

    headlines_each(s, keep_widest, &h);
    if (!h.of)
        return (struct ps_result_widest){NULL, NAN, false};
    curve = !metric_row_find(h.metric);
    return (struct ps_result_widest){
        ps_arena_format(s->arena, "%s of %s",
                        curve ? "serial fraction" : ps_metric_find(h.metric)->title,
                        whose(s, r, &h, curve)),
        h.half_width, !curve};
}
