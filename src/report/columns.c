#include <math.h>
#include <string.h>

#include "cells.h"
#include "stack.h"
#include "view.h"

#define MOST_EXTRA 64 /* columns of events; only a forged file has more */
#define MOST_CPUS  20 /* columns of a CPU list */

enum on_baseline {
    AS_ANY, /* like any other point */
    BARE,   /* without its interval, and no reason to show the column */
    OMITTED,
};

/* How a metric layouts in a grid. One without a row here gets a column under its title. */
struct layout {
    const char *id;
    const char *head; /* NULL: no column */
    enum ps_cell_style style;
    size_t block;
    enum on_baseline baseline;
    bool hide_zero; /* no column where all are 0 */
};

/* Not metrics: the Karp-Flatt value of the point's model, and whichever of the SMT effect and the
 * packing effect the point has. */
#define SERIAL      "serial e"
#define AGAINST_ONE "throughput against one per core"

static const struct layout layouts[] = {
    {"wall_time", "time", PS_CELL_TIME_PM, 0},
    {"speedup", "speedup", PS_CELL_RATIO_PM, 0, BARE},
    {"efficiency", "eff.", PS_CELL_PERCENT, 0, OMITTED},
    {AGAINST_ONE, "against one\nper core", PS_CELL_RATIO_PM, 0},
    {"throughput", "throughput", PS_CELL_RATE, 0},
    {SERIAL, SERIAL, PS_CELL_PLAIN, 0, OMITTED},
    {"user_time", "user", PS_CELL_PLAIN, 0},
    {"system_time", "system", PS_CELL_PLAIN, 0},
    {"max_rss", "max.\nmemory", PS_CELL_PLAIN, 0},
    {"wall_time_idle", "after 1 ms\nidle: time", PS_CELL_TIME_PM, 1},
    {"speedup_idle", "after 1 ms\nidle: speedup", PS_CELL_RATIO_PM, 1, BARE},
    {"items_per_cycle", "items/\ncycle", PS_CELL_PLAIN, 1},
    {"cycles_per_item", "cycles/\nitem", PS_CELL_PLAIN, 1},
    {"core_ipc", "IPC of\na core", PS_CELL_PLAIN, 1},
    {"fairness", "sibling\nfairness", PS_CELL_PLAIN, 1},
    {"ipc", "IPC", PS_CELL_PLAIN, 1},
    {"frequency", "clock", PS_CELL_PLAIN, 1},
    {"cycle_speedup", "per-cycle\nspeedup", PS_CELL_PLAIN, 1, BARE},
    {"utilization", "CPU\nuse", PS_CELL_PERCENT, 1},
    {"load_balance", "load\nbalance", PS_CELL_PERCENT, 1, OMITTED},
    {"context_switches", "context\nswitches", PS_CELL_PLAIN, 1, AS_ANY, true},
    {"migrations", "migra-\ntions", PS_CELL_PLAIN, 1, AS_ANY, true},
    {"page_faults", "page\nfaults", PS_CELL_PLAIN, 1, AS_ANY, true},
    {"cpu_time"},
    {"cycles"},
    {"instructions"},
    {"voluntary_switches"},
    {"involuntary_switches"},
    {"busy_time"},
    {"spin_time"},
    {"serial_time"},
    {"region_time"},
    {"smt_effect"},
    {"packed_effect"},
    {"threads_seen"},
    {"neighbour_index"},
    {"counting_overhead"},
};
#define LAYOUTS (sizeof(layouts) / sizeof *layouts)

struct choice {
    struct layout layout;
    size_t column; /* of the grid */
};

struct chooser {
    const struct ps_view *view;
    const struct ps_block *block;
    struct choice *chosen;
    size_t count;
    const char *extra[MOST_EXTRA]; /* ids without a layout that were tried */
    size_t extra_count;
};

static const struct ps_model *model_of(const struct ps_view *v, const struct ps_point *p)
{
    for (size_t i = 0; i < v->r->model_count; i++) {
        const struct ps_model *m = &v->r->models[i];

        if (!strcmp(m->workload_label, p->workload_label) &&
            !strcmp(m->strategy_label, p->strategy_label) && !strcmp(m->placement, p->placement))
            return m;
    }
    return NULL;
}

static double karp_flatt(const struct ps_view *v, const struct ps_point *p)
{
    const struct ps_model *m = model_of(v, p);

    for (size_t i = 0; m && i < m->karp_flatt_count; i++)
        if (m->karp_flatt[i].threads == p->threads)
            return m->karp_flatt[i].value;
    return NAN;
}

static const struct ps_metric *metric_of(const struct ps_point *p, const char *id)
{
    const struct ps_metric *smt;

    if (strcmp(id, AGAINST_ONE))
        return ps_point_metric(p, id);
    smt = ps_point_metric(p, "smt_effect");
    return smt ? smt : ps_point_metric(p, "packed_effect");
}

