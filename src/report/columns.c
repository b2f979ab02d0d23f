#include <math.h>
#include <string.h>

#include "cells.h"
#include "stack.h"
#include "subject.h"
#include "view.h"

#define MOST_EXTRA 64 /* columns of events; only a forged file has more */
#define MOST_CPUS  20 /* columns of a CPU list */

/* A column: of a metric, or of what stands for one here. */
struct layout {
    const char *id;
    struct ps_look look;
};

#define CPUS "CPUs"
#define BARS "where the cores went"

static const struct layout others[] = {
    {PS_COLUMN_AGAINST_ONE, {40, "against one\nper core", PS_CELL_RATIO_PM, 0}},
    {PS_COLUMN_SERIAL, {60, "serial e", PS_CELL_PLAIN, 0, PS_COLUMN_OMITTED}},
    {PS_COLUMN_CPUS, {PS_LOOK_NONE, CPUS}},
    {PS_COLUMN_BARS, {PS_LOOK_NONE, BARS}},
};
#define OTHERS (sizeof others / sizeof *others)
static const char *const other_titles[OTHERS] = {"throughput against one per core", "serial e",
                                                 CPUS, BARS};

/* By title where there is no head of its own. */
void ps_column_heads(ps_head_fn *each, void *arg)
{
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (m->look.place != PS_LOOK_NONE)
            each(arg, m->look.head ? m->look.head : m->title);
    for (size_t i = 0; i < OTHERS; i++)
        each(arg, others[i].look.head);
}

struct choice {
    struct layout layout;
    size_t column; /* of the grid */
};

struct chooser {
    const struct ps_view *view;
    const struct ps_block *block;
    struct choice *chosen;
    size_t count;
    const char *extra[MOST_EXTRA]; /* ids without a place that were tried */
    size_t extra_count;
};

static double karp_flatt(const struct ps_view *v, const struct ps_point *p)
{
    const struct ps_model *m = ps_result_model(v->r, p);

    for (size_t i = 0; m && i < m->karp_flatt_count; i++)
        if (m->karp_flatt[i].threads == p->threads)
            return m->karp_flatt[i].value;
    return NAN;
}

static const struct ps_metric *metric_of(const struct ps_point *p, const char *id)
{
    const struct ps_metric *smt;

    if (strcmp(id, PS_COLUMN_AGAINST_ONE))
        return ps_point_metric(p, id);
    smt = ps_point_metric(p, "smt_effect");
    return smt ? smt : ps_point_metric(p, "packed_effect");
}

static double value_of(const struct ps_view *v, const struct ps_point *p, const char *id)
{
    const struct ps_metric *m;

    if (!strcmp(id, PS_COLUMN_SERIAL))
        return karp_flatt(v, p);
    m = metric_of(p, id);
    return m ? m->value : NAN;
}

/* True where the column would say something. */
static bool says(const struct chooser *c, const struct layout *layout)
{
    for (size_t i = 0; i < c->block->count; i++) {
        const struct ps_point *p = &c->block->points[i];
        double value = value_of(c->view, p, layout->id);

        if (isfinite(value) && !(layout->look.zero == PS_COLUMN_HIDE_ZERO && value == 0) &&
            !(layout->look.on_baseline != PS_COLUMN_AS_ANY && p->baseline))
            return true;
    }
    return false;
}

/* Of items per cycle and its reciprocal, the one that is above 1 stands in the grid; where there
 * are several workloads, the one that does not depend on the number of cores. */
static bool other_way_round(const struct chooser *c, const char *id)
{
    bool items = !strcmp(id, "items_per_cycle"), cycles = !strcmp(id, "cycles_per_item");

    if (c->block->kind == PS_BLOCK_SMT)
        return items;
    for (size_t i = 0; (items || cycles) && i < c->block->count; i++) {
        double rate = ps_point_value(&c->block->points[i], "items_per_cycle");
        double cost = ps_point_value(&c->block->points[i], "cycles_per_item");

        if (isfinite(rate) && isfinite(cost))
            return items ? rate < 1 : rate >= 1;
    }
    return false;
}

/* Runs per second say no more than the time of one, unless several are made at once. */
static bool follows_from_time(const struct chooser *c, const char *id)
{
    enum ps_block_kind kind = c->block->kind;

    if (strcmp(id, "throughput") || (kind != PS_BLOCK_PROGRAM && kind != PS_BLOCK_COMMANDS))
        return false;
    for (size_t i = 0; i < c->block->count; i++)
        if (c->block->points[i].items > 1)
            return false;
    return true;
}

