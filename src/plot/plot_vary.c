#include "plot_vary.h"

#include <math.h>
#include <string.h>

#include "cells.h"
#include "units.h"
#include "value_series.h"

#define LINEAR 8 /* largest over smallest, up to which a scale is linear */
#define FLOOR  1e-4

struct range {
    double low, high;
};

static void widen(struct range *r, double x)
{
    if (!(x > 0) || !isfinite(x))
        return;
    r->low = fmin(r->low, x);
    r->high = fmax(r->high, x);
}

/* "10k", "200us", "0.5"; NaN for what is no number. */
static double number(const char *text)
{
    struct ps_err e;
    uint64_t count;
    double x;

    if (ps_parse_count(text, "", 0, UINT64_MAX, &count, &e) == 0)
        return (double)count;
    if (ps_parse_real(text, "", -1e300, 1e300, &x, &e) == 0)
        return x;
    return ps_parse_time(text, "", 0, 1e9, &x, &e) == 0 ? x : NAN;
}

static double value_of(const struct ps_block *b, size_t row)
{
    return number(ps_series_value(&b->points[row * b->ways], b->parameter));
}

static struct ps_scale scale_of(struct range r)
{
    double low = r.low < r.high ? r.low : r.high / 2;

    return (struct ps_scale){low, r.high, r.high > LINEAR * low};
}

/* The ways that are drawn: the reference, the first, is the level 1. */
static size_t last_way(const struct ps_block *b)
{
    return b->ways < PS_CANVAS_MARKS + 1 ? b->ways : PS_CANVAS_MARKS + 1;
}

/* Also of the level 1. */
static void measure(const struct ps_block *b, struct ps_canvas *c)
{
    struct range x = {INFINITY, 0}, y = {1, 1};

    for (size_t row = 0; row < b->count / b->ways; row++) {
        widen(&x, value_of(b, row));
        for (size_t way = 1; way < last_way(b); way++)
            widen(&y, ps_point_value(&b->points[row * b->ways + way], "speedup"));
    }
    c->x = scale_of(x);
    c->y = scale_of((struct range){fmax(y.low, FLOOR), y.high * 1.05});
    if (!c->y.log)
        c->y.low = 0;
}

static double level(const void *arg, double x)
{
    return 1;
}

/* A column for each way that pays from some value on. */
static void draw_crossings(const struct ps_view *v, const struct ps_block *b, struct ps_canvas *c)
{
    for (size_t i = 0; i < v->r->grain_count; i++) {
        const struct ps_grain *g = &v->r->grains[i];

        if ((g->against || !strcmp(g->workload, b->points->workload)) &&
            !strcmp(g->parameter, b->parameter) && isfinite(g->crossover.value))
            ps_canvas_bar(c, g->crossover.value, c->y.low, 1, c->glyphs->crossing);
    }
}

static void draw_way(const struct ps_block *b, struct ps_canvas *c, size_t way)
{
    for (size_t row = 0; row < b->count / b->ways; row++) {
        const struct ps_metric *m = ps_point_metric(&b->points[row * b->ways + way], "speedup");
        double x = value_of(b, row);

        if (!m)
            continue;
        if (isfinite(m->low) && isfinite(m->high))
            ps_canvas_bar(c, x, m->low, m->high, c->glyphs->bar);
        ps_canvas_mark(c, x, m->value, c->glyphs->marks[way - 1]);
    }
}

static void print_legend(const struct ps_view *v, const struct ps_block *b,
                         const struct ps_canvas *c, struct ps_str *out)
{
    const char *text = ps_arena_format(v->arena, "Speedup by %s:", b->parameter);

    for (size_t way = 1; way < last_way(b); way++)
        text = ps_arena_format(v->arena, "%s %s %s,", text, c->glyphs->marks[way - 1],
                               b->same_pattern ? b->points[way].strategy_label
                                               : b->points[way].pattern);
    text = ps_arena_format(v->arena, "%s %s %s", text, c->glyphs->level,
                           b->points->pattern ? "the first" : "the sequential version");
    if (v->r->grain_count)
        text = ps_arena_format(v->arena, "%s, %s crossover", text, c->glyphs->crossing);
    if (b->ways > last_way(b))
        text =
            ps_arena_format(v->arena, "%s; %zu others are left out", text, b->ways - last_way(b));
    ps_text_wrap(out, ps_text_clean(v->arena, text), 0, 2, c->width);
}

void ps_plot_vary(const struct ps_view *v, const struct ps_block *b, size_t width,
                  const struct ps_glyphs *glyphs, struct ps_str *out)
{
    struct ps_canvas c;

    ps_canvas_init(&c, v->arena, glyphs, width, ps_plot_rows(width));
    measure(b, &c);
    if (!(c.x.high > c.x.low) || !(c.y.high > c.y.low))
        return;
    draw_crossings(v, b, &c);
    for (size_t way = last_way(b); way-- > 1;)
        draw_way(b, &c, way);
    ps_canvas_curve(&c, level, NULL, 1, glyphs->level);
    for (size_t row = 0; row < b->count / b->ways; row++)
        ps_canvas_label(
            &c, value_of(b, row),
            ps_text_clean(v->arena, ps_series_value(&b->points[row * b->ways], b->parameter)));
    ps_str_add(out, "\n");
    ps_canvas_print(&c, out);
    print_legend(v, b, &c, out);
}