static double value_of(const struct ps_view *v, const struct ps_point *p, const char *id)
{
    const struct ps_metric *m;

    if (!strcmp(id, SERIAL))
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

        if (isfinite(value) && !(layout->hide_zero && value == 0) &&
            !(layout->baseline != AS_ANY && p->baseline))
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

static void choose(struct chooser *c, const struct layout *layout)
{
    struct layout chosen = *layout;

    if (!layout->head || !says(c, layout) || other_way_round(c, layout->id) ||
        follows_from_time(c, layout->id))
        return;
    chosen.block = first_block(c->block, layout->block);
    c->chosen = ps_arena_grow(c->view->arena, c->chosen, c->count, sizeof *c->chosen);
    c->chosen[c->count++] = (struct choice){.layout = chosen};
}

static bool has_layout(const char *id)
{
    for (size_t i = 0; i < LAYOUTS; i++)
        if (!strcmp(layouts[i].id, id))
            return true;
    return false;
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

    return ps_text_clean(v->arena, info ? info->title : id);
}

/* What the workload itself measures stands apart from what is measured of every workload. */
static void choose_extra(struct chooser *c, const struct ps_metric *m)
{
    bool event = !m->help && !ps_metric_find(m->id);
    struct layout layout = {
        .id = m->id,
        .head = ps_grid_fold(c->view->arena, title_of(c->view, m->id)),
        .style = event ? PS_CELL_COUNT : PS_CELL_PLAIN,
        .block = m->help ? 2 : 1,
    };

    c->extra[c->extra_count++] = m->id;
    choose(c, &layout);
}

/* Metrics that have no layout of their own: events, the workloads' own, and those that came later.
 * The efficiency stack has a grid of its own. */
static void choose_extras(struct chooser *c)
{
    for (size_t i = 0; i < c->block->count; i++) {
        const struct ps_point *p = &c->block->points[i];

        for (size_t k = 0; k < p->metric_count && c->extra_count < MOST_EXTRA; k++)
            if (!has_layout(p->metrics[k].id) && !seen(c, p->metrics[k].id) &&
                ps_stack_find(p->metrics[k].id) == PS_STACK_TERMS)
                choose_extra(c, &p->metrics[k]);
    }
}

static const char *metric_cell(struct ps_arena *a, const struct ps_point *p,
                               const struct layout *layout)
{
    const struct ps_metric *m = metric_of(p, layout->id);

    if (!m || (p->baseline && layout->baseline == OMITTED))
        return NULL;
    if (p->baseline && layout->baseline == BARE)
        return ps_cell_ratio(a, m->value);
    return ps_cell_metric(a, m, layout->style);
}

static const char *cell(const struct ps_view *v, const struct ps_point *p,
                        const struct layout *layout)
{
    double e;

    if (strcmp(layout->id, SERIAL))
        return metric_cell(v->arena, p, layout);
    e = karp_flatt(v, p);
    return isfinite(e) ? ps_cell_ratio(v->arena, e) : NULL;
}

static void fill(struct chooser *c, struct ps_grid *g, const struct choice *chosen)
{
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

static void fill_cpus(struct chooser *c, struct ps_grid *g, size_t column)
{
    g->columns[column].left = true;
    for (size_t row = 0; row < c->block->count; row++) {
        const struct ps_point *p = &c->block->points[row];
        const char *list = p->cpus ? ps_text_cpus(c->view->arena, p->cpus, p->threads) : "-";

        ps_grid_cell(g, row, column, ps_text_shorten(c->view->arena, list, MOST_CPUS));
    }
}

/* Columns of the chosen metrics that belong to the first block, or to later ones. */
static void add_columns(struct chooser *c, struct ps_grid *g, bool later)
{
    for (size_t i = 0; i < c->count; i++) {
        struct choice *chosen = &c->chosen[i];
        const struct layout *layout = &chosen->layout;

        if ((layout->block > 0) == later)
            chosen->column =
                ps_grid_column(g, layout->head, title_of(c->view, layout->id), layout->block);
    }
}

void ps_block_columns(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g)
{
    struct chooser c = {.view = v, .block = b};
    bool cpus = lists_cpus(b);
    size_t column = 0;

    for (size_t i = 0; i < LAYOUTS; i++)
        choose(&c, &layouts[i]);
    choose_extras(&c);
    add_columns(&c, g, false);
    if (cpus)
        column = ps_grid_column(g, "CPUs", "CPUs", first_block(b, 1));
    add_columns(&c, g, true);
    ps_grid_start(g);
    for (size_t i = 0; i < c.count; i++)
        fill(&c, g, &c.chosen[i]);
    if (cpus)
        fill_cpus(&c, g, column);
}
