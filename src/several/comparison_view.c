#include "comparison_view.h"

#include <math.h>
#include <string.h>

#include "cells.h"

#define FEW_ROWS 24 /* that are shown whatever they say */

#define COLUMNS 6
#define GAP     2

static const char *const heads[COLUMNS] = {"", "before", "now", "change", "from, to", ""};
static const char *const words[PS_CHANGES] = {
    [PS_CHANGE_SAME] = "same",           [PS_CHANGE_BETTER] = "better",
    [PS_CHANGE_NOT_WORSE] = "not worse", [PS_CHANGE_INCONCLUSIVE] = "inconclusive",
    [PS_CHANGE_WORSE] = "WORSE",
};

void ps_comparison_heads(ps_head_fn *each, void *arg)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (*heads[i])
            each(arg, heads[i]);
    for (size_t i = 0; i < PS_CHANGES; i++)
        each(arg, words[i]);
}

const char *ps_comparison_about(const struct ps_comparison *c, struct ps_arena *a)
{
    const char *base = ps_text_clean(a, c->base.name), *now = ps_text_clean(a, c->now.name);

    if (c->paired)
        return ps_arena_format(a, "%s against %s, in turns, %zu rounds", now, base,
                               c->measured->plan.rounds);
    return ps_arena_format(a, "%s (%s) against %s (%s)", now, c->now.started, base,
                           c->base.started);
}

static size_t count_of(const struct ps_comparison *c, enum ps_change v)
{
    size_t count = 0;

    for (size_t i = 0; i < c->row_count; i++)
        count += c->rows[i].verdict == v;
    return count;
}

static const char *percent(struct ps_arena *a, double fraction)
{
    return ps_arena_format(a, "%.3g %%", 100 * fraction);
}

const char *ps_comparison_answer(const struct ps_comparison *c, struct ps_arena *a)
{
    size_t worse = count_of(c, PS_CHANGE_WORSE), open = count_of(c, PS_CHANGE_INCONCLUSIVE);
    const char *threshold = percent(a, c->threshold);

    if (worse)
        return ps_arena_format(a, "Worse: %zu of %zu figures %s worse by more than %s.", worse,
                               c->row_count, worse == 1 ? "is" : "are", threshold);
    if (open)
        return ps_arena_format(a, "Inconclusive: %zu of %zu figures may be worse by more than %s.",
                               open, c->row_count, threshold);
    if (c->verdict == PS_CHANGE_SAME)
        return ps_arena_format(a, "Same: all %zu figures are within %s.", c->row_count, threshold);
    return ps_arena_format(
        a, "Not worse: none of %zu figures is worse by more than %s; %zu %s better.", c->row_count,
        threshold, count_of(c, PS_CHANGE_BETTER),
        count_of(c, PS_CHANGE_BETTER) == 1 ? "is" : "are");
}

/* With its sign, in per cent where it is a ratio. */
static const char *change_text(const struct ps_comparison_row *row, double change,
                               struct ps_arena *a)
{
    double percent = 100 * (change - 1);

    if (!isfinite(change))
        return "-";
    if (row->difference)
        return ps_arena_format(a, "%+.3f", change);
    return ps_arena_format(a, fabs(percent) < 1000 ? "%+.1f" : "%+.3g", percent);
}

const char *ps_comparison_change(const struct ps_comparison_row *row, struct ps_arena *a)
{
    const char *text = change_text(row, row->change.value, a);

    return row->difference || !isfinite(row->change.value) ? text
                                                           : ps_arena_format(a, "%s %%", text);
}

const char *ps_comparison_limits(const struct ps_comparison_row *row, struct ps_arena *a)
{
    if (isnan(row->low) || isnan(row->high))
        return "";
    return ps_arena_format(a, "[%s, %s]", change_text(row, row->low, a),
                           change_text(row, row->high, a));
}

const char *ps_comparison_row_text(const struct ps_comparison_row *row, struct ps_arena *a)
{
    return ps_arena_format(a, "%s: %s of %s%s%s", words[row->verdict], row->title,
                           ps_text_clean(a, row->subject), row->reason ? ": " : "",
                           row->reason ? ps_text_clean(a, row->reason)
                                       : ps_arena_format(a, " %s %s", ps_comparison_change(row, a),
                                                         ps_comparison_limits(row, a)));
}

static bool shown(const struct ps_comparison *c, const struct ps_comparison_row *row, bool all)
{
    return all || c->row_count <= FEW_ROWS || row->verdict == PS_CHANGE_WORSE ||
           row->verdict == PS_CHANGE_INCONCLUSIVE;
}

static const char *value(const struct ps_comparison_row *row, struct ps_interval i,
                         struct ps_arena *a)
{
    const struct ps_metric m = {row->metric, row->unit, i.value, i.low, i.high};

    return isnan(i.value) ? "-" : ps_cell_metric(a, &m, PS_CELL_PLAIN);
}

/* The cells of the rows that are shown, and how wide they are. */
struct cells {
    const char *(*rows)[COLUMNS];
    const struct ps_comparison_row **of;
    size_t count, widths[COLUMNS];
};

static void set_cells(struct cells *t, const char *const *row)
{
    for (size_t k = 0; k < COLUMNS; k++) {
        size_t columns = ps_columns(row[k]);

        t->rows[t->count][k] = row[k];
        t->widths[k] = columns > t->widths[k] ? columns : t->widths[k];
    }
    t->count++;
}

