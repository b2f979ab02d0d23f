#include <math.h>
#include <string.h>

#include "cells.h"
#include "table.h"

static const char *trend_words(const char *trend)
{
    if (!strcmp(trend, "flat"))
        return "it stays the same as threads are added, as the law has it";
    if (!strcmp(trend, "rising"))
        return "it rises as threads are added: a cost that grows with them, which the law does not "
               "have";
    if (!strcmp(trend, "falling"))
        return "it falls as threads are added: faster than the law allows, as when the data fits "
               "into more caches";
    return NULL;
}

static const char *limit(struct ps_table *t, const struct ps_model *m)
{
    if (!isfinite(m->limit))
        return "no limit in sight";
    return ps_arena_format(&t->arena, "at most %s × however many threads",
                           ps_cell_ratio(&t->arena, m->limit));
}

static const char *interval(struct ps_table *t, const struct ps_model *m)
{
    if (!isfinite(m->low) || !isfinite(m->high))
        return "";
    return ps_arena_format(&t->arena, " [%.3f, %.3f]", m->low, m->high);
}

static const char *caveat(struct ps_table *t, const struct ps_model *m)
{
    if (!strcmp(m->status, "ok"))
        return "";
    if (!strcmp(m->status, "unverified"))
        return " (from one thread count only, so the law itself is unverified)";
    return ps_arena_format(&t->arena, " (%s)", m->status);
}

static void print_fit(struct ps_table *t, const struct ps_model *m, const char *name)
{
    if (!isfinite(m->serial_fraction))
        ps_table_say(t, "Amdahl%s: no serial fraction: %s", name, m->status);
    else
        ps_table_say(t, "Amdahl%s: serial fraction %.3f%s: %s%s", name, m->serial_fraction,
                     interval(t, m), limit(t, m), caveat(t, m));
}

static void print_model(struct ps_table *t, const struct ps_model *m, const char *name)
{
    const char *trend = m->trend ? trend_words(m->trend) : NULL;

    print_fit(t, m, name);
    if (trend)
        ps_table_say(t, "Karp–Flatt%s (serial e, per thread count): %s", name, trend);
}

void ps_table_models(struct ps_table *t, const struct ps_block *b)
{
    size_t count = 0;
    bool placements = false;
    const struct ps_model *first = NULL;

    for (size_t i = 0; i < t->r->model_count; i++) {
        const struct ps_model *m = &t->r->models[i];

        if (strcmp(m->workload_label, b->points->workload_label))
            continue;
        first = first ? first : m;
        placements |= strcmp(m->placement, first->placement) != 0;
        count++;
    }
    if (count)
        ps_str_add(t->out, "\n");
    for (size_t i = 0; i < t->r->model_count; i++) {
        const struct ps_model *m = &t->r->models[i];
        const char *name = count > 1 ? m->strategy_label : "";

        if (strcmp(m->workload_label, b->points->workload_label))
            continue;
        name = ps_arena_format(&t->arena, "%s%s%s%s", count > 1 ? ", " : "", name,
                               placements ? ", " : "", placements ? m->placement : "");
        print_model(t, m, name);
    }
}