/* Columns about strategies are parted by topic; others follow each other as the width allows. */
static size_t first_block(const struct ps_block *b, size_t block)
{
    return b->kind == PS_BLOCK_STRATEGIES ? block : 0;
}

/* Of a program the number of CPUs that it used is told, and its CPU time where user and system are
 * not. */
static bool told_otherwise(const struct chooser *c, const char *id)
{
    const struct layout user = {.id = "user_time"}, used = {.id = "cpus_used"};
    const bool program = ps_point_is_program(&c->block->points[0]);

    if (!strcmp(id, "cpu_time"))
        return !program || says(c, &user);
    return program && !strcmp(id, "utilization") && says(c, &used);
}

static void take(struct chooser *c, const struct layout *layout)
{
    c->chosen = ps_arena_grow(c->view->arena, c->chosen, c->count, sizeof *c->chosen);
    c->chosen[c->count++] = (struct choice){.layout = *layout};
}

static void choose(struct chooser *c, const struct layout *layout)
{
    struct layout chosen = *layout;

    if (!layout->look.head || told_otherwise(c, layout->id) || !says(c, layout) ||
        other_way_round(c, layout->id) || follows_from_time(c, layout->id))
        return;
    chosen.look.block = c->view->only ? 0 : first_block(c->block, layout->look.block);
    take(c, &chosen);
}

/* Events and the workloads' own values have none. */
static bool has_place(const char *id)
{
    const struct ps_metric_info *info = ps_metric_find(id);

    return info && info->look.place != PS_LOOK_BY_TITLE;
}

static bool seen(const struct chooser *c, const char *id)
{
    for (size_t i = 0; i < c->extra_count; i++)
        if (!strcmp(c->extra[i], id))
            return true;
    return false;
}

static const char *title_of(const struct ps_view *v, const char *id)
{
    const struct ps_metric_info *info = ps_metric_find(id);

    for (size_t i = 0; i < OTHERS; i++)
        if (!strcmp(others[i].id, id))
            return other_titles[i];
    return ps_text_clean(v->arena, info ? info->title : id);
}

/* What the workload itself measures stands apart from what is measured of every workload. */
static void choose_extra(struct chooser *c, const struct ps_metric *m)
{
    bool event = !m->help && !ps_metric_find(m->id);
    struct layout layout = {
        .id = m->id,
        .look = {.head = ps_grid_fold(c->view->arena, title_of(c->view, m->id)),
                 .style = event && !strcmp(m->unit, "1") ? PS_CELL_COUNT : PS_CELL_PLAIN,
                 .block = m->help ? 2 : 1},
    };

    c->extra[c->extra_count++] = m->id;
    if (event || ps_view_shows(c->view, m->id)) /* events were asked for */
        choose(c, &layout);
}

/* The next column by place after one; false where there is none. */
static bool next_placed(unsigned after, struct layout *next)
{
    unsigned best = PS_LOOK_NONE;

    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (m->look.place > after && m->look.place < best) {
            best = m->look.place;
            *next = (struct layout){m->id, m->look};
        }
    for (size_t i = 0; i < OTHERS; i++)
        if (others[i].look.place > after && others[i].look.place < best) {
            best = others[i].look.place;
            *next = others[i];
        }
    return best != PS_LOOK_NONE;
}

static void choose_placed(struct chooser *c)
{
    struct layout layout = {.look = {.place = PS_LOOK_BY_TITLE}};

    while (next_placed(layout.look.place, &layout))
        if (ps_view_shows(c->view, layout.id))
            choose(c, &layout);
}

/* Metrics that have no place of their own: events, the workloads' own, and those that came later.
 * The efficiency stack has a grid of its own. */
static void choose_extras(struct chooser *c)
{
    for (size_t i = 0; i < c->block->count; i++) {
        const struct ps_point *p = &c->block->points[i];

        for (size_t k = 0; k < p->metric_count && c->extra_count < MOST_EXTRA; k++)
            if (!has_place(p->metrics[k].id) && !seen(c, p->metrics[k].id) &&
                ps_stack_find(p->metrics[k].id) == PS_STACK_TERMS)
                choose_extra(c, &p->metrics[k]);
    }
}

static size_t distinct_cpus(const struct ps_point *p)
{
    size_t count = 0;

    for (unsigned i = 0; i < p->threads; i++) {
        unsigned k = 0;

        while (k < i && p->cpus[k] != p->cpus[i])
            k++;
        count += k == i;
    }
    return count;
}

