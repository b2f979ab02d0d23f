#include "part.h"

#include <math.h>
#include <string.h>

static void execute(struct part *p, struct parscope_exec *x, uint64_t reps)
{
    const struct parscope_workload *ops = p->target->workload->ops;
    uint64_t start;

    if (p->group)
        ps_group_begin(p->group);
    start = ps_now_ns();
    for (uint64_t i = 0; i < reps && !p->error && !session_interrupted(p->session); i++) {
        p->error = ops->run(p->target->state, x);
        p->done++;
        if (ops->done)
            p->items += ops->done(p->target->state);
    }
    p->wall_ns += ps_now_ns() - start;
    if (p->group)
        ps_group_end(p->group);
}

static void part_main(void *arg, struct parscope_exec *x)
{
    struct part *p = arg;

    p->target->caller = pthread_self();
    p->begin = ps_tick_mark();
    if (p->gap > 0) {
        for (uint64_t i = 0; i < p->reps && !p->error && !session_interrupted(p->session); i++) {
            session_idle(p->gap);
            execute(p, x, 1);
        }
    } else {
        execute(p, x, p->reps);
    }
    p->end = ps_tick_mark();
}

/* The caller's group covers whole executions; the others' their shares of regions. A process that
 * was forked by the caller looks like it. */
static bool is_apart(const struct target *t)
{
    return t->plan->strategy->forks || !pthread_equal(t->caller, pthread_self());
}

static void probe_begin(void *ctx, unsigned slot)
{
    const struct target *t = ctx;

    if (is_apart(t))
        ps_group_begin(t->groups[slot]);
}

static void probe_end(void *ctx, unsigned slot)
{
    const struct target *t = ctx;

    if (is_apart(t))
        ps_group_end(t->groups[slot]);
}

static int wait_trial(void *instance, uint64_t deadline_ns)
{
    return ps_trial_wait(instance, deadline_ns);
}

static int part_failed(struct session *s, const struct target *t, int err)
{
    const char *why = t->instance->fault ? t->instance->fault : strerror(ps_workload_errno(err));

    return ps_fail(s->error, ps_workload_errno(err), "%s under %s with %u threads: %s",
                   t->workload->bound->label, t->plan->options->label, t->plan->threads, why);
}

static void reset_groups(struct target *t)
{
    for (unsigned i = 0; i <= t->plan->threads; i++)
        ps_group_reset(t->groups[i]);
}

/* The part must outlive this call where the session is stuck, hence the arena. */
int part_run(struct session *s, struct target *t, uint64_t reps, double gap, bool counted,
             struct part *out)
{
    struct part *p = ps_arena_alloc(s->arena, sizeof *p);
    struct ps_probe probe = {probe_begin, probe_end, t};
    int err;

    *p = (struct part){.session = s, .target = t, .reps = reps, .gap = gap};
    if (counted) {
        p->group = t->groups[t->plan->threads];
        reset_groups(t);
    }
    ps_trial_start(t->instance, counted ? &probe : NULL, part_main, p);
    err = session_wait(s, wait_trial, t->instance);
    if (!err && p->error)
        err = part_failed(s, t, p->error);
    if (!err)
        *out = *p;
    return err;
}

/* Of workloads that run for a given time an execution is what does all items once, at the rate that
 * was seen; NaN where nothing was done. */
double part_executions(const struct part *p)
{
    double count = (double)p->done;

    if (p->target->workload->ops->done)
        count = p->items / p->target->workload->size.items;
    return count > 0 ? count : NAN;
}

double part_wall(const struct part *p)
{
    return (double)p->wall_ns * 1e-9 / part_executions(p);
}

/* What one execution takes, however much it does. */
double part_time(const struct part *p)
{
    return (double)p->wall_ns * 1e-9 / (double)p->done;
}

/* In s. */
double part_tick(const struct part *p)
{
    return ps_tick_ns(p->begin, p->end) * 1e-9;
}
