#include "trying.h"

#include <errno.h>

#include "analysis.h"
#include "build.h"
#include "runtimes.h"

static int plan_of(const struct ps_plan *plan, const struct ps_request *r, struct ps_arena *a,
                   struct ps_plan **with, struct ps_err *e)
{
    struct ps_request *kept = ps_arena_alloc(a, sizeof *kept);

    *kept = *r;
    return ps_plan_build(kept, plan->dry, a, with, e);
}

/* One execution that is looked at, and one round, as measuring takes one. */
static int look(const struct ps_plan *plan, const struct ps_measure_hooks *hooks,
                struct ps_arena *a, struct ps_measured *m, struct ps_err *e)
{
    static const struct ps_stop_rules stop = {ps_stop_precise, NULL, ps_stop_too_wide,
                                              ps_stop_checked, ps_stop_checks_open};
    struct ps_request r = *plan->request;
    struct ps_plan *once;
    int err;

    r.runs = r.warmup = 1;
    r.check_count = 0;
    r.diagnose = PS_DIAGNOSE_NEVER;
    err = plan_of(plan, &r, a, &once, e);
    return err < 0 ? err : ps_measure(once, &stop, hooks, a, m, e);
}

static unsigned seen_of(const struct ps_plan *plan, const struct ps_program_seen *p)
{
    const struct ps_topology *t = plan->topology;
    unsigned seen = 0;

    if (p->runtimes & (PS_RUNTIME_LIBGOMP | PS_RUNTIME_LIBOMP))
        seen |= PS_SEEN_OPENMP;
    if (p->threads.at_once > 1)
        seen |= PS_SEEN_THREADS;
    if (p->threads.at_once == 1)
        seen |= PS_SEEN_ALONE;
    if (t->cpu_count > t->cores)
        seen |= PS_SEEN_SIBLINGS;
    if (t->nodes > 1)
        seen |= PS_SEEN_NODES;
    if (!plan->request->cpus)
        seen |= PS_SEEN_FREE;
    return seen;
}

static bool has_openmp(const struct ps_program_seen *p)
{
    return p->runtimes & (PS_RUNTIME_LIBGOMP | PS_RUNTIME_LIBOMP);
}

static const char *runtime_name(const struct ps_program_seen *p)
{
    return has_openmp(p)                  ? "OpenMP's threads"
           : p->runtimes & PS_RUNTIME_TBB ? "TBB's threads"
                                          : "threads";
}

/* What was seen of it, as a predicate. */
static const char *sight(const struct ps_program_seen *p, struct ps_arena *a)
{
    if (p->threads.at_once > 1)
        return ps_arena_format(a, "uses %s, with %zu threads at work", runtime_name(p),
                               p->threads.at_once);
    if (has_openmp(p))
        return p->threads.at_once ? "has OpenMP, but one thread at work" : "has OpenMP";
    return p->threads.at_once ? "has one thread at work" : "is too short to be observed";
}

int ps_experiment_trying(const struct ps_plan *plan, const struct ps_measure_hooks *hooks,
                         struct ps_arena *a, struct ps_result **result, bool *stuck,
                         struct ps_err *e)
{
    const struct ps_outside_host host = ps_plan_outside_host(plan);
    struct ps_request r = *plan->request;
    struct ps_measured m = {0};
    const struct ps_program_seen *seen;
    struct ps_plan *all;
    int err = look(plan, hooks, a, &m, e);

    *result = NULL;
    *stuck = m.stuck;
    if (err < 0)
        return err;
    seen = m.samples->series[0].program;
    r.tries = false;
    r.strategies = ps_outside_worth(seen_of(plan, seen), &host, a);
    if (hooks->notice)
        hooks->notice(ps_arena_format(a, "%s %s: trying %s", plan->workloads[0].bound->label,
                                      sight(seen, a), r.strategies ? r.strategies : "nothing"));
    err = plan_of(plan, &r, a, &all, e);
    return err < 0 ? err : ps_experiment(all, hooks, a, result, stuck, e);
}
