#include "beside.h"

#include <stdlib.h>
#include <string.h>

#include "cells.h"

#define SHORT_NAME 16 /* columns */

const char *ps_beside_short(const struct ps_results *r, size_t result, struct ps_arena *a)
{
    for (size_t i = 0; i < r->count; i++)
        if (ps_columns(ps_text_clean(a, r->items[i].name)) > SHORT_NAME)
            return ps_arena_format(a, "%zu", result + 1);
    return ps_text_clean(a, r->items[result].name);
}

const char *ps_beside_about(const struct ps_named_result *n, struct ps_arena *a)
{
    const struct ps_view v = {.r = n->r, .arena = a};

    return ps_text_clean(a, ps_arena_format(a, "%s, begun %s, %s", n->r->plan.command,
                                            n->r->started, ps_view_ending(&v)));
}

/* ---- Groups ---- */

struct groups {
    struct ps_arena *arena;
    struct ps_beside *items;
    size_t count;
};

static struct ps_beside *group_of(struct groups *g, const char *title, const char *parameter)
{
    for (size_t i = 0; i < g->count; i++)
        if (!strcmp(g->items[i].title, title) && !g->items[i].parameter == !parameter)
            return &g->items[i];
    g->items = ps_arena_grow(g->arena, g->items, g->count, sizeof *g->items);
    g->items[g->count] = (struct ps_beside){title, !parameter, parameter};
    return &g->items[g->count++];
}

static void add(struct groups *g, struct ps_beside *b, size_t result, const struct ps_point *p)
{
    b->points = ps_arena_grow(g->arena, b->points, b->count, sizeof *b->points);
    b->points[b->count++] = (struct ps_beside_point){.result = result, .p = p};
}

static void add_block(struct groups *g, size_t result, const struct ps_block *b)
{
    const char *parameter = b->kind == PS_BLOCK_SERIES ? b->parameter : NULL;

    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];
        const char *title = parameter
                                ? ps_arena_format(g->arena, "%s by %s", p->workload, parameter)
                                : p->workload_label;

        add(g, group_of(g, title, parameter), result, p);
    }
}

static struct groups all_groups(const struct ps_results *r, struct ps_arena *a)
{
    struct groups g = {.arena = a};

    for (size_t i = 0; i < r->count; i++) {
        const struct ps_view v = {.r = r->items[i].r, .arena = a};

        for (size_t k = 0; k < v.r->point_count;) {
            const struct ps_block b = ps_view_block(&v, k);

            add_block(&g, i, &b);
            k += b.count;
        }
    }
    return g;
}

static bool is_shared(const struct ps_beside *b)
{
    return b->points[0].result != b->points[b->count - 1].result;
}

/* Those that one result alone has become one. */
static struct groups merge(struct groups *all)
{
    struct groups g = {.arena = all->arena};
    struct ps_beside rest = {.title = "Measured in one of them only"};

    for (size_t i = 0; i < all->count; i++) {
        const struct ps_beside *b = &all->items[i];

        for (size_t k = 0; !is_shared(b) && k < b->count; k++)
            add(&g, &rest, b->points[k].result, b->points[k].p);
        if (!is_shared(b))
            continue;
        g.items = ps_arena_grow(g.arena, g.items, g.count, sizeof *g.items);
        g.items[g.count++] = *b;
    }
    if (!g.count)
        rest.title = "Side by side";
    if (rest.count) {
        g.items = ps_arena_grow(g.arena, g.items, g.count, sizeof *g.items);
        g.items[g.count++] = rest;
    }
    return g;
}

static const char *label_of(const struct ps_point *p)
{
    return p->workload_label;
}

static const char *strategy_of(const struct ps_point *p)
{
    return p->strategy_label;
}

static const char *placement_of(const struct ps_point *p)
{
    return p->placement;
}

/* The first of the points that has the same text. */
static size_t rank(const struct ps_beside *b, size_t i,
                   const char *(*text)(const struct ps_point *))
{
    size_t k = 0;

    while (strcmp(text(b->points[k].p), text(b->points[i].p)) != 0)
        k++;
    return k;
}

