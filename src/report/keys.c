#include <stdint.h>
#include <string.h>

#include "value_series.h"
#include "view.h"

#define NO_KEY SIZE_MAX

/* Of the keys. */
enum head { STRATEGY, WORKLOAD, BOTH, COMMAND, THREADS, COPIES, PLACEMENT, HEADS };
static const char *const heads[HEADS] = {
    [STRATEGY] = "strategy",   [WORKLOAD] = "workload", [BOTH] = "workload, strategy",
    [COMMAND] = "command",     [THREADS] = "threads",   [COPIES] = "copies",
    [PLACEMENT] = "placement",
};

void ps_key_heads(ps_head_fn *each, void *arg)
{
    for (size_t i = 0; i < HEADS; i++)
        each(arg, heads[i]);
}

struct keys {
    size_t label, threads, placement; /* columns */
};

/* The head of the first key, NULL where there is none. */
static const char *label_head(const struct ps_block *b)
{
    switch (b->kind) {
    case PS_BLOCK_STRATEGIES:
        return heads[STRATEGY];
    case PS_BLOCK_PROGRAM:
        return b->same_strategy ? NULL : heads[STRATEGY];
    case PS_BLOCK_SERIES:
        return NULL;
    case PS_BLOCK_COMMANDS:
        return heads[COMMAND];
    case PS_BLOCK_SMT:
        break;
    }
    if (b->same_workload)
        return b->same_strategy ? NULL : heads[STRATEGY];
    if (ps_point_is_program(b->points))
        return heads[COMMAND];
    return heads[b->same_strategy ? WORKLOAD : BOTH];
}

static const char *label_text(const struct ps_view *v, const struct ps_block *b,
                              const struct ps_point *p)
{
    const bool plain = ps_point_is_program(p) && !ps_point_is_outside(p);
    const char *strategy = plain ? "as it is" : p->strategy_label, *text = strategy;

    if (!b->same_workload)
        text = b->same_strategy ? p->workload_label
                                : ps_arena_format(v->arena, "%s, %s", p->workload_label, strategy);
    return ps_text_clean(v->arena, text);
}

static const char *threads_head(const struct ps_block *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (ps_point_is_copies(&b->points[i]) && !ps_point_is_outside(&b->points[i]))
            return heads[COPIES];
    return heads[THREADS];
}

/* Where placements differ, the strategies from outside say so. */
static bool strategies_place(const struct ps_block *b)
{
    for (size_t i = 0; i < b->count; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcmp(b->points[i].strategy_label, b->points[k].strategy_label) &&
                strcmp(b->points[i].placement, b->points[k].placement) != 0)
                return false;
    return ps_point_is_program(b->points) && !b->same_strategy;
}

static struct keys add_keys(const struct ps_block *b, struct ps_grid *g)
{
    struct keys k = {NO_KEY, NO_KEY, NO_KEY};
    bool smt = b->kind == PS_BLOCK_SMT;

    if (label_head(b)) {
        k.label = ps_grid_key(g, label_head(b), true);
        g->columns[k.label].label = true;
        g->grouped = smt;
    }
    if (smt)
        k.placement = ps_grid_key(g, heads[PLACEMENT], true);
    if ((b->kind != PS_BLOCK_COMMANDS || !b->same_threads) && !ps_point_is_free(b->points))
        k.threads = ps_grid_key(g, threads_head(b), false);
    if (!smt && !b->same_placement && !strategies_place(b))
        k.placement = ps_grid_key(g, heads[PLACEMENT], true);
    return k;
}

static void fill_keys(const struct ps_view *v, const struct ps_block *b, const struct keys *k,
                      struct ps_grid *g)
{
    const char *fit = "";

    for (size_t i = 0; i < b->count; i++)
        fit = b->points[i].oversubscribed ? " " : fit;
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];

        if (k->label != NO_KEY)
            ps_grid_cell(g, i, k->label, label_text(v, b, p));
        if (k->threads != NO_KEY)
            ps_grid_cell(
                g, i, k->threads,
                ps_arena_format(v->arena, "%u%s", p->threads, p->oversubscribed ? "!" : fit));
        if (k->placement != NO_KEY)
            ps_grid_cell(g, i, k->placement, ps_text_clean(v->arena, p->placement));
    }
}

typedef void columns_fn(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g);

static void make_grid(const struct ps_view *v, const struct ps_block *b, columns_fn *columns,
                      struct ps_grid *g)
{
    struct keys k;

    ps_grid_init(g, v->arena, b->count);
    k = add_keys(b, g);
    columns(v, b, g);
    fill_keys(v, b, &k, g);
}

void ps_block_grid(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g)
{
    if (b->kind == PS_BLOCK_SERIES)
        ps_series_grid(v, b, g);
    else
        make_grid(v, b, ps_block_columns, g);
}

const char *ps_block_stack(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g)
{
    struct ps_block parallel;

    if (b->kind == PS_BLOCK_SERIES || !ps_stack_points(v, b, &parallel))
        return NULL;
    make_grid(v, &parallel, ps_stack_columns, g);
    return ps_stack_legend(v, &parallel);
}
