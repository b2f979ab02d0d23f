#include <math.h>
#include <string.h>

#include "cells.h"
#include "grid.h"
#include "survey_view.h"
#include "text.h"
#include "units.h"

#define INDENT 26

static void add_line(const struct ps_doctor_line *line, struct ps_arena *a, struct ps_str *out)
{
    ps_str_pad(out, ps_health_name(line->health), 9);
    ps_str_pad(out, line->id, INDENT - 9);
    ps_text_wrap(out, ps_text_clean(a, line->text), INDENT, INDENT, PS_GRID_COLUMNS);
    if (line->remedy) {
        ps_str_addf(out, "%*s→ ", INDENT, "");
        ps_text_wrap(out, line->remedy, INDENT + 2, INDENT + 2, PS_GRID_COLUMNS);
    }
}

static const char *index_text(struct ps_arena *a, double value)
{
    return isnan(value) ? "-" : ps_arena_format(a, "%.2f", value);
}

static const char *hz_text(struct ps_arena *a, double hz)
{
    char text[32];

    return isnan(hz) ? "-" : ps_arena_format(a, "%sHz", ps_format_si(text, sizeof text, hz));
}

static void add_cpu(const struct ps_doctor_cpu *c, size_t row, struct ps_arena *a,
                    struct ps_grid *g)
{
    const char *const cells[] = {
        ps_arena_format(a, "%d", c->cpu),
        ps_arena_format(a, "%zu", c->looks),
        hz_text(a, c->hz),
        hz_text(a, c->hz_low),
        hz_text(a, c->hz_high),
        index_text(a, c->now),
        index_text(a, c->neighbour),
        index_text(a, c->neighbour_low),
        ps_arena_format(a, "%zu", c->crowded),
    };

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        ps_grid_cell(g, row, i, cells[i]);
}

static const struct ps_grid_head heads[] = {
    {"CPU", NULL, 0, false},
    {"samples", NULL, 0, false},
    {"clock", NULL, 0, false},
    {"90 %\nfrom", "90 % from", 0, false},
    {"to", NULL, 0, false},
    {"index\nnow", "index now", 0, false},
    {"median", NULL, 0, false},
    {"lowest", NULL, 0, false},
    {"samples with\na neighbour", "samples with a neighbour", 0, false},
};
#define HEADS (sizeof heads / sizeof *heads)

void ps_doctor_heads(ps_head_fn *each, void *arg)
{
    ps_grid_each_head(heads, HEADS, each, arg);
}

static void add_cpus(const struct ps_doctor *d, struct ps_arena *a, struct ps_str *out)
{
    struct ps_grid g;

    ps_grid_init(&g, a, d->cpu_count);
    ps_grid_heads(&g, heads, HEADS);
    for (size_t i = 0; i < d->cpu_count; i++)
        add_cpu(&d->cpus[i], i, a, &g);
    ps_grid_print(&g, false, out);
}

void ps_doctor_text(const struct ps_doctor *d, struct ps_str *out)
{
    const bool virtual = strcmp(d->virtualization, "none") && strcmp(d->virtualization, "unknown");
    struct ps_arena a;

    ps_arena_init(&a, d->arena->on_oom);
    ps_text_wrap(
        out,
        ps_text_clean(&a, ps_arena_format(&a, "%s%s%s, %s", d->cpu_model, virtual ? ", " : "",
                                          virtual ? d->virtualization : "", d->kernel)),
        0, 2, PS_GRID_COLUMNS);
    ps_str_add(out, "\n");
    for (size_t i = 0; i < d->line_count; i++)
        add_line(&d->lines[i], &a, out);
    if (d->cpu_count > 0) {
        ps_str_add(out, "\n");
        add_cpus(d, &a, out);
        ps_str_add(
            out,
            "\nindex: independent additions per cycle; a neighbour on the same core lowers it\n");
    }
    ps_str_addf(out, "\n%s %s.\n", d->interrupted ? "Cut short after" : "Done in",
                ps_cell_time(&a, d->elapsed));
    ps_arena_finish(&a);
}
