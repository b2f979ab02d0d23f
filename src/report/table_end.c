#include <math.h>
#include <string.h>

#include "cells.h"
#include "stats.h"
#include "table.h"
#include "text.h"

static const char *const prefixes[PS_SEVERITIES] = {
    [PS_INFO] = "note: ",
    [PS_WARNING] = "warning: ",
    [PS_ERROR] = "error: ",
};

static const char *const colours[PS_SEVERITIES] = {
    [PS_INFO] = "",
    [PS_WARNING] = "\033[33m",
    [PS_ERROR] = "\033[31m",
};

void ps_table_findings(struct ps_table *t)
{
    if (t->r->finding_count)
        ps_str_add(t->out, "\n");
    for (size_t i = 0; i < t->r->finding_count; i++) {
        const struct ps_finding *f = &t->r->findings[i];
        bool coloured = t->colour && *colours[f->severity];
        size_t width = strlen(prefixes[f->severity]);

        ps_str_addf(t->out, "%s%s%s", coloured ? colours[f->severity] : "", prefixes[f->severity],
                    coloured ? "\033[0m" : "");
        ps_text_wrap(t->out, ps_text_clean(&t->arena, f->text), width, width, PS_GRID_COLUMNS);
    }
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

/* "; widest interval: speedup of reduce:size=10 pool with 2 threads ±2.3%" */
static const char *widest(struct ps_table *t)
{
    struct widest w = {0};

    for (size_t i = 0; i < t->r->point_count; i++) {
        const struct ps_point *p = &t->r->points[i];

        widen(&w, p, "wall_time");
        if (!p->baseline)
            widen(&w, p, "speedup");
    }
    if (!w.point)
        return "";
    return ps_arena_format(&t->arena, "; widest interval: %s of %s %s with %u thread%s ±%s",
                           ps_metric_find(w.id)->title, w.point->workload_label,
                           w.point->strategy_label, w.point->threads,
                           w.point->threads == 1 ? "" : "s", ps_cell_margin(&t->arena, w.margin));
}

static const char *how(struct ps_table *t)
{
    const struct ps_result_plan *p = &t->r->plan;

    if (!strcmp(p->ended_by, "precision"))
        return ps_arena_format(&t->arena, "precision %g%% reached", p->precision * 100);
    if (!strcmp(p->ended_by, "max-time"))
        return ps_arena_format(&t->arena, "stopped by --max-time %gs%s", p->max_time, widest(t));
    if (!strcmp(p->ended_by, "rounds"))
        return "as many as asked for";
    return p->ended_by;
}

void ps_table_ending(struct ps_table *t)
{
    const struct ps_result_plan *p = &t->r->plan;
    const char *s = p->rounds == 1 ? "" : "s", *elapsed = ps_cell_time(&t->arena, t->r->elapsed);

    ps_str_add(t->out, "\n");
    if (!strcmp(p->ended_by, "fake"))
        ps_table_say(t, "%zu round%s of scripted values", p->rounds, s);
    else if (!strcmp(p->ended_by, "interrupt"))
        ps_table_say(t, "interrupted: cut short after %zu round%s in %s", p->rounds, s, elapsed);
    else
        ps_table_say(t, "%zu round%s in %s (%s)", p->rounds, s, elapsed, how(t));
}