static int by_point(const void *x, const void *y)
{
    const struct ps_beside_point *a = x, *b = y;
    const size_t left[] = {a->label, a->strategy, a->placement, a->p->threads, a->result};
    const size_t right[] = {b->label, b->strategy, b->placement, b->p->threads, b->result};

    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

static void sort(struct ps_beside *b)
{
    for (size_t i = 0; i < b->count; i++) {
        b->points[i].label = rank(b, i, label_of);
        b->points[i].strategy = rank(b, i, strategy_of);
        b->points[i].placement = rank(b, i, placement_of);
    }
    qsort(b->points, b->count, sizeof *b->points, by_point);
}

size_t ps_beside_groups(const struct ps_results *r, struct ps_arena *a, struct ps_beside **groups)
{
    struct groups all = all_groups(r, a), g = merge(&all);

    for (size_t i = 0; i < g.count; i++) {
        g.items[i].title = ps_text_clean(a, g.items[i].title);
        sort(&g.items[i]);
    }
    *groups = g.items;
    return g.count;
}

/* ---- The grid ---- */

static const char *const metrics[] = {"wall_time", "speedup", "efficiency", "smt_effect"};
#define METRICS (sizeof metrics / sizeof *metrics)

static const struct ps_grid_head heads[] = {
    {"measured", NULL, 0, true},      {"result", NULL, 0, true},
    {"time", "wall time", 0, false},  {"speedup", NULL, 0, false},
    {"eff.", "efficiency", 0, false}, {"SMT\neffect", "SMT effect", 0, false},
};
#define HEADS (sizeof heads / sizeof *heads)

void ps_beside_heads(ps_head_fn *each, void *arg)
{
    ps_grid_each_head(heads, HEADS, each, arg);
}

static bool several_placements(const struct ps_beside *b)
{
    for (size_t i = 1; i < b->count; i++)
        if (b->points[i].placement != b->points[0].placement)
            return true;
    return false;
}

static bool several_labels(const struct ps_beside *b)
{
    for (size_t i = 1; i < b->count; i++)
        if (b->points[i].label != b->points[0].label)
            return true;
    return false;
}

static const char *subject(const struct ps_results *r, const struct ps_beside *b, size_t i,
                           struct ps_arena *a)
{
    const struct ps_result *of = r->items[b->points[i].result].r;
    const struct ps_point *p = b->points[i].p;
    const char *text = several_labels(b)     ? ps_subject_of(of, p)
                       : ps_point_is_free(p) ? "left alone"
                                             : ps_subject_name(of, p);

    if (several_placements(b) && !ps_point_is_free(p))
        text = ps_arena_format(a, "%s, %s", text, p->placement);
    return ps_text_clean(a, text);
}

static const char *value(const struct ps_point *p, const char *id, struct ps_arena *a)
{
    const struct ps_metric *m = ps_point_metric(p, id);
    const struct ps_look *look = &ps_metric_find(id)->look;

    if (!m || (p->baseline && look->on_baseline == PS_COLUMN_OMITTED))
        return NULL;
    if (p->baseline && look->on_baseline == PS_COLUMN_BARE)
        return ps_cell_ratio(a, m->value);
    return ps_cell_metric(a, m, look->style);
}

void ps_beside_grid(const struct ps_results *r, const struct ps_beside *b, struct ps_arena *a,
                    struct ps_grid *g)
{
    ps_grid_init(g, a, b->count);
    ps_grid_heads(g, heads, HEADS);
    g->grouped = true;
    for (size_t i = 0; i < b->count; i++) {
        ps_grid_cell(g, i, 0, subject(r, b, i, a));
        ps_grid_cell(g, i, 1, ps_beside_short(r, b->points[i].result, a));
        for (size_t k = 0; k < METRICS; k++) {
            const char *text = value(b->points[i].p, metrics[k], a);

            if (text)
                ps_grid_cell(g, i, 2 + k, text);
        }
    }
}
