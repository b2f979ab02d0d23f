#include <math.h>
#include <string.h>

#include "table.h"
#include "text.h"
#include "units.h"

#define LONG_LABEL 64 /* columns */

static bool same_cpus(const struct ps_point *a, const struct ps_point *b)
{
    if (a->threads != b->threads || !a->cpus != !b->cpus)
        return false;
    return !a->cpus || !memcmp(a->cpus, b->cpus, a->threads * sizeof(*a->cpus));
}

const struct ps_point *ps_block_typical(const struct ps_block *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (!b->points[i].baseline)
            return &b->points[i];
    return b->points;
}

static void compare(struct ps_block *b)
{
    const struct ps_point *typical = ps_block_typical(b);

    b->same_placement = b->same_threads = b->same_cpus = true;
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];

        if (p->baseline && !typical->baseline)
            continue;
        b->same_placement &= !strcmp(p->placement, typical->placement);
        b->same_threads &= p->threads == typical->threads;
        b->same_cpus &= same_cpus(p, typical);
    }
}

static bool pinned(const struct ps_point *p)
{
    return p->cpus && p->cpus[0] >= 0;
}

/* ", 2 threads on CPUs 0,1 (spread)": as much as all points share. */
static const char *place(struct ps_table *t, const struct ps_block *b)
{
    const struct ps_point *p = ps_block_typical(b);
    const char *s = p->threads == 1 ? "" : "s", *list;

    if (!b->same_placement)
        return "";
    if (!b->same_threads || !b->same_cpus)
        return ps_arena_format(&t->arena, ", placement %s", p->placement);
    if (!pinned(p))
        return ps_arena_format(&t->arena, ", %u thread%s, not pinned", p->threads, s);
    list = ps_text_shorten(&t->arena, ps_text_cpus(&t->arena, p->cpus, p->threads), 40);
    return ps_arena_format(&t->arena, ", %u thread%s on CPU%s %s (%s)", p->threads, s, s, list,
                           p->placement);
}

static const char *items(struct ps_table *t, const struct ps_point *p)
{
    char text[64];

    if (!isfinite(p->items))
        return p->unit;
    if (p->items >= 0 && p->items < 0x1p53 && p->items == floor(p->items))
        ps_format_count(text, sizeof(text), (uint64_t)p->items);
    else
        ps_format_si(text, sizeof(text), p->items);
    return ps_arena_format(&t->arena, "%s %s", text, p->unit);
}

static const char *rounds(struct ps_table *t, const struct ps_block *b)
{
    size_t low = b->points[0].rounds, high = low;

    for (size_t i = 1; i < b->count; i++) {
        low = b->points[i].rounds < low ? b->points[i].rounds : low;
        high = b->points[i].rounds > high ? b->points[i].rounds : high;
    }
    if (low < high)
        return ps_arena_format(&t->arena, "%zu to %zu rounds", low, high);
    return ps_arena_format(&t->arena, "%zu round%s", high, high == 1 ? "" : "s");
}

/* A long label has a line of its own. */
static void print_heading(struct ps_table *t, const struct ps_block *b)
{
    const struct ps_point *p = b->points;
    const char *label = ps_text_clean(&t->arena, p->workload_label);
    bool own = ps_columns(label) > LONG_LABEL;

    ps_str_add(t->out, t->colour ? "\033[1m" : "");
    if (own)
        ps_str_addf(t->out, "%s\n", ps_text_shorten(&t->arena, label, PS_GRID_COLUMNS));
    ps_table_say(t, "%s%s%s%s, %s", own ? "" : label, own ? "" : " — ", items(t, p), place(t, b),
                 rounds(t, b));
    ps_str_add(t->out, t->colour ? "\033[0m\n" : "\n");
}

static void add_keys(struct ps_table *t, const struct ps_block *b, struct ps_grid *g)
{
    ps_grid_init(g, &t->arena, b->same_placement ? 2 : 3, b->count);
    ps_grid_column(g, "strategy", true, 0);
    ps_grid_column(g, "threads", false, 0);
    if (!b->same_placement)
        ps_grid_column(g, "placement", true, 0);
}

static void fill_keys(struct ps_table *t, const struct ps_block *b, struct ps_grid *g)
{
    const char *fit = "";

    for (size_t i = 0; i < b->count; i++)
        fit = b->points[i].oversubscribed ? " " : fit;
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];

        ps_grid_cell(g, i, 0, ps_text_clean(&t->arena, p->strategy_label));
        ps_grid_cell(g, i, 1,
                     ps_arena_format(&t->arena, "%u%s", p->threads, p->oversubscribed ? "!" : fit));
        if (!b->same_placement)
            ps_grid_cell(g, i, 2, ps_text_clean(&t->arena, p->placement));
    }
}

void ps_table_block(struct ps_table *t, const struct ps_block *block)
{
    struct ps_block b = *block;
    struct ps_grid g;

    compare(&b);
    print_heading(t, &b);
    add_keys(t, &b, &g);
    ps_table_columns(t, &b, &g);
    fill_keys(t, &b, &g);
    ps_grid_print(&g, t->colour, t->out);
    ps_table_models(t, &b);
}
