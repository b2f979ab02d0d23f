#include "advice.h"

#include <math.h>

#include "predict.h"

/* A point with a CPU for each of its threads; the reference is one of them. */
struct rated {
    double *p, *threads, *speedup;
    struct ps_interval *efficiency;
    double *core_seconds;
    size_t count;
    size_t in_law; /* the first of them */
};

static void rate(const struct ps_samples *s, const struct ps_result *r, size_t point,
                 struct rated *x)
{
    const struct ps_point *of = &r->points[point];
    const struct ps_metric *e = ps_point_metric(of, "efficiency");
    size_t i = x->count++;

    x->p[i] = series_p(&s->series[point]);
    x->threads[i] = of->threads;
    x->speedup[i] = of->baseline ? 1 : ps_point_value(of, "speedup");
    x->efficiency[i] = of->baseline || !e ? (struct ps_interval){of->baseline ? 1 : NAN, NAN, NAN}
                                          : (struct ps_interval){e->value, e->low, e->high};
    x->core_seconds[i] = of->threads * ps_point_value(of, "wall_time");
}

static struct rated rate_curve(const struct ps_samples *s, const struct ps_result *r,
                               const size_t *targets, size_t count)
{
    struct rated x = {
        .p = ps_arena_array(s->arena, count + 1, sizeof *x.p),
        .threads = ps_arena_array(s->arena, count + 1, sizeof *x.threads),
        .speedup = ps_arena_array(s->arena, count + 1, sizeof *x.speedup),
        .efficiency = ps_arena_array(s->arena, count + 1, sizeof *x.efficiency),
        .core_seconds = ps_arena_array(s->arena, count + 1, sizeof *x.core_seconds),
    };

    rate(s, r, (size_t)(s->series[targets[0]].baseline - s->series), &x);
    for (size_t i = 0; i < count; i++)
        if (series_in_law(&s->series[targets[i]]))
            rate(s, r, targets[i], &x);
    x.in_law = x.count;
    for (size_t i = 0; i < count; i++)
        if (series_has_cpus(&s->series[targets[i]]) && !series_in_law(&s->series[targets[i]]))
            rate(s, r, targets[i], &x);
    return x;
}

void advice_targets(const struct ps_samples *s, const size_t *targets, size_t count,
                    struct ps_usl *u)
{
    const struct ps_plan *plan = s->plan;
    double *p = ps_arena_array(s->arena, plan->predicted_count + 1, sizeof *p);

    u->targets = p;
    u->target_count = plan->predicted_count ? plan->predicted_count : 1;
    u->predicted = ps_arena_array(s->arena, u->target_count, sizeof *u->predicted);
    for (size_t i = 0; i < plan->predicted_count; i++)
        p[i] = plan->predicted[i];
    for (size_t i = 0; !plan->predicted_count && i < count; i++)
        if (series_in_law(&s->series[targets[i]]))
            p[0] = fmax(p[0], 2 * floor(series_p(&s->series[targets[i]])));
}

static const char *status_of(const struct ps_samples *s, const struct ps_prediction *p)
{
    switch (p->status) {
    case PS_PREDICTED:
        return "ok";
    case PS_PREDICT_MEASURED:
        return "as many were measured";
    case PS_PREDICT_FEW:
        return "trusting a law that far needs two thread counts above one, with intervals";
    case PS_PREDICT_NO_LAW:
        return "no law fits the points";
    case PS_PREDICT_MISSES:
        return "the law misses measured points by more than 10 %";
    case PS_PREDICT_FAR:
        return ps_arena_format(
            s->arena,
            "the limit is %d times the CPUs that were measured, or %d times where six or more "
            "thread counts were measured",
            PS_PREDICT_CLOSE, PS_PREDICT_REACH);
    case PS_PREDICT_WIDE:
        return ps_arena_format(s->arena, "it may be anywhere from %.3g to %.3g", p->speedup.low,
                               p->speedup.high);
    }
    return NULL;
}

static void set_beyond(const struct ps_samples *s, const struct rated *x, const struct ps_usl *u,
                       struct ps_model *m)
{
    const struct ps_interval none = {NAN, NAN, NAN};
    const struct ps_curve curve = {x->p, x->speedup, x->in_law, {m->whole, m->low, m->high}, u};
    struct ps_advice *a = &m->advice;

    a->asked = s->plan->predicted_count > 0;
    a->beyond = ps_arena_array(s->arena, u->target_count, sizeof *a->beyond);
    a->beyond_count = u->target_count;
    for (size_t i = 0; i < u->target_count; i++) {
        struct ps_prediction p = ps_predict(&curve, u->targets[i], u->predicted[i]);
        bool ok = p.status == PS_PREDICTED;

        a->beyond[i] = (struct ps_advice_beyond){
            u->targets[i], status_of(s, &p), ok ? p.speedup : none, ok ? ps_law_name(p.law) : NULL};
    }
}

static void set_efficient(const struct rated *x, struct ps_advice *a)
{
    size_t i = ps_keeps_efficiency(x->threads, x->efficiency, x->count, a->wanted_efficiency);

    if (i == x->count)
        return;
    a->efficient_threads = x->threads[i];
    a->efficiency = x->efficiency[i];
    for (size_t k = 0; k < x->count; k++) {
        if (x->threads[k] <= x->threads[i] ||
            (x->threads[k] >= a->next_threads && !isnan(a->next_threads)))
            continue;
        a->next_threads = x->threads[k];
        a->next_efficiency = x->efficiency[k].value;
    }
}

static void set_cheapest(const struct rated *x, struct ps_advice *a)
{
    size_t i = ps_cheapest(x->threads, x->efficiency, x->count);

    if (i == x->count)
        return;
    a->cheapest_threads = x->threads[i];
    a->core_seconds = x->core_seconds[i];
}

void advice_set(const struct ps_samples *s, const struct ps_result *r, const size_t *targets,
                size_t count, const struct ps_usl *u, struct ps_model *m)
{
    struct rated x = rate_curve(s, r, targets, count);
    double wanted = s->plan->request->want_efficiency;

    m->advice = (struct ps_advice){
        .known = true,
        .wanted_efficiency = wanted > 0 ? wanted : NAN,
        .efficient_threads = NAN,
        .efficiency = {NAN, NAN, NAN},
        .next_threads = NAN,
        .next_efficiency = NAN,
        .cheapest_threads = NAN,
        .core_seconds = NAN,
    };
    if (series_threads_unused(s, targets, count))
        return;
    if (wanted > 0)
        set_efficient(&x, &m->advice);
    set_cheapest(&x, &m->advice);
    set_beyond(s, &x, u, m);
}