static const char *metric_cell(struct ps_arena *a, const struct ps_point *p,
                               const struct layout *layout)
{
    const struct ps_metric *m = metric_of(p, layout->id);

    if (!m || (p->baseline && layout->look.on_baseline == PS_COLUMN_OMITTED))
        return NULL;
    if (p->baseline && layout->look.on_baseline == PS_COLUMN_BARE)
        return ps_cell_ratio(a, m->value);
    if (!strcmp(m->id, "cpus_used") && isfinite(m->value) && !ps_point_is_free(p))
        return ps_arena_format(a, "%s of %zu", ps_cell_metric(a, m, layout->look.style),
                               distinct_cpus(p));
    return ps_cell_metric(a, m, layout->look.style);
}

static const char *cpus_cell(struct ps_arena *a, const struct ps_point *p)
{
    const char *list = p->cpus ? ps_text_cpus(a, p->cpus, p->threads) : "-";

    return ps_text_shorten(a, list, MOST_CPUS);
}

static const char *serial_cell(const struct ps_view *v, const struct ps_point *p)
{
    double e = karp_flatt(v, p);

    return isfinite(e) ? ps_cell_ratio(v->arena, e) : NULL;
}

static const char *cell(const struct ps_view *v, const struct ps_point *p,
                        const struct layout *layout)
{
    if (!strcmp(layout->id, PS_COLUMN_SERIAL))
        return serial_cell(v, p);
    if (!strcmp(layout->id, PS_COLUMN_CPUS))
        return cpus_cell(v->arena, p);
    if (!strcmp(layout->id, PS_COLUMN_BARS))
        return ps_stack_bar(v, p);
    return metric_cell(v->arena, p, layout);
}

static bool is_text(const char *id)
{
    return !strcmp(id, PS_COLUMN_CPUS) || !strcmp(id, PS_COLUMN_BARS);
}

static void fill(struct chooser *c, struct ps_grid *g, const struct choice *chosen)
{
    g->columns[chosen->column].left = is_text(chosen->layout.id);
    g->columns[chosen->column].label = !strcmp(chosen->layout.id, PS_COLUMN_BARS);
    for (size_t row = 0; row < c->block->count; row++) {
        const char *text = cell(c->view, &c->block->points[row], &chosen->layout);

        if (text)
            ps_grid_cell(g, row, chosen->column, text);
    }
}

/* Where programs are left to the scheduler, the block's heading says so. */
static bool lists_cpus(const struct ps_block *b)
{
    return !b->same_cpus && (b->kind == PS_BLOCK_STRATEGIES || b->pinned);
}

/* Columns of the chosen metrics that belong to the first block, or to later ones. */
static void add_columns(struct chooser *c, struct ps_grid *g, bool later)
{
    for (size_t i = 0; i < c->count; i++) {
        struct choice *chosen = &c->chosen[i];
        const struct layout *layout = &chosen->layout;

        if ((layout->look.block > 0) == later)
            chosen->column = ps_grid_column(g, layout->look.head, title_of(c->view, layout->id),
                                            layout->look.block);
    }
}

/* Of an id that was asked for. */
static struct layout layout_of(const struct chooser *c, const char *id)
{
    const struct ps_metric_info *info = ps_metric_find(id);
    struct layout layout = {.id = id};

    for (size_t i = 0; i < OTHERS; i++)
        if (!strcmp(others[i].id, id))
            layout = others[i];
    if (info)
        layout.look = info->look;
    if (!layout.look.head)
        layout.look.head = ps_grid_fold(c->view->arena, title_of(c->view, id));
    layout.look.block = 0;
    return layout;
}

static void choose_asked(struct chooser *c)
{
    for (size_t i = 0; c->view->only[i]; i++) {
        struct layout layout = layout_of(c, c->view->only[i]);

        take(c, &layout);
    }
}

static void take_other(struct chooser *c, const char *id, size_t block)
{
    struct layout layout = layout_of(c, id);

    layout.look.block = block;
    take(c, &layout);
}

/* The CPUs begin the blocks behind the first, or stand last where there is but one. */
static void choose_usual(struct chooser *c)
{
    bool cpus = !c->view->only && lists_cpus(c->block), later = first_block(c->block, 1) > 0;

    if (cpus && later)
        take_other(c, PS_COLUMN_CPUS, 1);
    choose_placed(c);
    choose_extras(c);
    if (cpus && !later)
        take_other(c, PS_COLUMN_CPUS, 0);
    if (c->view->only)
        take_other(c, PS_COLUMN_BARS, 0);
}

void ps_block_columns(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g)
{
    struct chooser c = {.view = v, .block = b};

    if (v->asked)
        choose_asked(&c);
    else
        choose_usual(&c);
    add_columns(&c, g, false);
    add_columns(&c, g, true);
    ps_grid_start(g);
    for (size_t i = 0; i < c.count; i++)
        fill(&c, g, &c.chosen[i]);
}
