/* The answer where a program was run as it is and under strategies from outside. */
#include <math.h>

#include "answer.h"
#include "cells.h"

#define MOST_TOLD 3 /* slower ones */

static const struct ps_metric *speedup_of(const struct ps_point *p)
{
    const struct ps_metric *m = p->baseline ? NULL : ps_point_metric(p, "speedup");

    return m && isfinite(m->value) ? m : NULL;
}

static bool is_copies(const struct ps_point *p)
{
    for (size_t i = 0; i < p->option_count; i++)
        if (ps_text_same(p->options[i].name, "copies"))
            return true;
    return false;
}

/* Of those that do the same work in less time. */
static const struct ps_point *best_of(const struct ps_block *b)
{
    const struct ps_point *best = NULL;

    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];

        if (ps_point_is_outside(p) && speedup_of(p) && !is_copies(p) &&
            (!best || speedup_of(p)->value > speedup_of(best)->value))
            best = p;
    }
    return best;
}

/* "1.31 [1.28, 1.34] times as fast" */
static const char *times(const struct ps_view *v, const struct ps_metric *m)
{
    const bool slower = m->value < 1;
    struct ps_arena *a = v->arena;
    const char *range = "";

    if (isfinite(m->low) && isfinite(m->high))
        range = ps_arena_format(a, " [%s, %s]", ps_cell_ratio(a, slower ? 1 / m->high : m->low),
                                ps_cell_ratio(a, slower ? 1 / m->low : m->high));
    return ps_arena_format(a, "%s %s%s times as %s", slower ? "takes" : "is",
                           ps_cell_ratio(a, slower ? 1 / m->value : m->value), range,
                           slower ? "long" : "fast");
}

static bool gains(const struct ps_metric *m)
{
    return isfinite(m->low) ? m->low > 1 : m->value > PS_NO_GAIN;
}

static bool loses(const struct ps_metric *m)
{
    return isfinite(m->high) ? m->high < 1 : m->value * PS_NO_GAIN < 1;
}

static void add_best(const struct ps_view *v, const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_metric *m = speedup_of(p);
    const char *name = ps_text_clean(v->arena, p->strategy_label);

    if (gains(m))
        ps_lines_add(l, ps_arena_format(v->arena, "%s is best: it %s as the program as it is.",
                                        name, times(v, m)));
    else
        ps_lines_add(l, ps_arena_format(v->arena,
                                        "Nothing chosen from outside makes it faster for certain: "
                                        "the best, %s, %s.",
                                        name, times(v, m)));
}

/* Others whose interval reaches the best one's. */
static void add_equals(const struct ps_view *v, const struct ps_block *b,
                       const struct ps_point *best, struct ps_lines *l)
{
    const struct ps_metric *m = speedup_of(best);
    const char *list = NULL;

    for (size_t i = 0; gains(m) && isfinite(m->low) && i < b->count; i++) {
        const struct ps_point *p = &b->points[i];
        const struct ps_metric *own = speedup_of(p);

        if (!own || p == best || is_copies(p) || own->high < m->low)
            continue;
        list =
            list ? ps_arena_format(v->arena, "%s, %s", list, p->strategy_label) : p->strategy_label;
    }
    if (list)
        ps_lines_add(l, ps_arena_format(v->arena, "Within noise of that: %s.",
                                        ps_text_clean(v->arena, list)));
}

static void add_slower(const struct ps_view *v, const struct ps_block *b,
                       const struct ps_point *best, struct ps_lines *l)
{
    const char *list = NULL;
    size_t told = 0, more = 0;

    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];
        const struct ps_metric *m = speedup_of(p);

        if (!m || p == best || is_copies(p) || !loses(m))
            continue;
        if (told++ >= MOST_TOLD) {
            more++;
            continue;
        }
        list =
            ps_arena_format(v->arena, "%s%s%s (%s × as long)", list ? list : "", list ? ", " : "",
                            p->strategy_label, ps_cell_ratio(v->arena, 1 / m->value));
    }
    if (list)
        ps_lines_add(l, ps_arena_format(
                            v->arena, "Slower than as it is: %s%s.", ps_text_clean(v->arena, list),
                            more ? ps_arena_format(v->arena, ", and %zu more", more) : ""));
}

static void add_copies(const struct ps_view *v, const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_metric *m = speedup_of(p);
    const char *range = "";

    if (isfinite(m->low) && isfinite(m->high))
        range = ps_arena_format(v->arena, " [%s, %s]", ps_cell_ratio(v->arena, m->low),
                                ps_cell_ratio(v->arena, m->high));
    ps_lines_add(l, ps_arena_format(v->arena,
                                    "%s: %.0f at once do %s%s times as much in the same "
                                    "time as one.",
                                    ps_text_clean(v->arena, p->strategy_label), p->items,
                                    ps_cell_ratio(v->arena, m->value), range));
}

bool ps_answer_outside(const struct ps_view *v, const struct ps_block *b, struct ps_lines *l)
{
    const struct ps_point *best = best_of(b);

    if (b->kind != PS_BLOCK_PROGRAM || b->same_strategy || !ps_point_against_plain(v->r, b->points))
        return false;
    if (best) {
        add_best(v, best, l);
        add_equals(v, b, best, l);
        add_slower(v, b, best, l);
    }
    return true;
}

void ps_answer_copies(const struct ps_view *v, const struct ps_block *b, struct ps_lines *l)
{
    for (size_t i = 0; i < b->count; i++)
        if (ps_point_is_outside(&b->points[i]) && is_copies(&b->points[i]) &&
            speedup_of(&b->points[i]))
            add_copies(v, &b->points[i], l);
}
