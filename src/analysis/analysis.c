#include "analysis.h"

#include "assemble.h"
#include "headlines.h"
#include "load.h"
#include "stack.h"

static bool has_samples(const struct ps_point *p, const char *id)
{
    const struct ps_metric *m = ps_point_metric(p, id);

    return m && m->samples;
}

/* Whether what was lost is divided among the same terms: where only disturbed rounds know a clock,
 * say, their sums need a term that the clean ones don't have. */
static bool same_terms(const struct ps_point *a, const struct ps_point *b)
{
    for (unsigned i = 0; i < PS_STACK_TERMS; i++)
        if (has_samples(a, ps_stack_ids[i]) != has_samples(b, ps_stack_ids[i]))
            return false;
    return true;
}

static void tell_samples(struct ps_point *p, const struct ps_point *all)
{
    bool terms = same_terms(p, all);

    for (size_t k = 0; k < p->metric_count; k++) {
        struct ps_metric *m = &p->metrics[k];

        if (has_samples(all, m->id) && m->samples &&
            (terms || ps_stack_find(m->id) == PS_STACK_TERMS))
            m->samples = ps_point_metric(all, m->id)->samples;
    }
}

/* Estimates are of clean rounds; the samples told beside them are all, but for a stack that all
 * rounds would divide in another way. */
static void tell_all_samples(const struct ps_samples *s, struct ps_draws *draws,
                             struct ps_result *r)
{
    struct ps_result *all = ps_arena_alloc(s->arena, sizeof *all);
    struct ps_samples of_all = *s;

    of_all.draws = draws;
    assemble_result(&of_all, all);
    for (size_t i = 0; i < r->point_count; i++)
        tell_samples(&r->points[i], &all->points[i]);
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
        if (s->rounds && s->ended_by == PS_END_MAX_TIME)
            r->plan.widest = headlines_widest(&load.clean, r);
        for (size_t i = 0; i < r->point_count; i++)
            load_describe(s, &load, i, &r->points[i]);
        err = add_models(&load.clean, r);
    }
    if (!err && load.dropped)
        tell_all_samples(s, &load.draws, r);
    load_close(&load);
    if (err < 0)
        return ps_fail(e, -err, "out of memory");
    *result = r;
    return 0;
}

int ps_analyse_briefly(const struct ps_samples *s, const char *const *ids, size_t count,
                       struct ps_result **result, struct ps_err *e)
{
    struct ps_result *r = ps_arena_alloc(s->arena, sizeof *r);
    struct load load;
    int err = load_open(s, &load);

    if (!err) {
        assemble_briefly(s, ids, count, r);
        for (size_t i = 0; i < r->point_count; i++)
            load_describe(s, &load, i, &r->points[i]);
        err = s->plan->scales ? models_add_briefly(&load.clean, r) : 0;
    }
    load_close(&load);
    if (err < 0)
        return ps_fail(e, -err, "out of memory");
    *result = r;
    return 0;
}
