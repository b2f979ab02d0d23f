#include "value_series.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "cells.h"
#include "stats.h"

#define LEAST_VALUES 3 /* fewer are shown in full */

static bool same_label(const struct ps_point *a, const struct ps_point *b)
{
    return !strcmp(a->workload_label, b->workload_label);
}

static bool same_values(const struct ps_point *a, const struct ps_point *b)
{
    for (size_t i = 0; i < a->parameter_count; i++)
        if (strcmp(a->parameters[i].value, b->parameters[i].value))
            return false;
    return true;
}

/* Whether b is another way of the values that a begins: of a built-in workload by its label; of
 * programs whatever has no reference of its own. */
static bool same_group(const struct ps_point *a, const struct ps_point *b)
{
    if (!a->pattern)
        return same_label(a, b);
    return b->pattern && !b->baseline && a->parameter_count == b->parameter_count &&
           same_values(a, b);
}

/* The points of one label. */
static size_t label_count(const struct ps_result *r, size_t first)
{
    size_t count = 1;

    while (first + count < r->point_count &&
           same_group(&r->points[first], &r->points[first + count]))
        count++;
    return count;
}

size_t ps_series_ways(const struct ps_result *r, size_t first)
{
    return label_count(r, first);
}

static bool same_ways(const struct ps_point *a, const struct ps_point *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(a[i].strategy_label, b[i].strategy_label) || a[i].threads != b[i].threads ||
            strcmp(a[i].placement, b[i].placement) || !ps_text_same(a[i].pattern, b[i].pattern) ||
            a[i].baseline != b[i].baseline || a[i].baseline != (i == 0))
            return false;
    return true;
}

static bool is_number(const char *text)
{
    return isdigit((unsigned char)*text) || *text == '-' || *text == '.';
}

/* The only parameter in which they differ, and by numbers; NULL: there is none. The duration may
 * follow from the other. */
static const char *difference(const struct ps_point *a, const struct ps_point *b)
{
    const char *name = NULL;

    if (strcmp(a->workload, b->workload) || !ps_text_same(a->pattern, b->pattern) ||
        a->parameter_count != b->parameter_count)
        return NULL;
    for (size_t i = 0; i < a->parameter_count; i++) {
        const struct ps_text_pair *x = &a->parameters[i], *y = &b->parameters[i];

        if (strcmp(x->name, y->name))
            return NULL;
        if (!strcmp(x->value, y->value) || !strcmp(x->name, "duration"))
            continue;
        if (name || !is_number(x->value) || !is_number(y->value))
            return NULL;
        name = x->name;
    }
    return name;
}

size_t ps_series_count(const struct ps_result *r, size_t first, const char **parameter)
{
    const struct ps_point *points = &r->points[first];
    size_t ways = label_count(r, first), count = ways;

    *parameter = NULL;
    if (ways < 2 || (ps_point_is_program(points) && !points->pattern))
        return 0;
    while (first + count < r->point_count && label_count(r, first + count) == ways &&
           same_ways(points, points + count, ways)) {
        const char *name = difference(points, points + count);

        if (!name || (*parameter && strcmp(*parameter, name)))
            break;
        *parameter = name;
        count += ways;
    }
    return count >= LEAST_VALUES * ways ? count : 0;
}

const char *ps_series_value(const struct ps_point *p, const char *parameter)
{
    for (size_t i = 0; i < p->parameter_count; i++)
        if (!strcmp(p->parameters[i].name, parameter))
            return p->parameters[i].value;
    return "";
}

const char *ps_series_title(const struct ps_view *v, const struct ps_block *b)
{
    const struct ps_point *first = b->points, *last = &b->points[b->count - 1];
    const char *low = ps_series_value(first, b->parameter),
               *high = ps_series_value(last, b->parameter);
    const char *key = ps_arena_format(v->arena, ":%s=", b->parameter), *label, *at, *end;

    if (first->pattern)
        return ps_text_clean(v->arena,
                             ps_arena_format(v->arena, "%s, %s=%s…%s",
                                             b->same_pattern ? first->pattern : "Programs",
                                             b->parameter, low, high));
    label = first->workload_label;
    at = strstr(label, key);
    if (!at)
        return ps_text_clean(v->arena,
                             ps_arena_format(v->arena, "%s%s%s…%s", label, key, low, high));
    at += strlen(key);
    end = at + strcspn(at, ":");
    return ps_text_clean(v->arena, ps_arena_format(v->arena, "%.*s%s…%s%s", (int)(at - label),
                                                   label, low, high, end));
}

