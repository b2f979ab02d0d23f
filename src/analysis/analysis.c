#include "analysis.h"

#include "assemble.h"
#include "load.h"

/* Estimates are of clean rounds; the samples told beside them are all. */
static void tell_all_samples(const struct ps_samples *s, struct ps_result *r)
{
    struct ps_result *all = ps_arena_alloc(s->arena, sizeof *all);

    assemble_result(s, all);
    for (size_t i = 0; i < r->point_count; i++)
        for (size_t k = 0; k < r->points[i].metric_count; k++) {
            struct ps_metric *m = &r->points[i].metrics[k];
            const struct ps_metric *full = ps_point_metric(&all->points[i], m->id);

            if (m->samples && full && full->samples)
                m->samples = full->samples;
        }
}

static int add_models(const struct ps_samples *s, struct ps_result *r)
{
    int err = s->plan->scales ? models_add(s, r) : 0;

    if (!err)
        err = grain_models_add(s, r);
    if (!err && s->plan->request->command == PS_PLAN_SMT_COMPARE)
        smt_models_add(s, r);
    return err;
}

int ps_analyse(const struct ps_samples *s, struct ps_result **result, struct ps_err *e)
{
    struct ps_result *r = ps_arena_alloc(s->arena, sizeof *r);
    struct load load;
    int err = load_open(s, &load);

    if (!err) {
        assemble_result(&load.clean, r);
        for (size_t i = 0; i < r->point_count; i++)
            load_describe(s, &load, i, &r->points[i]);
        err = add_models(&load.clean, r);
    }
    if (!err && load.dropped)
        tell_all_samples(s, r);
    load_close(&load);
    if (err < 0)
        return ps_fail(e, -err, "out of memory");
    *result = r;
    return 0;
}
