#include "view.h"

#include <math.h>
#include <string.h>

#include "cells.h"
#include "format.h"
#include "stats.h"

struct ps_view ps_view_of(const struct ps_result *r, const struct ps_report_style *style,
                          struct ps_arena *a)
{
    const char *const *columns = style ? style->columns : NULL;

    return (struct ps_view){.r = r,
                            .arena = a,
                            .details = (style && style->details) || columns,
                            .top = style ? (size_t)style->top : 0,
                            .only = columns,
                            .asked = columns};
}

static bool known(const char *text)
{
    return text && *text && strcmp(text, "unknown") && strcmp(text, "none");
}

static const char *cpus(const struct ps_view *v, const struct ps_result_host *h)
{
    const char *of = "", *smt = "no SMT", *quota = "";

    if (h->machine_cpus > h->cpus)
        of = ps_arena_format(v->arena, " of %u", h->machine_cpus);
    if (h->threads_per_core > 1)
        smt = ps_arena_format(v->arena, "%u threads a core", h->threads_per_core);
    if (isfinite(h->cpu_quota))
        quota = ps_arena_format(v->arena, ", quota of %.3g CPUs", h->cpu_quota);
    return ps_arena_format(v->arena, "%u core%s, %u%s CPU%s (%s)%s", h->cores,
                           h->cores == 1 ? "" : "s", h->cpus, of, h->cpus == 1 && !*of ? "" : "s",
                           smt, quota);
}

const char *ps_view_host(const struct ps_view *v)
{
    const struct ps_result_host *h = &v->r->host;
    bool real = !h->topology || !strcmp(h->topology, "this machine");
    const char *text;

    if (v->r->plan.ended_by == PS_END_SCRIPT)
        return "scripted values, not a measurement";
    text = ps_arena_format(v->arena, "%s, %s%s%s, %s%s%s", h->cpu_model, cpus(v, h),
                           known(h->virtualization) ? ", " : "",
                           known(h->virtualization) ? h->virtualization : "", h->kernel,
                           real ? "" : ", topology of ", real ? "" : h->topology);
    return ps_text_clean(v->arena, text);
}

const char *ps_view_machine(const struct ps_view *v)
{
    const struct ps_result_host *h = &v->r->host;
    const char *text;

    text = ps_arena_format(v->arena, "%s, %s", h->cpu_model, cpus(v, h));
    return ps_text_clean(v->arena, text);
}

bool ps_view_shows(const struct ps_view *v, const char *id)
{
    if (!v->only)
        return true;
    for (size_t i = 0; v->only[i]; i++)
        if (!strcmp(v->only[i], id))
            return true;
    return false;
}

struct widest {
    const struct ps_point *point;
    const char *id;
    double margin; /* relative half-width */
};

static void widen(struct widest *w, const struct ps_point *p, const char *id)
{
    const struct ps_metric *m = ps_point_metric(p, id);
    double margin;

    if (!m || !isfinite(m->value))
        return;
    margin = ps_relative_half_width((struct ps_interval){m->value, m->low, m->high});
    if (isfinite(margin) && (!w->point || margin > w->margin))
        *w = (struct widest){p, id, margin};
}

static struct widest find_widest(const struct ps_result *r)
{
    struct widest w = {0};

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        widen(&w, p, "wall_time");
        if (!p->baseline)
            widen(&w, p, "speedup");
    }
    return w;
}

/* The interval furthest from what was asked for; of older files, the widest that can be seen:
 * "; widest interval: speedup of reduce:size=10 pool with 2 threads ±2.3%" */
static const char *widest(const struct ps_view *v)
{
    const struct ps_result_widest *told = &v->r->plan.widest;
    struct widest w = find_widest(v->r);
    const struct ps_point *p = w.point;
    const char *strategy = "", *noun;

    if (told->text)
        return ps_arena_format(v->arena, "; widest interval: %s ±%s", told->text,
                               told->relative
                                   ? ps_cell_margin(v->arena, told->half_width)
                                   : ps_arena_format(v->arena, "%.3f", told->half_width));
    if (!p)
        return "";
    if (!ps_point_is_program(p) || ps_point_is_outside(p))
        strategy = ps_arena_format(v->arena, " %s", p->strategy_label);
    if (ps_point_is_free(p))
        return ps_arena_format(v->arena,
                               "; widest interval: %s of %s, with its own thread count, ±%s",
                               ps_metric_find(w.id)->title, ps_subject_short(v->r, p),
                               ps_cell_margin(v->arena, w.margin));
    noun = p->threads == 1 ? "thread" : ps_point_is_copies(p) ? "copies" : "threads";
    return ps_arena_format(v->arena, "; widest interval: %s of %s%s with %u %s ±%s",
                           ps_metric_find(w.id)->title, ps_subject_short(v->r, p), strategy,
                           p->threads, noun, ps_cell_margin(v->arena, w.margin));
}

static const char *how(const struct ps_view *v)
{
    const struct ps_result_plan *p = &v->r->plan;

    switch (p->ended_by) {
    case PS_END_PRECISION:
        return ps_arena_format(v->arena, "precision %g%% reached%s", p->precision * 100,
                               v->r->grain_count ? " near the crossovers" : "");
    case PS_END_MAX_TIME:
        if (p->rounds == 1 && v->r->elapsed > p->max_time)
            return ps_arena_format(
                v->arena, "one is complete in any case; another would exceed --max-time %gs",
                p->max_time);
        return ps_arena_format(v->arena, "another would exceed --max-time %gs%s", p->max_time,
                               v->only && !v->asked ? "" : widest(v)); /* not on the first screen */
    default:
        return "as many as asked for";
    }
}

static const char *cut_short(const struct ps_view *v, const char *how)
{
    size_t rounds = v->r->plan.rounds;

    return ps_arena_format(v->arena, "%s: cut short after %zu round%s in %s", how, rounds,
                           rounds == 1 ? "" : "s", ps_cell_time(v->arena, v->r->elapsed));
}

const char *ps_view_ending(const struct ps_view *v)
{
    const struct ps_result_plan *p = &v->r->plan;
    const char *s = p->rounds == 1 ? "" : "s", *elapsed = ps_cell_time(v->arena, v->r->elapsed);
    const char *text;

    if (p->ended_by == PS_END_SCRIPT)
        text = ps_arena_format(v->arena, "%zu round%s of scripted values", p->rounds, s);
    else if (p->ended_by == PS_END_INTERRUPT)
        text = cut_short(v, "interrupted");
    else if (p->ended_by == PS_END_FAILURE)
        text = cut_short(v, "failed");
    else
        text = ps_arena_format(v->arena, "%zu round%s in %s (%s)", p->rounds, s, elapsed, how(v));
    return ps_text_clean(v->arena, text);
}

bool ps_view_is_head(const struct ps_finding *f)
{
    return !strcmp(f->id, PS_FINDING_DISTURBED) || !strcmp(f->id, PS_FINDING_THREADS);
}

void ps_view_heads(ps_head_fn *each, void *arg)
{
    ps_key_heads(each, arg);
    ps_column_heads(each, arg);
    ps_stack_heads(each, arg);
    ps_crossover_heads(each, arg);
    ps_diagnosis_heads(each, arg);
    ps_region_heads(each, arg);
    ps_cpu_use_heads(each, arg);
}
