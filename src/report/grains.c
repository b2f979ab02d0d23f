#include <math.h>
#include <string.h>

#include "cells.h"
#include "units.h"
#include "view.h"

enum { CROSSOVER, CROSSOVER_IDLE, METG, COLUMNS };

static const struct {
    const char *head, *title;
} titles[COLUMNS] = {
    {"crossover", "crossover"},
    {"after 1 ms idle", "crossover after 1 ms of idleness"},
    {"METG(50 %)", "METG(50 %)"},
};

void ps_crossover_heads(ps_head_fn *each, void *arg)
{
    for (size_t i = 0; i < COLUMNS; i++)
        each(arg, titles[i].head);
}

/* What tells the rows of a group apart, and what is told of them. */
struct group {
    const struct ps_view *v;
    const struct ps_grain *grains;
    size_t count;
    bool workloads, threads, placements; /* several */
    bool programs;                       /* rows tell who is faster than whom */
    bool beyond, open;                   /* marks are used */
    struct ps_lines lines;
};

static const struct ps_result_threshold *from_of(const struct ps_grain *g, size_t column)
{
    const struct ps_result_threshold *const all[COLUMNS] = {
        [CROSSOVER] = &g->crossover,
        [CROSSOVER_IDLE] = &g->crossover_idle,
        [METG] = &g->metg,
    };

    return all[column];
}

static bool is(const struct ps_result_threshold *f, const char *status)
{
    return f->status && !strcmp(f->status, status);
}

static bool is_known(const struct ps_result_threshold *f)
{
    return is(f, PS_RESULT_THRESHOLD_OK) || is(f, PS_RESULT_THRESHOLD_BELOW) ||
           is(f, PS_RESULT_THRESHOLD_ABOVE) || is(f, PS_RESULT_THRESHOLD_OPEN);
}

static const char *amount(struct ps_arena *a, const char *unit, double value)
{
    char text[64];

    if (!isfinite(value))
        return "-";
    if (!strcmp(unit, "s"))
        return ps_cell_time(a, value);
    if (!strcmp(unit, "1"))
        return ps_cell_ratio(a, value);
    return ps_arena_copy(a, ps_format_si(text, sizeof text, value));
}

/* A value that was asked for. */
static const char *measured(struct ps_arena *a, const char *unit, double value)
{
    char text[64];

    if (strcmp(unit, "count") || !(value >= 0 && value < 0x1p53))
        return amount(a, unit, value);
    return ps_arena_copy(a, ps_format_count(text, sizeof text, (uint64_t)value));
}

static const char *unit_of(const struct ps_grain *g, size_t column)
{
    return column == METG ? "s" : g->unit;
}

/* An end of an interval that maybe lies beyond all that was measured; of the grain, that is in no
 * file. */
static const char *beyond(struct group *x, const struct ps_grain *g, size_t column, bool above)
{
    const char *mark = above ? ">" : "≤";

    x->beyond = true;
    if (column == METG)
        return ps_arena_format(x->v->arena, "%s…", mark);
    return ps_arena_format(x->v->arena, "%s%s", mark,
                           measured(x->v->arena, g->unit, above ? g->largest : g->smallest));
}

static const char *interval(struct group *x, const struct ps_grain *g, size_t column)
{
    const struct ps_result_threshold *f = from_of(g, column);
    struct ps_arena *a = x->v->arena;
    const char *unit = unit_of(g, column), *low, *high;

    if (isnan(f->low))
        return "";
    low = f->low > 0 ? amount(a, unit, f->low) : beyond(x, g, column, false);
    high = isfinite(f->high) ? amount(a, unit, f->high) : beyond(x, g, column, true);
    return ps_arena_format(a, " [%s, %s]", low, high);
}

/* "≤10": it pays at all values. */
static const char *below(struct group *x, const struct ps_grain *g, size_t column)
{
    const struct ps_result_threshold *f = from_of(g, column);

    if (!isfinite(f->high) || (column != METG && f->high <= g->smallest))
        return beyond(x, g, column, false);
    x->beyond = true;
    return ps_arena_format(x->v->arena, "≤%s", amount(x->v->arena, unit_of(g, column), f->high));
}

static const char *above(struct group *x, const struct ps_grain *g, size_t column)
{
    const struct ps_result_threshold *f = from_of(g, column);

    if (column == METG)
        return "none";
    if (!isfinite(f->low) || f->low >= g->largest)
        return beyond(x, g, column, true);
    x->beyond = true;
    return ps_arena_format(x->v->arena, ">%s", amount(x->v->arena, g->unit, f->low));
}

static const char *cell(struct group *x, const struct ps_grain *g, size_t column)
{
    const struct ps_result_threshold *f = from_of(g, column);

    if (is(f, PS_RESULT_THRESHOLD_BELOW))
        return below(x, g, column);
    if (is(f, PS_RESULT_THRESHOLD_ABOVE))
        return above(x, g, column);
    x->open |= is(f, PS_RESULT_THRESHOLD_OPEN);
    if (is(f, PS_RESULT_THRESHOLD_OPEN))
        return "?";
    if (!is(f, PS_RESULT_THRESHOLD_OK) || !isfinite(f->value))
        return "-";
    return ps_arena_format(x->v->arena, "%s%s", amount(x->v->arena, unit_of(g, column), f->value),
                           interval(x, g, column));
}

