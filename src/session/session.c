#include "session.h"

#include <errno.h>
#include <math.h>
#include <time.h>

#include "ticks.h"

#define BARE_COUNT 2e-6       /* s that CPU time and switches alone cost, at most */
#define GRACE_NS   500000000u /* that a trial has to end after an interrupt */

double session_elapsed(const struct session *s)
{
    return (double)(ps_now_ns() - s->start_ns) * 1e-9;
}

bool session_interrupted(const struct session *s)
{
    return s->hooks->interrupted &&
           atomic_load_explicit(s->hooks->interrupted, memory_order_relaxed);
}

void session_idle(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
        ;
}

int session_wait(struct session *s, int (*wait)(void *obj, uint64_t deadline_ns), void *obj)
{
    uint64_t deadline = 0;

    for (;;) {
        int err = wait(obj, deadline);

        if (!err)
            return session_interrupted(s) ? -EINTR : 0;
        if (err == -ETIMEDOUT) {
            s->stuck = true;
            return -EINTR;
        }
        if (!deadline && session_interrupted(s))
            deadline = ps_now_ns() + GRACE_NS;
    }
}

static void set_targets(struct session *s)
{
    s->target_count = s->samples.series_count;
    s->targets = ps_arena_array(s->arena, s->target_count, sizeof *s->targets);
    for (size_t i = 0; i < s->target_count; i++) {
        struct target *t = &s->targets[i];

        t->series = &s->samples.series[i];
        t->plan = t->series->plan;
        t->workload = t->series->workload;
        t->focus = true;
        t->crash =
            ps_catalog_note(s->plan->request->catalog, t->workload->ops, t->plan->strategy,
                            s->arena, "while measuring %s under %s with %u threads",
                            t->workload->bound->label, t->plan->options->label, t->plan->threads);
    }
}

void session_add_workers(const struct session *s, struct target *t)
{
    const struct ps_plan_point *p = t->plan;
    struct ps_sums *sums = &t->series->sums;

    sums->workers = ps_arena_array(s->arena, p->threads, sizeof *sums->workers);
    sums->worker_counts =
        ps_arena_array(s->arena, p->threads * s->samples.event_count, sizeof *sums->worker_counts);
    for (unsigned i = 0; i < p->threads; i++)
        sums->workers[i].cpu = p->cpus[i];
}

static int open_counters(struct session *s)
{
    const struct ps_plan *p = s->plan;
    const struct ps_event_request request = {
        .extra = {.names = p->events, .groups = p->event_groups, .count = p->event_count},
        .none = p->no_events || p->fake,
        .levels =
            (p->request->user ? PS_LEVEL_USER : 0) | (p->request->kernel ? PS_LEVEL_KERNEL : 0),
    };

    return ps_counters_open_request(s->arena, &request, &s->counters, s->error);
}

int session_open(struct session *s, const struct target_ops *ops)
{
    int err = open_counters(s);

    if (err < 0)
        return err;
    s->samples.counters = s->counters;
    s->samples.event_count = ps_counters_events(s->counters, &s->samples.events);
    s->samples.column_count = PS_RAW_FIXED + s->samples.event_count;
    s->samples.read_cost = ps_counters_read_cost(s->counters);
    s->count_cost = isnan(s->samples.read_cost) ? BARE_COUNT : s->samples.read_cost;
    set_targets(s);
    s->ops = ops;
    return s->ops->open(s);
}

void session_close(struct session *s)
{
    if (s->ops)
        s->ops->close(s);
    ps_crash_note(NULL);
}
