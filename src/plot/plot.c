#include "plot.h"

#include <math.h>
#include <string.h>

#include "canvas.h"
#include "cells.h"
#include "plot_strips.h"
#include "plot_vary.h"

#define PAYS      4  /* thread counts */
#define NARROWEST 40 /* columns */
#define WIDEST    160
#define LINEAR    8 /* largest over smallest thread count, up to which the scale is linear */
#define ROOM      1.15

/* Of a strategy and placement. */
struct curve {
    const struct ps_point **points;
    size_t count;
};

struct curves {
    struct curve list[PS_CANVAS_MARKS];
    size_t count, left_out;
    double fewest, most; /* threads */
    double highest;      /* speedup, by the upper end of its interval */
    double cpus;         /* most of any point */
};

static bool has_speedup(const struct ps_point *p)
{
    return isfinite(ps_point_value(p, "speedup")) && (!p->baseline || ps_point_is_program(p));
}

static bool same_curve(const struct ps_point *a, const struct ps_point *b)
{
    return !strcmp(a->workload_label, b->workload_label) &&
           !strcmp(a->strategy_label, b->strategy_label) && !strcmp(a->placement, b->placement);
}

static double upper_end(const struct ps_point *p)
{
    const struct ps_metric *m = ps_point_metric(p, "speedup");

    return isfinite(m->high) ? m->high : m->value;
}

static double cpus_of(const struct ps_point *p)
{
    double cpus = ps_point_value(p, "speedup") / ps_point_value(p, "efficiency");

    return isfinite(cpus) ? cpus : p->threads;
}

static void take(struct curves *c, const struct ps_point *p, struct ps_arena *a)
{
    size_t i = 0;

    while (i < c->count && !same_curve(c->list[i].points[0], p))
        i++;
    if (i == PS_CANVAS_MARKS) {
        c->left_out++;
        return;
    }
    c->count = i == c->count ? i + 1 : c->count;
    c->list[i].points =
        ps_arena_grow(a, c->list[i].points, c->list[i].count, sizeof *c->list[i].points);
    c->list[i].points[c->list[i].count++] = p;
    c->fewest = fmin(c->fewest, p->threads);
    c->most = fmax(c->most, p->threads);
    c->highest = fmax(c->highest, upper_end(p));
    c->cpus = fmax(c->cpus, cpus_of(p));
}

static struct curves curves_of(const struct ps_block *b, struct ps_arena *a)
{
    struct curves c = {.fewest = INFINITY};

    for (size_t i = 0; i < b->count; i++)
        if (has_speedup(&b->points[i]))
            take(&c, &b->points[i], a);
    return c;
}

static double ideal(const void *arg, double threads)
{
    const struct curves *c = arg;

    return fmin(threads, c->cpus);
}

/* What the fitted law says. */
static double law(const void *arg, double threads)
{
    const struct ps_model *m = arg;

    return ps_model_speedup(m, m->serial_fraction, threads);
}

static const struct ps_model *model_of(const struct ps_view *v, const struct curve *c)
{
    const struct ps_model *m = ps_result_model(v->r, c->points[0]);

    return m && isfinite(m->serial_fraction) ? m : NULL;
}

/* Laws only where one curve is drawn. */
static void draw(const struct ps_view *v, const struct curves *all, struct ps_canvas *c)
{
    const struct ps_model *m = model_of(v, &all->list[0]);

    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->list[i].count; k++) {
            const struct ps_point *p = all->list[i].points[k];
            const struct ps_metric *s = ps_point_metric(p, "speedup");

            ps_canvas_label(c, p->threads, ps_arena_format(v->arena, "%u", p->threads));
            if (isfinite(s->low) && isfinite(s->high))
                ps_canvas_bar(c, p->threads, s->low, s->high, c->glyphs->bar);
        }
    for (size_t i = all->count; i-- > 0;)
        for (size_t k = 0; k < all->list[i].count; k++)
            ps_canvas_mark(c, all->list[i].points[k]->threads,
                           ps_point_value(all->list[i].points[k], "speedup"), c->glyphs->marks[i]);
    if (m && all->count == 1)
        ps_canvas_curve(c, law, m, 1, c->glyphs->law);
    ps_canvas_curve(c, ideal, all, 2, c->glyphs->ideal);
}