static bool column_used(const struct group *x, size_t column)
{
    if (x->programs && column != CROSSOVER)
        return false;
    for (size_t i = 0; i < x->count; i++)
        if (is_known(from_of(&x->grains[i], column)))
            return true;
    return false;
}

static size_t add_key(struct ps_grid *g, const char *head, bool left, bool label)
{
    size_t column = ps_grid_key(g, head, left);

    g->columns[column].label = label;
    return column;
}

/* Keys: the workload where there are several, the strategy, the threads and the placement likewise.
 */
static void fill_keys(struct group *x, struct ps_grid *g, const size_t *keys)
{
    struct ps_arena *a = x->v->arena;

    for (size_t row = 0; row < x->count; row++) {
        const struct ps_grain *m = &x->grains[row];

        if (x->workloads)
            ps_grid_cell(g, row, keys[0], ps_text_clean(a, m->workload_label));
        ps_grid_cell(g, row, keys[1], ps_text_clean(a, m->strategy_label));
        if (x->programs)
            ps_grid_cell(g, row, keys[2], ps_text_clean(a, m->against ? m->against : "-"));
        else if (x->threads)
            ps_grid_cell(g, row, keys[2], ps_arena_format(a, "%u", m->threads));
        if (x->placements)
            ps_grid_cell(g, row, keys[3], ps_text_clean(a, m->placement));
    }
}

static void fill(struct group *x, struct ps_grid *g)
{
    size_t keys[4] = {0}, columns[COLUMNS];

    ps_grid_init(g, x->v->arena, x->count);
    g->grouped = x->workloads;
    if (x->workloads)
        keys[0] = add_key(g, "workload", true, true);
    keys[1] = add_key(g, x->programs ? "ahead" : "strategy", true, true);
    if (x->programs)
        keys[2] = add_key(g, "of", true, true);
    else if (x->threads)
        keys[2] = add_key(g, "threads", false, false);
    if (x->placements)
        keys[3] = add_key(g, "placement", true, false);
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = ps_grid_column(g, titles[i].head, titles[i].title, 0);
    ps_grid_start(g);
    fill_keys(x, g, keys);
    for (size_t i = 0; i < COLUMNS; i++)
        for (size_t row = 0; column_used(x, i) && row < x->count; row++)
            ps_grid_cell(g, row, columns[i], cell(x, &x->grains[row], i));
}

static bool told_before(const struct group *x, size_t row, size_t column)
{
    for (size_t i = 0; i < row; i++)
        if (is(from_of(&x->grains[i], column), from_of(&x->grains[row], column)->status))
            return true;
    return false;
}

/* Each reason once. */
static void add_reasons(struct group *x)
{
    for (size_t column = 0; column < (x->programs ? CROSSOVER + 1 : COLUMNS); column++)
        for (size_t row = 0; row < x->count; row++) {
            const struct ps_result_threshold *f = from_of(&x->grains[row], column);

            if (f->status && !is_known(f) && !told_before(x, row, column))
                ps_lines_add(&x->lines, ps_arena_format(x->v->arena, "No %s: %s",
                                                        titles[column].title, f->status));
        }
}

static void add_marks(struct group *x)
{
    if (x->beyond)
        ps_lines_add(&x->lines, "≤, >: may lie outside the measured range");
    if (x->open)
        ps_lines_add(&x->lines, "?: the interval is wider than the measured range");
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

static struct group group_at(const struct ps_view *v, size_t first)
{
    struct group x = {.v = v, .grains = &v->r->grains[first], .lines = {.arena = v->arena}};

    for (size_t i = first; i < v->r->grain_count; i++, x.count++) {
        const struct ps_grain *g = &v->r->grains[i];

        if (!same(g->workload, x.grains->workload) || !same(g->parameter, x.grains->parameter))
            break;
        x.programs |= g->against != NULL;
        x.workloads |= !same(g->workload_label, x.grains->workload_label);
        x.threads |= g->threads != x.grains->threads;
        x.placements |= !same(g->placement, x.grains->placement);
    }
    return x;
}

static const char *about(const struct group *x)
{
    const struct ps_grain *g = x->grains;
    struct ps_arena *a = x->v->arena;
    const char *threads =
        x->threads ? ""
                   : ps_arena_format(a, ", %u thread%s", g->threads, g->threads == 1 ? "" : "s");

    if (x->programs)
        return ps_arena_format(
            a, "Crossovers: the %s from which on one stays faster than another, between %s and %s",
            g->parameter, measured(a, g->unit, g->smallest), measured(a, g->unit, g->largest));
    return ps_arena_format(
        a, "Crossover on %s: the %s from which on parallel stays faster, between %s and %s%s",
        x->workloads ? g->workload : g->workload_label, g->parameter,
        measured(a, g->unit, g->smallest), measured(a, g->unit, g->largest), threads);
}

size_t ps_view_crossovers(const struct ps_view *v, size_t first, struct ps_crossovers *c)
{
    struct group x = group_at(v, first);

    fill(&x, &c->grid);
    add_marks(&x);
    add_reasons(&x);
    c->title = ps_text_clean(v->arena, about(&x));
    c->lines = x.lines;
    return first + x.count;
}