/* What tells a way from the others, beside its strategy; "" where that is all. */
static const char *way_details(const struct ps_view *v, const struct ps_block *b,
                               const struct ps_point *p)
{
    const char *threads = "", *placement = "";

    if (!b->same_threads)
        threads = ps_arena_format(v->arena, "%u thread%s%s", p->threads, p->threads == 1 ? "" : "s",
                                  p->oversubscribed ? "!" : "");
    if (!b->same_placement)
        placement = ps_text_clean(v->arena, p->placement);
    return ps_arena_format(v->arena, "%s%s%s", threads, *threads && *placement ? " " : "",
                           placement);
}

/* Of programs their commands, where those differ. */
static const char *way_name(const struct ps_block *b, const struct ps_point *p)
{
    if (p->pattern && !b->same_pattern)
        return p->pattern;
    return p->pattern && !ps_point_is_outside(p) ? "as it is" : p->strategy_label;
}

static void add_way(const struct ps_view *v, const struct ps_block *b, const struct ps_point *p,
                    struct ps_grid *g)
{
    const char *strategy = ps_text_clean(v->arena, way_name(b, p));
    const char *details = p->baseline ? "time" : way_details(v, b, p);

    if (*details)
        ps_grid_column(g, ps_arena_format(v->arena, "%s\n%s", strategy, details),
                       ps_arena_format(v->arena, "%s, %s", strategy, details), 0);
    else
        ps_grid_column(g, ps_grid_fold(v->arena, strategy), strategy, 0);
}

/* The reference has exactly 1. */
static struct ps_interval speedup_of(const struct ps_point *p)
{
    const struct ps_metric *m = ps_point_metric(p, "speedup");

    if (p->baseline)
        return (struct ps_interval){1, 1, 1};
    if (!m || isnan(m->value))
        return (struct ps_interval){NAN, NAN, NAN};
    return isnan(m->low) ? (struct ps_interval){m->value, m->value, m->value}
                         : (struct ps_interval){m->value, m->low, m->high};
}

/* The lower end of the best one. */
static double best_low(const struct ps_point *row, size_t ways)
{
    struct ps_interval best = speedup_of(row);

    for (size_t i = 1; i < ways; i++) {
        struct ps_interval x = speedup_of(&row[i]);

        if (x.value > best.value)
            best = x;
    }
    return best.low;
}

static void fill_row(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g,
                     size_t row)
{
    const struct ps_point *points = &b->points[row * b->ways];
    double best = best_low(points, b->ways);

    ps_grid_cell(g, row, 0, ps_text_clean(v->arena, ps_series_value(points, b->parameter)));
    for (size_t i = 0; i < b->ways; i++) {
        const struct ps_metric *m = ps_point_metric(&points[i], i ? "speedup" : "wall_time");
        const char *mark = speedup_of(&points[i]).high >= best ? "*" : "";

        if (m)
            ps_grid_cell(g, row, i + 1,
                         ps_arena_format(
                             v->arena, "%s%s", mark,
                             ps_cell_metric(v->arena, m, i ? PS_CELL_RATIO_PM : PS_CELL_TIME_PM)));
    }
}

void ps_series_grid(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g)
{
    size_t rows = b->count / b->ways;

    ps_grid_init(g, v->arena, rows);
    ps_grid_key(g, ps_text_clean(v->arena, b->parameter), false);
    for (size_t i = 0; i < b->ways; i++)
        add_way(v, b, &b->points[i], g);
    ps_grid_start(g);
    for (size_t row = 0; row < rows; row++)
        fill_row(v, b, g, row);
}
