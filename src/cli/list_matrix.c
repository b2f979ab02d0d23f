#include <string.h>

#include "list_tables.h"
#include "registry.h"
#include "spec.h"
#include "strategy.h"
#include "wrap.h"

/* Of the strategy with its defaults. */
static const char *refusal(const struct ps_strategy *s, const struct parscope_workload *w)
{
    union parscope_value values[16];

    ps_param_defaults(s->params, values, sizeof values / sizeof *values);
    return ps_strategy_refuses(s, values, w);
}

/* Strategies that fit side by side from `first` on; at least one. */
static size_t columns_that_fit(size_t first, size_t start)
{
    size_t used = start, i = first;

    for (; ps_strategies[i]; i++) {
        used += ps_columns(ps_strategies[i]->name) + 2;
        if (used > PS_WIDTH && i > first)
            break;
    }
    return i - first;
}

static size_t widest_workload(void)
{
    size_t widest = 0;

    for (size_t i = 0; ps_workloads[i]; i++)
        if (ps_columns(ps_workloads[i]->name) > widest)
            widest = ps_columns(ps_workloads[i]->name);
    return widest;
}

/* Padding is put before a cell, never after the last one. */
static void add_row(struct ps_str *out, const struct parscope_workload *w, size_t start,
                    size_t first, size_t count)
{
    size_t pad = start - (w ? 2 + ps_columns(w->name) : 0);

    if (w)
        ps_str_addf(out, "  %s", w->name);
    for (size_t i = first; i < first + count; i++) {
        const struct ps_strategy *s = ps_strategies[i];
        const char *cell = w ? (refusal(s, w) ? "-" : "yes") : s->name;

        ps_str_pad(out, "", (int)pad + 2);
        ps_str_add(out, cell);
        pad = ps_columns(s->name) - ps_columns(cell);
    }
    ps_str_add(out, "\n");
}

/* Workloads that the strategy refuses for the same reason as number `like`, from there on. */
static void add_refused(struct ps_str *text, const struct ps_strategy *s, size_t like,
                        const char *reason)
{
    ps_str_addf(text, "not %s", ps_workloads[like]->name);
    for (size_t i = like + 1; ps_workloads[i]; i++) {
        const char *other = refusal(s, ps_workloads[i]);

        if (other && strcmp(other, reason) == 0)
            ps_str_addf(text, ", %s", ps_workloads[i]->name);
    }
    ps_str_addf(text, ": %s", reason);
}

static bool first_with(const struct ps_strategy *s, size_t index, const char *reason)
{
    for (size_t i = 0; i < index; i++) {
        const char *other = refusal(s, ps_workloads[i]);

        if (other && strcmp(other, reason) == 0)
            return false;
    }
    return true;
}

static void add_reasons(struct ps_str *out, const struct ps_strategy *s)
{
    for (size_t i = 0; ps_workloads[i]; i++) {
        const char *reason = refusal(s, ps_workloads[i]);
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        if (!reason || !first_with(s, i, reason))
            continue;
        ps_str_addf(&head, "  %s", s->name);
        add_refused(&text, s, i, reason);
        out->failed |= head.failed || text.failed;
        ps_wrap_entry(out, ps_str_text(&head), ps_str_text(&text), 14);
        ps_str_finish(&head);
        ps_str_finish(&text);
    }
}

void ps_list_matrix(struct ps_str *out)
{
    size_t start = 2 + widest_workload(), count;

    ps_str_add(out, "Which strategy runs which workload\n");
    for (size_t first = 0; ps_strategies[first]; first += count) {
        count = columns_that_fit(first, start);
        add_row(out, NULL, start, first, count);
        for (size_t i = 0; ps_workloads[i]; i++)
            add_row(out, ps_workloads[i], start, first, count);
    }
    for (size_t i = 0; ps_strategies[i]; i++)
        add_reasons(out, ps_strategies[i]);
}
