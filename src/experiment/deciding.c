#include "deciding.h"

#include <math.h>

#include "analysis.h"
#include "compare.h"

/* The table's arena lives as long as the report; a look needs none of it afterwards. */
static double undecided(struct ps_samples s, const struct ps_compare_request *q, struct ps_arena *a)
{
    const char *ids[PS_MOST_COMPARED];
    size_t count = ps_compare_metrics(q, ids);
    struct ps_comparison *c;
    struct ps_result *r;
    struct ps_err e = {""};

    s.arena = a;
    if (ps_analyse_briefly(&s, ids, count, &r, &e) < 0 || ps_compare_programs(r, q, a, &c, &e) < 0)
        return INFINITY;
    return ps_comparison_undecided(c);
}

double ps_deciding_too_wide(const struct ps_samples *s)
{
    const struct ps_request *r = s->plan->request;
    const struct ps_compare_request q = {
        .metrics = r->compare.metrics,
        .metric_count = r->compare.metric_count,
        .threshold = r->compare.threshold,
        .seed = r->seed,
    };
    struct ps_arena a;
    double factor;

    ps_arena_init(&a, s->arena->on_oom);
    factor = undecided(*s, &q, &a);
    ps_arena_finish(&a);
    return r->compare.precise ? fmax(factor, ps_stop_ratios_too_wide(s)) : factor;
}

bool ps_deciding_done(const struct ps_samples *s)
{
    return ps_deciding_too_wide(s) <= 1;
}
