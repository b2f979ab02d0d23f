#include <math.h>

#include "cells.h"
#include "grid.h"
#include "survey_view.h"
#include "text.h"

/* Rows of the map: two columns each, beside a label. */
#define MAP_CELLS 32
/* Up to so many CPUs the map shows the numbers. */
#define MAP_NUMBERS 10

static const char *const shades[] = {"█", "▓", "▒", "░", "·"};
enum { SHADES = sizeof shades / sizeof *shades };

static const char *ns(struct ps_arena *a, double value)
{
    return isnan(value) ? "-" : ps_cell_time(a, value * 1e-9);
}

static const char *ratio(struct ps_arena *a, const struct ps_pair_ratio *r)
{
    if (isnan(r->value))
        return "-";
    return isnan(r->low) ? ps_arena_format(a, "%.2f", r->value)
                         : ps_arena_format(a, "%.2f [%.2f, %.2f]", r->value, r->low, r->high);
}

static void say(struct ps_str *out, const char *text)
{
    ps_text_wrap(out, text, 0, 2, PS_GRID_COLUMNS);
}

static const struct ps_grid_head heads[] = {
    {"  kernel", NULL, 0, true},
    {"both over alone,\nby CPU time", "both over alone, by CPU time", 0, false},
    {"by wall\ntime", "by wall time", 0, false},
    {"CPUs\nat once", "CPUs at once", 0, false},
    {"rounds\nkept", "rounds kept", 0, false},
    {"what it is", NULL, 0, true},
};
#define HEADS (sizeof heads / sizeof *heads)

void ps_probe_heads(ps_head_fn *each, void *arg)
{
    ps_grid_each_head(heads, HEADS, each, arg);
}

void ps_pair_grid(const struct ps_pair *p, struct ps_arena *a, struct ps_grid *g)
{
    ps_grid_init(g, a, p->kernel_count);
    if (p->kernel_count == 0)
        return;
    ps_grid_heads(g, heads, HEADS);
    for (size_t i = 0; i < p->kernel_count; i++) {
        const struct ps_pair_kernel *k = &p->kernels[i];

        ps_grid_cell(g, i, 0, ps_arena_format(a, "  %s", k->id));
        ps_grid_cell(g, i, 1, ratio(a, &k->by_cpu));
        ps_grid_cell(g, i, 2, ps_arena_format(a, "%.2f", k->by_wall.value));
        ps_grid_cell(g, i, 3, ps_arena_format(a, "%.2f", k->at_once));
        ps_grid_cell(g, i, 4, ps_arena_format(a, "%zu/%zu", k->kept, k->rounds));
        ps_grid_cell(g, i, 5, k->what);
    }
}

const char *ps_pair_text(const struct ps_pair *p, struct ps_arena *a)
{
    const char *who = p->control
                          ? ps_arena_format(a, "Check: two threads on CPU %d", p->first)
                          : ps_arena_format(a, "CPUs %d and %d%s", p->first, p->second,
                                            p->siblings ? " (siblings by the topology)" : "");

    return ps_arena_format(a, "%s: %s: %s. Round trip %s.", who, ps_pair_answer_name(p->answer),
                           p->why, ns(a, p->round_trip));
}

static void add_pair(const struct ps_pair *p, struct ps_arena *a, struct ps_str *out)
{
    struct ps_grid g;

    ps_str_add(out, "\n");
    say(out, ps_pair_text(p, a));
    ps_pair_grid(p, a, &g);
    ps_grid_print(&g, false, out);
}

/* ---- The map ---- */

struct map {
    const struct ps_probe *probe;
    size_t cells, per_cell; /* CPUs to a row */
    double low, high;       /* ns */
};

static void find_range(struct map *m)
{
    const size_t n = m->probe->cpu_count;

    m->low = m->high = NAN;
    for (size_t i = 0; i < n * (n - 1) / 2; i++) {
        m->low = fmin(m->low, (double)m->probe->trips[i]);
        m->high = fmax(m->high, (double)m->probe->trips[i]);
    }
}

/* The mean of what was measured between the CPUs of two rows; NaN where nothing was. */
static double cell(const struct map *m, size_t row, size_t column)
{
    const size_t n = m->probe->cpu_count;
    double sum = 0;
    size_t count = 0;

    for (size_t i = row * m->per_cell; i < n && i < (row + 1) * m->per_cell; i++)
        for (size_t j = column * m->per_cell; j < n && j < (column + 1) * m->per_cell; j++) {
            const float trip = i == j ? NAN : m->probe->trips[ps_trip_index(n, i, j)];

            if (isnan(trip))
                continue;
            sum += (double)trip;
            count++;
        }
    return count ? sum / (double)count : NAN;
}

/* Shades by the logarithm: from a core to a socket it is a factor of ten and more. All the same
 * where the longest is not half as long again as the shortest. */
static const char *shade(const struct map *m, double trip)
{
    const double span = fmax(log(m->high / m->low), log(1.5));
    int i;

    if (isnan(trip))
        return " ";
    i = (int)(log(trip / m->low) / span * SHADES);
    return shades[i < 0 ? 0 : i >= SHADES ? SHADES - 1 : i];
}

