#include "experiment.h"

#include "analysis.h"
#include "check.h"
#include "deciding.h"
#include "findings.h"

int ps_experiment(const struct ps_plan *plan, const struct ps_measure_hooks *hooks,
                  struct ps_arena *a, struct ps_result **result, bool *stuck, struct ps_err *e)
{
    const bool compared = plan->request->command == PS_PLAN_COMPARE;
    const struct ps_stop_rules stop = {
        compared ? ps_deciding_done : ps_stop_precise,
        compared ? NULL : ps_stop_open,
        compared ? ps_deciding_too_wide : ps_stop_too_wide,
        ps_stop_checked,
        ps_stop_checks_open,
    };
    struct ps_measured m;
    int measured = ps_measure(plan, &stop, hooks, a, &m, e), err;

    *stuck = m.stuck;
    *result = NULL;
    if (!m.samples)
        return measured;
    err = ps_analyse(m.samples, result, e);
    if (err < 0)
        return err;
    ps_check_add(plan->checks, plan->check_count, *result);
    ps_findings_add(m.samples, *result);
    return measured;
}
