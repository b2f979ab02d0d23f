#include "follow.h"

#include <math.h>
#include <string.h>

#include "stack.h"

#define SAME 1e-9

/* over / under, of the same round, by what is the same in all. USEFUL: per CPU, of what the stack
 * takes for useful; LESS: over - under. */
struct rule {
    const char *id, *over, *under; /* NULL: 1 */
    enum { ALONE, PER_CPU, USEFUL, OF_ITEMS, PER_ITEM, LESS } by;
    bool relative; /* `over` is the reference's, for as much work */
};

static const struct rule rules[] = {
    {"speedup", "wall_time", "wall_time", ALONE, true},
    {"efficiency", "wall_time", "wall_time", PER_CPU, true},
    {"stack_efficiency", "wall_time", "wall_time", PER_CPU, true},
    {"parallel_efficiency", "cpu_time", "wall_time", USEFUL},
    {"utilization", "cpu_time", "wall_time", PER_CPU},
    {"cpus_used", "cpu_time", "wall_time", ALONE},
    {"throughput", NULL, "wall_time", OF_ITEMS},
    {"items_per_cycle", NULL, "cycles", OF_ITEMS},
    {"cycles_per_item", "cycles", NULL, PER_ITEM},
    {"ipc", "instructions", "cycles", ALONE},
    {"frequency", "cycles", "cpu_time", ALONE},
    {"serial_time", "wall_time", "region_time", LESS},
};

static const struct rule *rule_of(const char *id)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(rules[i].id, id))
            return &rules[i];
    return NULL;
}

/* What a rule needs of a point. */
struct source {
    const struct rule *rule;
    const double *over, *under;
    const double *busy, *region; /* of a workload that tells them, else NULL */
    double factor;
};

static double factor_of(const struct rule *rule, const struct ps_point *p,
                        const struct ps_point *reference)
{
    double work = rule->relative ? p->items / reference->items : 1;

    if (rule->by == PER_CPU || rule->by == USEFUL)
        return work * ps_point_value(p, "efficiency") / ps_point_value(p, "speedup");
    if (rule->by == OF_ITEMS)
        return p->items;
    return rule->by == PER_ITEM ? 1 / p->items : work;
}

static bool find(const struct ps_point *p, const char *id, const double **samples)
{
    const struct ps_metric *m = id ? ps_point_metric(p, id) : NULL;

    *samples = m ? m->samples : NULL;
    return !id || *samples;
}

static bool source_of(const struct ps_point *p, const struct ps_point *reference, const char *id,
                      struct source *s)
{
    const struct ps_point *first = p;

    s->rule = rule_of(id);
    if (s->rule && s->rule->relative)
        first = reference && reference->rounds == p->rounds ? reference : NULL;
    if (!s->rule || !first || !find(first, s->rule->over, &s->over) ||
        !find(p, s->rule->under, &s->under))
        return false;
    find(p, "busy_time", &s->busy);
    find(p, "region_time", &s->region);
    s->factor = factor_of(s->rule, p, first);
    return isfinite(s->factor);
}

static double useful_at(const struct source *s, size_t round)
{
    const double wall = s->under[round];

    return ps_stack_useful(&(struct ps_stack_times){
        .cpu = s->over[round],
        .busy = s->busy ? s->busy[round] : NAN,
        .serial = s->region ? wall - fmin(s->region[round], wall) : NAN,
    });
}

static double value_at(const struct source *s, size_t round)
{
    double over = s->over ? s->over[round] : 1, under = s->under ? s->under[round] : 1;
    double x;

    if (s->rule->by == USEFUL)
        over = useful_at(s, round);
    x = s->rule->by == LESS ? over - under : s->factor * over / under;
    return isfinite(x) ? x : NAN;
}

static bool same(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : fabs(a - b) <= SAME * fabs(b);
}

bool ps_result_is_long(size_t points, size_t rounds)
{
    return rounds && points > PS_LONG_ROUNDS / rounds;
}

bool ps_samples_follow(const struct ps_point *p, const struct ps_point *reference,
                       const struct ps_metric *m)
{
    struct source s;

    if (!rule_of(m->id))
        return ps_stack_find(m->id) < PS_STACK_TERMS;
    if (!source_of(p, reference, m->id, &s))
        return false;
    for (size_t r = 0; r < p->rounds; r++)
        if (!same(value_at(&s, r), m->samples[r]))
            return false;
    return true;
}

const double *ps_point_samples(const struct ps_point *p, const struct ps_point *reference,
                               const char *id, struct ps_arena *a)
{
    const struct ps_metric *m = ps_point_metric(p, id);
    struct source s;
    double *samples;

    if (!m || m->samples || m->quality == PS_UNAVAILABLE || !source_of(p, reference, id, &s))
        return m ? m->samples : NULL;
    samples = ps_arena_array(a, p->rounds, sizeof *samples);
    for (size_t r = 0; r < p->rounds; r++)
        samples[r] = value_at(&s, r);
    return samples;
}