static const char *curve_name(const struct ps_view *v, const struct curves *all, size_t i)
{
    const struct ps_point *p = all->list[i].points[0];
    bool placements = false;

    if (ps_point_is_program(p) && all->count == 1)
        return "measured";
    for (size_t k = 0; k < all->count; k++)
        placements |= strcmp(p->placement, all->list[k].points[0]->placement) != 0;
    return ps_text_clean(v->arena,
                         ps_arena_format(v->arena, "%s%s%s", p->strategy_label,
                                         placements ? " " : "", placements ? p->placement : ""));
}

static void print_legend(const struct ps_view *v, const struct curves *all,
                         const struct ps_canvas *c, struct ps_str *out)
{
    const struct ps_model *m = all->count == 1 ? model_of(v, &all->list[0]) : NULL;
    const char *text = "Speedup by threads:";

    for (size_t i = 0; i < all->count; i++)
        text = ps_arena_format(v->arena, "%s %s %s,", text, c->glyphs->marks[i],
                               curve_name(v, all, i));
    text = ps_arena_format(v->arena, "%s %s ideal", text, c->glyphs->ideal);
    if (m)
        text = ps_arena_format(v->arena, "%s, %s %s with a serial fraction of %.3f", text,
                               c->glyphs->law, ps_model_law(m), m->serial_fraction);
    if (all->left_out)
        text = ps_arena_format(v->arena, "%s; %zu points of other strategies are left out", text,
                               all->left_out);
    ps_text_wrap(out, text, 0, 2, c->width);
}

static void plot_threads(const struct ps_view *v, const struct ps_block *b, size_t width,
                         const struct ps_glyphs *glyphs, struct ps_str *out)
{
    struct curves all = curves_of(b, v->arena);
    struct ps_canvas c;

    if (!(all.most > all.fewest))
        return;
    ps_canvas_init(&c, v->arena, glyphs, width, ps_plot_rows(width));
    c.x = (struct ps_scale){all.fewest, all.most, all.most > LINEAR * all.fewest};
    c.y = (struct ps_scale){0, fmax(fmin(all.cpus, ROOM * all.highest), 1), false};
    c.y.high = fmax(c.y.high, all.highest);
    draw(v, &all, &c);
    ps_str_add(out, "\n");
    ps_canvas_print(&c, out);
    print_legend(v, &all, &c, out);
}

static bool new_count(const struct ps_block *b, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (has_speedup(&b->points[k]) && b->points[k].threads == b->points[i].threads)
            return false;
    return has_speedup(&b->points[i]);
}

bool ps_plot_pays(const struct ps_block *b)
{
    size_t counts = 0;

    for (size_t i = 0; i < b->count; i++)
        counts += new_count(b, i);
    return b->kind == PS_BLOCK_SERIES || counts >= PAYS;
}

void ps_plot_block(const struct ps_view *v, const struct ps_block *b,
                   const struct ps_plot_style *style, struct ps_str *out)
{
    const struct ps_glyphs *glyphs = style->ascii ? &ps_glyphs_ascii : &ps_glyphs_unicode;
    size_t width = style->columns < WIDEST ? style->columns : WIDEST;

    width = width < NARROWEST ? NARROWEST : width;
    if (b->kind == PS_BLOCK_SERIES)
        ps_plot_vary(v, b, width, glyphs, out);
    else if (!strcmp(v->r->plan.command, "sweep"))
        plot_threads(v, b, width, glyphs, out);
    else
        ps_plot_strips(v, b, width, glyphs, out);
}
