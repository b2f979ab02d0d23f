#include "analysis.h"

#include "assemble.h"

int ps_analyse(const struct ps_samples *s, struct ps_result **result, struct ps_err *e)
{
    struct ps_result *r = ps_arena_alloc(s->arena, sizeof *r);
    int err = 0;

    assemble_result(s, r);
    if (s->plan->scales)
        err = models_add(s, r);
    if (!err)
        err = grain_models_add(s, r);
    if (err < 0)
        return ps_fail(e, -err, "out of memory");
    if (s->plan->request->command == PS_PLAN_SMT_COMPARE)
        smt_models_add(s, r);
    *result = r;
    return 0;
}
