#include "samples.h"

#include <math.h>

static size_t unit_of(const struct ps_samples *s, const struct ps_plan_point *p)
{
    return s->plan->workloads[p->workload].unit;
}

/* A workload's baseline comes before its other points; so does one per core in smt-compare. */
static void set_references(struct ps_samples *s, size_t i)
{
    struct ps_series *p = &s->series[i], *before = i ? p - 1 : NULL;
    const struct ps_plan_point *plan = p->plan;

    if (before && unit_of(s, before->plan) != unit_of(s, plan))
        before = NULL;
    p->baseline = plan->baseline ? p : before ? before->baseline : NULL;
    if (plan->placement == PS_PLACE_ONE_PER_CORE)
        p->one_per_core = p;
    else if (before)
        p->one_per_core = before->one_per_core;
}

void ps_samples_init(struct ps_samples *s, const struct ps_plan *plan, struct ps_arena *a)
{
    *s = (struct ps_samples){
        .plan = plan,
        .arena = a,
        .read_cost = NAN,
        .series_count = plan->point_count,
        .column_count = PS_RAW_FIXED,
    };
    s->series = ps_arena_array(a, s->series_count, sizeof *s->series);
    for (size_t i = 0; i < s->series_count; i++) {
        s->series[i].plan = &plan->points[i];
        s->series[i].workload = &plan->workloads[plan->points[i].workload];
        set_references(s, i);
    }
}

void ps_samples_lay(const struct ps_samples *s, struct ps_series *p, double *rows, size_t rounds)
{
    for (unsigned i = 0; ps_raw_begin(i) < rounds; i++)
        p->raw[i] = rows + ps_raw_begin(i) * s->column_count;
}

void ps_samples_grow(struct ps_samples *s)
{
    s->neighbour = ps_arena_grow(s->arena, s->neighbour, s->rounds, sizeof *s->neighbour);
    s->neighbour[s->rounds] = NAN;
    for (size_t i = 0; i < s->series_count; i++) {
        struct ps_series *p = &s->series[i];

        unsigned block = ps_raw_block(s->rounds);

        if (!p->raw[block])
            p->raw[block] = ps_arena_array(s->arena, (size_t)PS_RAW_FIRST << block,
                                           s->column_count * sizeof *p->raw[block]);
        for (size_t k = 0; k < s->column_count; k++)
            ps_raw(s, p, s->rounds)[k] = NAN;
    }
}

void ps_sums_doubt(struct ps_sums *sums, size_t event, const char *doubt)
{
    if (!sums->event_doubt[event] || !ps_count_doubt_is_turn(doubt))
        sums->event_doubt[event] = doubt;
}
