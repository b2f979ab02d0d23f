#include "core_kinds.h"

#include <math.h>

/* A hardware event of a hybrid CPU belongs to one kind of core, and holds its whole set there. */
static void mark_one_kind(struct ps_counters *c)
{
    for (size_t s = 0; s < c->set_count; s++) {
        const struct ps_event_set *set = &c->sets[s];
        bool hardware = false;

        for (size_t i = set->first; i < set->first + set->count; i++)
            hardware |= ps_attr_hardware(&c->attrs[c->order[i]]);
        for (size_t i = set->first; i < set->first + set->count; i++)
            c->events[c->order[i]].one_kind =
                hardware && c->perf.pmu == PS_PMU_HYBRID && c->kind[c->order[i]] == PS_ANY_KIND;
    }
}

static bool is_open(const struct ps_counters *c, size_t i)
{
    return !c->events[i].total && c->events[i].state != PS_COUNT_UNAVAILABLE;
}

static size_t index_of(const struct ps_counters *c, const struct ps_event *event)
{
    return (size_t)(event - c->events);
}

static bool is_part(const struct ps_counters *c, size_t part, const struct ps_event *total)
{
    return !c->events[part].total && c->events[part].total_of == (ptrdiff_t)index_of(c, total) &&
           c->wish[part] == c->wish[index_of(c, total)];
}

/* A sum is no better than the worst of its parts. */
static void set_total(struct ps_counters *c, struct ps_event *total, struct ps_arena *a)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct ps_event *part = &c->events[i];

        if (!is_part(c, i, total) || part->state <= total->state)
            continue;
        total->state = part->state;
        total->reason = part->state == PS_COUNT_UNAVAILABLE
                            ? ps_arena_format(a, "%s: %s", part->kind, part->reason)
                            : part->reason;
    }
}

/* What always counts on a kind of core tells how long the thread was there. */
static void set_references(struct ps_counters *c)
{
    c->witness = -1;
    for (size_t k = 0; k < PS_MAX_KINDS; k++)
        c->reference[k] = -1;
    for (size_t i = c->count; i-- > 0;) {
        if (c->kind[i] != PS_ANY_KIND && c->wish[i] == PS_WISH_DEFAULT && is_open(c, i))
            c->witness = c->reference[c->kind[i]] = (ptrdiff_t)i;
    }
}

void ps_core_kinds_set(struct ps_counters *c, struct ps_arena *a)
{
    mark_one_kind(c);
    set_references(c);
    for (size_t i = 0; i < c->count; i++) {
        if (c->events[i].total)
            set_total(c, &c->events[i], a);
    }
}

/* The time that a part could have counted: that of the thread on its kind of core. */
static void settle_part(const struct ps_counters *c, struct ps_counts *s, size_t i)
{
    const ptrdiff_t reference = c->reference[c->kind[i]];

    s->enabled_ns[i] = s->running_ns[reference >= 0 ? (size_t)reference : i];
    if ((double)s->running_ns[i] > PS_KIND_COVERAGE * (double)s->enabled_ns[i])
        s->enabled_ns[i] = s->running_ns[i];
}

static void settle_total(const struct ps_counters *c, struct ps_counts *s, size_t total)
{
    double value = 0;

    s->enabled_ns[total] = s->running_ns[total] = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (!is_part(c, i, &c->events[total]))
            continue;
        value += ps_count_scaled(&c->events[i], s, i);
        s->enabled_ns[total] += s->enabled_ns[i];
        s->running_ns[total] += s->running_ns[i];
    }
    s->value[total] = (uint64_t)llround(value);
}

void ps_counts_settle(const struct ps_counters *c, struct ps_counts *s)
{
    if (c->perf.kind_count == 0)
        return;
    for (size_t i = 0; i < c->count; i++) {
        if (c->kind[i] != PS_ANY_KIND)
            settle_part(c, s, i);
    }
    for (size_t i = 0; i < c->count; i++) {
        if (c->events[i].total)
            settle_total(c, s, i);
    }
}
