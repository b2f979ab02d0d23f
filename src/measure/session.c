#include "session.h"

#include <errno.h>
#include <math.h>
#include <time.h>

#include "ticks.h"

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

/* A workload's baseline comes before its other points; so does one per core in smt-compare. */
static void set_references(struct session *s, size_t i)
{
    struct lane *l = &s->lanes[i], *before = i ? l - 1 : NULL;
    const struct ps_plan_point *p = l->plan;

    if (before && before->plan->workload != p->workload)
        before = NULL;
    l->baseline = p->baseline ? l : before ? before->baseline : NULL;
    if (p->placement == PS_PLACE_ONE_PER_CORE)
        l->one_per_core = l;
    else if (before)
        l->one_per_core = before->one_per_core;
}

static void set_lanes(struct session *s)
{
    s->lane_count = s->plan->point_count;
    s->lanes = ps_arena_array(s->arena, s->lane_count, sizeof *s->lanes);
    for (size_t i = 0; i < s->lane_count; i++) {
        struct lane *l = &s->lanes[i];

        l->plan = &s->plan->points[i];
        l->workload = &s->plan->workloads[l->plan->workload];
        l->focus = true;
        l->crash =
            ps_catalog_note(s->plan->request->catalog, l->workload->ops, l->plan->strategy,
                            s->arena, "while measuring %s under %s with %u threads",
                            l->workload->bound->label, l->plan->options->label, l->plan->threads);
        set_references(s, i);
    }
}

static const struct lane_ops *choose_ops(const struct ps_plan *p)
{
    if (p->fake)
        return p->programs ? &fake_program_lane_ops : &fake_workload_lane_ops;
    return p->programs ? &program_lane_ops : &workload_lane_ops;
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

int session_open(struct session *s)
{
    const struct ps_plan *p = s->plan;
    int err = open_counters(s);

    if (err < 0)
        return err;
    s->event_count = ps_counters_events(s->counters, &s->events);
    s->raw_count = RAW_FIXED + s->event_count;
    s->read_cost = ps_counters_read_cost(s->counters);
    s->count_cost = isnan(s->read_cost) ? BARE_COUNT : s->read_cost;
    set_lanes(s);
    grain_curves_find(s);
    s->ops = choose_ops(p);
    return s->ops->open(s);
}

void session_close(struct session *s)
{
    if (s->ops)
        s->ops->close(s);
    ps_crash_note(NULL);
}
