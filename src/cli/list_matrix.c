#include <string.h>

#include "catalog.h"
#include "list_tables.h"
#include "spec.h"
#include "wrap.h"

/* Of the strategy with its defaults. */
static const char *refusal(const struct ps_strategy *s, const struct parscope_workload *w)
{
    union parscope_value values[16];

    ps_param_defaults(s->params, values, sizeof values / sizeof *values);
    return ps_strategy_refuses(s, values, w);
}

/* Strategies that fit side by side from `first` on; at least one. */
static size_t columns_that_fit(const struct ps_catalog *c, size_t first, size_t start)
{
    size_t used = start, i = first;

    for (; i < c->strategy_count; i++) {
        used += ps_columns(c->strategies[i].strategy->name) + 2;
        if (used > PS_WIDTH && i > first)
            break;
    }
    return i - first;
}

static size_t widest_workload(const struct ps_catalog *c)
{
    size_t widest = 0;

    for (size_t i = 0; i < c->workload_count; i++)
        if (ps_columns(c->workloads[i].ops->name) > widest)
            widest = ps_columns(c->workloads[i].ops->name);
    return widest;
}

/* Padding is put before a cell, never after the last one. */
static void add_row(const struct ps_catalog *c, struct ps_str *out,
                    const struct parscope_workload *w, size_t start, size_t first, size_t count)
{
    size_t pad = start - (w ? 2 + ps_columns(w->name) : 0);

    if (w)
        ps_str_addf(out, "  %s", w->name);
    for (size_t i = first; i < first + count; i++) {
        const struct ps_strategy *s = c->strategies[i].strategy;
        const char *cell = w ? (refusal(s, w) ? "-" : "yes") : s->name;

        ps_str_pad(out, "", (int)pad + 2);
        ps_str_add(out, cell);
        pad = ps_columns(s->name) - ps_columns(cell);
    }
    ps_str_add(out, "\n");
}

/* Workloads that the strategy refuses for the same reason as number `like`, from there on. */
static void add_refused(const struct ps_catalog *c, struct ps_str *text,
                        const struct ps_strategy *s, size_t like, const char *reason)
{
    ps_str_addf(text, "not %s", c->workloads[like].ops->name);
    for (size_t i = like + 1; i < c->workload_count; i++) {
        const char *other = refusal(s, c->workloads[i].ops);

        if (other && !strcmp(other, reason))
            ps_str_addf(text, ", %s", c->workloads[i].ops->name);
    }
    ps_str_addf(text, ": %s", reason);
}

static bool first_with(const struct ps_catalog *c, const struct ps_strategy *s, size_t index,
                       const char *reason)
{
    for (size_t i = 0; i < index; i++) {
        const char *other = refusal(s, c->workloads[i].ops);

        if (other && !strcmp(other, reason))
            return false;
    }
    return true;
}

static void add_reasons(const struct ps_catalog *c, struct ps_str *out, const struct ps_strategy *s)
{
    for (size_t i = 0; i < c->workload_count; i++) {
        const char *reason = refusal(s, c->workloads[i].ops);
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        if (!reason || !first_with(c, s, i, reason))
            continue;
        ps_str_addf(&head, "  %s", s->name);
        add_refused(c, &text, s, i, reason);
        out->failed |= head.failed || text.failed;
        ps_wrap_entry(out, ps_str_text(&head), ps_str_text(&text), 14);
        ps_str_finish(&head);
        ps_str_finish(&text);
    }
}

void ps_list_matrix(const struct ps_catalog *c, struct ps_str *out)
{
    size_t start = 2 + widest_workload(c), count;

    ps_str_add(out, "Which strategy runs which workload\n");
    for (size_t first = 0; first < c->strategy_count; first += count) {
        count = columns_that_fit(c, first, start);
        add_row(c, out, NULL, start, first, count);
        for (size_t i = 0; i < c->workload_count; i++)
            add_row(c, out, c->workloads[i].ops, start, first, count);
    }
    for (size_t i = 0; i < c->strategy_count; i++)
        add_reasons(c, out, c->strategies[i].strategy);
}