static void add_row(const struct map *m, size_t row, struct ps_arena *a, struct ps_str *out)
{
    const int *cpus = m->probe->cpus;

    ps_str_pad(out, ps_arena_format(a, "%d", cpus[row * m->per_cell]), -5);
    ps_str_add(out, "  ");
    for (size_t i = 0; i < m->cells; i++) {
        const double trip = cell(m, row, i);

        if (m->probe->cpu_count > MAP_NUMBERS)
            ps_str_addf(out, "%s%s", i == row && m->per_cell == 1 ? "\\" : shade(m, trip),
                        i == row && m->per_cell == 1 ? "\\" : shade(m, trip));
        else
            ps_str_pad(out,
                       isnan(trip) ? i == row ? "\\" : "-"
                                   : ps_arena_format(a, "%.0f%s", trip, shade(m, trip)),
                       -7);
    }
    ps_str_add(out, "\n");
}

static void add_map(const struct ps_probe *p, struct ps_arena *a, struct ps_str *out)
{
    struct map m = {.probe = p, .per_cell = (p->cpu_count + MAP_CELLS - 1) / MAP_CELLS};

    m.cells = (p->cpu_count + m.per_cell - 1) / m.per_cell;
    find_range(&m);
    ps_str_addf(
        out, "\nRound trips of a cache line, ns%s\n",
        m.per_cell > 1
            ? ps_arena_format(a, ", %zu CPUs per cell, beginning with the one named", m.per_cell)
            : "");
    if (p->cpu_count <= MAP_NUMBERS) {
        ps_str_add(out, "  CPU  ");
        for (size_t i = 0; i < p->cpu_count; i++)
            ps_str_pad(out, ps_arena_format(a, "%d", p->cpus[i]), -7);
        ps_str_add(out, "\n");
    }
    for (size_t i = 0; i < m.cells; i++)
        add_row(&m, i, a, out);
    ps_str_addf(out, "       near ");
    for (size_t i = 0; i < SHADES; i++)
        ps_str_add(out, shades[i]);
    ps_str_addf(out, " far (%s to %s)\n", ns(a, m.low), ns(a, m.high));
}

static const char *level(const struct ps_probe *p, const struct ps_cluster_level *l,
                         struct ps_arena *a)
{
    int *cpus = ps_arena_array(a, p->cpu_count, sizeof *cpus);
    const char *groups = "";

    for (unsigned g = 0; g < l->groups; g++) {
        size_t count = 0;

        for (size_t i = 0; i < p->cpu_count; i++)
            if (l->group[i] == g)
                cpus[count++] = p->cpus[i];
        groups = ps_arena_format(a, "%s%s%s", groups, g ? " | " : "", ps_text_cpus(a, cpus, count));
    }
    return ps_arena_format(
        a, "%u groups%s%s, up to %s within a group, %s and more between groups: %s", l->groups,
        l->same_as ? ", the same as the topology's " : "", l->same_as ? l->same_as : "",
        ns(a, l->within), ns(a, l->beyond), groups);
}

struct ps_lines ps_probe_groups(const struct ps_probe *p, struct ps_arena *a)
{
    struct ps_lines l = {.arena = a};

    for (size_t i = 0; i < p->level_count; i++)
        ps_lines_add(&l, level(p, &p->levels[i], a));
    if (p->level_count == 0 && p->cpu_count > 2)
        ps_lines_add(&l, "No groups: no CPUs are clearly nearer to each other than to the rest.");
    return l;
}

struct ps_lines ps_probe_notes(const struct ps_probe *p, struct ps_arena *a)
{
    const size_t pairs = p->cpu_count * (p->cpu_count - 1) / 2;
    struct ps_lines l = {.arena = a};

    if (!p->siblings_shown)
        ps_lines_add(
            &l, "There was no known pair of siblings to test, so this run does not show that CPUs "
                "which share a core are found.");
    if (p->trips_measured < pairs)
        ps_lines_add(&l,
                     ps_arena_format(a, "%zu of %zu round trips were measured in the given time.",
                                     p->trips_measured, pairs));
    if (p->pairs_left)
        ps_lines_add(&l, ps_arena_format(a, "%zu pair%s had to be left out: --max-time is %s.",
                                         p->pairs_left, p->pairs_left == 1 ? "" : "s",
                                         ps_cell_time(a, p->max_time)));
    ps_lines_add(&l, ps_arena_format(a, "%s %s.", p->interrupted ? "Cut short after" : "Done in",
                                     ps_cell_time(a, p->elapsed)));
    return l;
}

static void say_all(struct ps_str *out, struct ps_lines l)
{
    for (size_t i = 0; i < l.count; i++)
        say(out, l.items[i]);
}

void ps_probe_text(const struct ps_probe *p, struct ps_str *out)
{
    struct ps_arena a;

    ps_arena_init(&a, p->arena->on_oom);
    for (size_t i = 0; i < p->pair_count; i++)
        add_pair(&p->pairs[i], &a, out);
    if (p->trips_measured) {
        add_map(p, &a, out);
        ps_str_add(out, "\n");
        say_all(out, ps_probe_groups(p, &a));
    }
    say_all(out, ps_probe_notes(p, &a));
    ps_arena_finish(&a);
}