static struct cells make_cells(const struct ps_comparison *c, bool all, struct ps_arena *a)
{
    struct cells t = {ps_arena_array(a, c->row_count + 1, sizeof *t.rows),
                      ps_arena_array(a, c->row_count + 1, sizeof *t.of)};

    set_cells(&t, heads);
    for (size_t i = 0; i < c->row_count; i++) {
        const struct ps_comparison_row *row = &c->rows[i];
        const char *const cells[COLUMNS] = {
            row->title,
            value(row, row->base, a),
            value(row, row->now, a),
            ps_comparison_change(row, a),
            ps_comparison_limits(row, a),
            words[row->verdict],
        };

        if (!shown(c, row, all))
            continue;
        t.of[t.count] = row;
        set_cells(&t, cells);
    }
    return t;
}

static const char *colour_of(enum ps_change v)
{
    return v == PS_CHANGE_WORSE          ? "\033[31m"
           : v == PS_CHANGE_BETTER       ? "\033[32m"
           : v == PS_CHANGE_INCONCLUSIVE ? "\033[33m"
                                         : "";
}

static void print_row(const struct cells *t, size_t i, bool colour, struct ps_str *out)
{
    const char *lead = colour && t->of[i] ? colour_of(t->of[i]->verdict) : "";

    ps_str_pad(out, "", GAP);
    for (size_t k = 0; k + 1 < COLUMNS; k++) {
        ps_str_pad(out, t->rows[i][k], k ? -(int)t->widths[k] : (int)t->widths[k]);
        ps_str_pad(out, "", GAP);
    }
    ps_str_addf(out, "%s%s%s", lead, t->rows[i][COLUMNS - 1], *lead ? "\033[0m" : "");
    while (out->length && out->text[out->length - 1] == ' ')
        out->text[--out->length] = '\0';
    ps_str_add(out, "\n");
}

void ps_comparison_table(const struct ps_comparison *c, bool all, bool colour, struct ps_arena *a,
                         struct ps_str *out)
{
    struct cells t = make_cells(c, all, a);
    const char *above = "";

    if (t.count > 1)
        print_row(&t, 0, false, out);
    for (size_t i = 1; i < t.count; i++) {
        const char *subject = t.of[i]->subject;

        if (strcmp(subject, above) != 0)
            ps_text_wrap(out, ps_text_clean(a, subject), 0, 2, PS_GRID_COLUMNS);
        above = subject;
        print_row(&t, i, colour, out);
    }
}

static void add_reasons(const struct ps_comparison *c, struct ps_arena *a, struct ps_lines *l)
{
    for (size_t i = 0; i < c->row_count; i++)
        if (c->rows[i].reason)
            ps_lines_add(l, ps_comparison_row_text(&c->rows[i], a));
}

static void add_hosts(const struct ps_comparison *c, struct ps_arena *a, struct ps_lines *l)
{
    const char *all = "";

    for (size_t i = 0; i < c->difference_count; i++)
        all = ps_arena_format(a, "%s%s%s", all, i ? "; " : "", c->differences[i]);
    if (c->difference_count)
        ps_lines_add(l, ps_arena_format(a, "The machines differ in: %s.", all));
}

static const char *meaning(const struct ps_comparison *c, struct ps_arena *a)
{
    const char *figures =
        c->row_count == 1
            ? "95 % interval"
            : ps_arena_format(a, "95 %% confidence for all %zu together", c->row_count);

    if (c->paired)
        return ps_arena_format(a, "From, to: %s, of ratios within rounds%s.", figures,
                               c->looked ? ", whenever rounds end" : "");
    return ps_arena_format(
        a,
        "From, to: %s. They include whatever else changed on the machine between the two runs; "
        "compare -c OLD -c NEW measures both in turns.",
        figures);
}

/* Why rounds ended where a verdict is open. */
static void add_open(const struct ps_comparison *c, struct ps_arena *a, struct ps_lines *l)
{
    if (!c->looked || !count_of(c, PS_CHANGE_INCONCLUSIVE))
        return;
    if (c->verdict == PS_CHANGE_WORSE)
        ps_lines_add(
            l, "The rounds ended with the first figure that is worse: the others are undecided.");
    else if (c->measured->plan.ended_by == PS_END_MAX_TIME)
        ps_lines_add(
            l, ps_arena_format(a, "The rounds ended at --max-time %gs: a longer time may decide.",
                               c->measured->plan.max_time));
}

struct ps_lines ps_comparison_notes(const struct ps_comparison *c, bool all, struct ps_arena *a)
{
    struct ps_lines l = {.arena = a};
    size_t hidden = 0;

    for (size_t i = 0; i < c->row_count; i++)
        hidden += !shown(c, &c->rows[i], all);
    if (hidden)
        ps_lines_add(&l,
                     ps_arena_format(a, "-v shows %zu more figures, none of them worse.", hidden));
    add_hosts(c, a, &l);
    add_reasons(c, a, &l);
    for (size_t i = 0; i < c->note_count; i++)
        ps_lines_add(&l, c->notes[i]);
    add_open(c, a, &l);
    ps_lines_add(&l, meaning(c, a));
    return l;
}
