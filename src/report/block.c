#include <math.h>
#include <string.h>

#include "value_series.h"
#include "units.h"
#include "view.h"

/* Told no thread count and not pinned: `threads` says only how many CPUs there were. */
/* The reference of the others' speedups, and nothing that was asked for. */
static bool only_reference(const struct ps_point *p)
{
    return p->baseline && !ps_point_is_program(p);
}

/* The point that speaks for the block where all agree: the first that is no mere reference, or else
 * the first. */
static const struct ps_point *typical(const struct ps_block *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (!only_reference(&b->points[i]))
            return &b->points[i];
    return b->points;
}

static bool same_cpus(const struct ps_point *a, const struct ps_point *b)
{
    if (a->threads != b->threads || !a->cpus != !b->cpus)
        return false;
    return !a->cpus || !memcmp(a->cpus, b->cpus, a->threads * sizeof *a->cpus);
}

static bool same_workload(const struct ps_point *a, const struct ps_point *b)
{
    return !strcmp(a->workload_label, b->workload_label);
}

static bool pinned(const struct ps_point *p)
{
    for (unsigned i = 0; p->cpus && i < p->threads; i++)
        if (p->cpus[i] >= 0)
            return true;
    return false;
}

static void compare(struct ps_block *b)
{
    const struct ps_point *like = typical(b);

    b->same_workload = b->same_strategy = b->same_pattern = true;
    b->same_placement = b->same_threads = b->same_cpus = true;
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];

        b->pinned |= pinned(p);
        b->same_workload &= same_workload(p, like);
        b->same_pattern &= ps_text_same(p->pattern, like->pattern);
        b->same_strategy &= !strcmp(p->strategy_label, like->strategy_label);
        if (only_reference(p) && !only_reference(like))
            continue;
        b->same_placement &= !strcmp(p->placement, like->placement);
        b->same_threads &= p->threads == like->threads;
        b->same_cpus &= same_cpus(p, like);
    }
}

/* Several programs that were run in one way each. */
static bool are_commands(const struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (!ps_point_is_program(&r->points[i]) ||
            (i && same_workload(&r->points[i], &r->points[i - 1])))
            return false;
    return r->point_count > 1;
}

static bool varies(const struct ps_view *v, size_t first)
{
    const char *parameter;

    return !v->details && ps_series_count(v->r, first, &parameter);
}

struct ps_block ps_view_block(const struct ps_view *v, size_t first)
{
    const struct ps_result *r = v->r;
    struct ps_block b = {.points = &r->points[first], .count = 1};

    b.kind = ps_point_is_program(b.points) ? PS_BLOCK_PROGRAM : PS_BLOCK_STRATEGIES;
    if (!strcmp(r->plan.command, "smt-compare"))
        b.kind = PS_BLOCK_SMT;
    else if (!varies(v, first) && are_commands(r))
        b.kind = PS_BLOCK_COMMANDS;
    if (b.kind == PS_BLOCK_SMT || b.kind == PS_BLOCK_COMMANDS)
        b.count = r->point_count - first;
    while (first + b.count < r->point_count && same_workload(&b.points[b.count], b.points))
        b.count++;
    if (b.kind != PS_BLOCK_SMT && varies(v, first)) {
        b.kind = PS_BLOCK_SERIES;
        b.count = ps_series_count(r, first, &b.parameter);
        b.ways = ps_series_ways(r, first);
    }
    compare(&b);
    return b;
}

static size_t workloads(const struct ps_block *b)
{
    size_t count = 1;

    for (size_t i = 1; i < b->count; i++)
        count += !same_workload(&b->points[i], &b->points[i - 1]);
    return count;
}

const char *ps_block_title(const struct ps_view *v, const struct ps_block *b, bool *label)
{
    *label = b->same_workload || b->kind == PS_BLOCK_SERIES;
    if (b->kind == PS_BLOCK_SERIES)
        return ps_series_title(v, b);
    if (b->same_workload)
        return ps_text_clean(v->arena, b->points->workload_label);
    return ps_arena_format(v->arena, "%zu %s", workloads(b),
                           ps_point_is_program(b->points) ? "commands" : "workloads");
}

/* "2 threads on CPUs 0,1 (spread)": as much as all points share. */
static const char *place(const struct ps_view *v, const struct ps_block *b)
{
    const struct ps_point *p = typical(b);
    const char *s = p->threads == 1 ? "" : "s", *list;

    if (!b->same_placement)
        return NULL;
    if (ps_point_is_free(p))
        return "left alone";
    if (!b->pinned && b->kind != PS_BLOCK_STRATEGIES && b->kind != PS_BLOCK_SERIES &&
        !b->same_threads)
        return "not pinned";
    if (!b->same_threads || !b->same_cpus)
        return ps_arena_format(v->arena, "placement %s", p->placement);
    if (!pinned(p))
        return ps_arena_format(v->arena, "%u thread%s, not pinned", p->threads, s);
    list = ps_text_shorten(v->arena, ps_text_cpus(v->arena, p->cpus, p->threads), 40);
    return ps_arena_format(v->arena, "%u thread%s on CPU%s %s (%s)", p->threads, s, s, list,
                           p->placement);
}

/* Those of a program are its runs, which go without saying. */
static const char *items(const struct ps_view *v, const struct ps_block *b)
{
    const struct ps_point *p = b->points;
    char text[64];

    if (ps_point_is_program(p) || !b->same_workload)
        return NULL;
    if (!isfinite(p->items))
        return p->unit;
    if (p->items >= 0 && p->items < 0x1p53 && p->items == floor(p->items))
        ps_format_count(text, sizeof text, (uint64_t)p->items);
    else
        ps_format_si(text, sizeof text, p->items);
    return ps_arena_format(v->arena, "%s %s", text, p->unit);
}

/* Where the grid has no column for it. */
static const char *strategy(const struct ps_block *b)
{
    if (b->kind != PS_BLOCK_SMT || !b->same_strategy || ps_point_is_program(b->points))
        return NULL;
    return b->points->strategy_label;
}

static const char *rounds(const struct ps_view *v, const struct ps_block *b)
{
    size_t low = b->points[0].rounds, high = low;

    for (size_t i = 1; i < b->count; i++) {
        low = b->points[i].rounds < low ? b->points[i].rounds : low;
        high = b->points[i].rounds > high ? b->points[i].rounds : high;
    }
    if (low < high)
        return ps_arena_format(v->arena, "%zu to %zu rounds", low, high);
    return ps_arena_format(v->arena, "%zu round%s", high, high == 1 ? "" : "s");
}

const char *ps_block_about(const struct ps_view *v, const struct ps_block *b)
{
    const char *parts[] = {items(v, b), strategy(b), place(v, b), rounds(v, b)};
    const char *all = NULL;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i])
            continue;
        all = all ? ps_arena_format(v->arena, "%s, %s", all, parts[i]) : parts[i];
    }
    return ps_text_clean(v->arena, all);
}
