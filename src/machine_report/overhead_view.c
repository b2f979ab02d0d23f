#include "overhead_view.h"

#include <math.h>
#include <string.h>

#include "cells.h"

const char *ps_overhead_host(const struct ps_overhead *o, struct ps_arena *a)
{
    bool virtual = strcmp(o->virtualization, "none") && strcmp(o->virtualization, "unknown");
    const char *text = ps_arena_format(a, "%s%s%s, %s", o->cpu_model, virtual ? ", " : "",
                                       virtual ? o->virtualization : "", o->kernel);

    return ps_text_clean(a, text);
}

const char *ps_overhead_about(const struct ps_overhead *o, struct ps_arena *a)
{
    return ps_arena_format(a, "regions of %u thread%s, CPU%s %s, %zu round%s", o->threads,
                           o->threads == 1 ? "" : "s", o->cpu_count == 1 ? "" : "s",
                           ps_text_shorten(a, ps_text_cpus(a, o->cpus, o->cpu_count), 24),
                           o->rounds, o->rounds == 1 ? "" : "s");
}

/* A construct that costs nothing that can be told apart from its reference says so. */
static const char *cost(const struct ps_overhead_row *row, struct ps_arena *a)
{
    if (row->high <= 0)
        return "≤ 0";
    return isfinite(row->value) ? ps_cell_time(a, row->value) : "-";
}

static const char *time_or_none(double seconds, struct ps_arena *a)
{
    return isfinite(seconds) ? ps_cell_time(a, seconds) : NULL;
}

static void add_row(const struct ps_overhead_row *row, size_t i, struct ps_arena *a,
                    struct ps_grid *g)
{
    const char *const cells[] = {
        row->id,   cost(row, a), time_or_none(row->low, a),       time_or_none(row->high, a),
        row->what, row->less,    time_or_none(row->reference, a),
    };

    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
        if (cells[c])
            ps_grid_cell(g, i, c, cells[c]);
}

static const struct ps_grid_head heads[] = {
    {"part", NULL, 0, true},
    {"cost", NULL, 0, false},
    {"95 %\nfrom", "95 % from", 0, false},
    {"to", NULL, 0, false},
    {"what it is", NULL, 0, true},
    {"already subtracted: the time of", "reference", 1, true},
    {"which is", "its time", 1, false},
};
#define HEADS (sizeof heads / sizeof *heads)

void ps_overhead_heads(ps_head_fn *each, void *arg)
{
    ps_grid_each_head(heads, HEADS, each, arg);
}

void ps_overhead_grid(const struct ps_overhead *o, struct ps_arena *a, struct ps_grid *g)
{
    ps_grid_init(g, a, o->row_count);
    ps_grid_heads(g, heads, HEADS);
    for (size_t i = 0; i < o->row_count; i++)
        add_row(&o->rows[i], i, a, g);
}

static bool missing(const struct ps_overhead_row *row)
{
    return row->reason && !row->sample_count;
}

/* The parts that are missing for the same reason, from `first` on; NULL where one before it had
 * that reason. */
static const char *missing_with(const struct ps_overhead *o, size_t first, struct ps_arena *a)
{
    const char *ids = o->rows[first].id, *reason = o->rows[first].reason;

    for (size_t i = 0; i < first; i++)
        if (missing(&o->rows[i]) && !strcmp(o->rows[i].reason, reason))
            return NULL;
    for (size_t i = first + 1; i < o->row_count; i++)
        if (missing(&o->rows[i]) && !strcmp(o->rows[i].reason, reason))
            ids = ps_arena_format(a, "%s, %s", ids, o->rows[i].id);
    return ids;
}

struct ps_lines ps_overhead_notes(const struct ps_overhead *o, struct ps_arena *a)
{
    struct ps_lines l = {.arena = a};

    for (size_t i = 0; i < o->row_count; i++) {
        const struct ps_overhead_row *row = &o->rows[i];
        const char *ids = missing(row) ? missing_with(o, i, a) : NULL;

        if (ids)
            ps_lines_add(&l, ps_arena_format(a, "Not measured: %s: %s.", ids, row->reason));
        else if (row->reason && row->sample_count)
            ps_lines_add(&l, ps_arena_format(a, "%s: %zu of %zu rounds have a value: %s.", row->id,
                                             row->sample_count, o->rounds, row->reason));
    }
    for (size_t i = 0; i < o->note_count; i++)
        ps_lines_add(&l, o->notes[i]);
    return l;
}

const char *ps_overhead_ending(const struct ps_overhead *o, struct ps_arena *a)
{
    const char *took = ps_cell_time(a, o->elapsed);

    if (o->ended_by == PS_END_INTERRUPT)
        return ps_arena_format(a, "Cut short after %s: interrupted.", took);
    if (o->ended_by == PS_END_NOTHING_LEFT)
        return ps_arena_format(a, "Ended after %s: nothing is left to measure.", took);
    if (o->ended_by == PS_END_MAX_TIME)
        return ps_arena_format(a, "Done in %s: the time of --max-time is used up.", took);
    return ps_arena_format(a, "Done in %s: all rounds that were asked for.", took);
}
