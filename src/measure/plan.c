#include "plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "fake.h"
#include "names.h"
#include "registry.h"
#include "str.h"
#include "units.h"

struct choice {
    const struct ps_strategy *strategy;
    struct ps_bound *options;
};

/* What the request says, parsed, before it is multiplied out. */
struct axes {
    struct choice *strategies;
    size_t strategy_count;
    bool default_strategies;
    unsigned *threads;
    size_t thread_count;
    enum ps_placement *placements;
    size_t placement_count;
    int *cpus;
    size_t cpu_count;
    uint64_t listed; /* entries of CPU lists so far */
};

static int check_topology(const struct ps_topology *t, bool dry, bool fake, struct ps_err *e)
{
    if (t->real || dry || fake)
        return 0;
    return ps_fail(e, EINVAL,
                   "%s describes a machine that is not this one, so nothing can be measured on it: "
                   "add --dry-run to see the plan, or unset the variable",
                   t->source);
}

static int parse_events(struct ps_plan *p, const struct ps_request *r, struct ps_arena *a,
                        struct ps_err *e)
{
    for (size_t i = 0; i < r->event_count; i++) {
        const char **names;
        size_t count;
        int err = ps_events_split(r->events[i], a, &names, &count, e);

        for (size_t k = 0; !err && k < count; k++) {
            if (!strcmp(names[k], "none")) {
                p->no_events = true;
                continue;
            }
            err = ps_event_check(names[k], e);
            p->events = ps_arena_grow(a, p->events, p->event_count, sizeof *p->events);
            p->events[p->event_count++] = names[k];
        }
        if (err < 0)
            return err;
    }
    if (p->no_events && p->event_count)
        return ps_fail(e, EINVAL, "-e none excludes every other -e");
    return 0;
}

static int unknown_workload(const char *name, struct ps_err *e)
{
    const char *names[256];
    size_t count = 0;

    while (ps_workloads[count] && count < 256) {
        names[count] = ps_workloads[count]->name;
        count++;
    }
    return ps_unknown("workload", name, names, count, "see 'parscope list workloads'", e);
}

static int unknown_strategy(const char *name, struct ps_err *e)
{
    const char *names[256];
    size_t count = 0;

    while (ps_strategies[count] && count < 256) {
        names[count] = ps_strategies[count]->name;
        count++;
    }
    return ps_unknown("strategy", name, names, count, "see 'parscope list strategies'", e);
}

static int add_workload(struct ps_plan *p, const struct parscope_workload *ops,
                        struct ps_bound *bound, struct ps_arena *a, struct ps_err *e)
{
    struct ps_plan_workload *w;
    char why[256] = "";
    struct parscope_size size = {0};
    int err;

    for (size_t i = 0; i < p->workload_count; i++)
        if (!strcmp(p->workloads[i].bound->label, bound->label))
            return 0;
    err = ops->size(bound->values, &size, why, sizeof why);
    if (err < 0)
        return ps_fail(e, -err, "%s: %s", bound->label, why);
    p->workloads = ps_arena_grow(a, p->workloads, p->workload_count, sizeof *p->workloads);
    w = &p->workloads[p->workload_count++];
    *w = (struct ps_plan_workload){.ops = ops, .bound = bound, .size = size, .slots = 1};
    return 0;
}

static int parse_workloads(struct ps_plan *p, const char *text, struct ps_arena *a,
                           struct ps_err *e)
{
    struct ps_spec *specs;
    size_t count;
    int err = ps_spec_parse(text, "workload", a, &specs, &count, e);

    for (size_t i = 0; !err && i < count; i++) {
        const struct parscope_workload *ops = ps_workload_find(specs[i].name);
        struct ps_bound *bound;
        size_t bound_count;

        if (!ops)
            return unknown_workload(specs[i].name, e);
        err = ps_spec_bind(&specs[i], "workload", ops->params, a, &bound, &bound_count, e);
        for (size_t k = 0; !err && k < bound_count; k++)
            err = add_workload(p, ops, &bound[k], a, e);
    }
    return err;
}

static int parse_strategies(struct axes *x, const char *text, struct ps_arena *a, struct ps_err *e)
{
    struct ps_spec *specs;
    size_t count;
    int err = ps_spec_parse(text, "strategy", a, &specs, &count, e);

    for (size_t i = 0; !err && i < count; i++) {
        const struct ps_strategy *s = ps_strategy_find(specs[i].name);
        struct ps_bound *bound;
        size_t bound_count;

        if (!s)
            return unknown_strategy(specs[i].name, e);
        err = ps_spec_bind(&specs[i], "strategy", s->params, a, &bound, &bound_count, e);
        for (size_t k = 0; !err && k < bound_count; k++) {
            x->strategies =
                ps_arena_grow(a, x->strategies, x->strategy_count, sizeof *x->strategies);
            x->strategies[x->strategy_count++] = (struct choice){s, &bound[k]};
        }
    }
    return err;
}

static int parse_placements(struct axes *x, const struct ps_request *r, const struct ps_topology *t,
                            struct ps_arena *a, struct ps_err *e)
{
    char *rest = ps_arena_copy(a, r->placement ? r->placement : "spread"), *token;

    if (r->cpus && r->placement)
        return ps_fail(e, EINVAL,
                       "--cpus says where threads go, so --placement can't be given too");
    if (r->cpus) {
        x->placements = ps_arena_array(a, 1, sizeof *x->placements);
        x->placements[0] = PS_PLACE_LIST;
        x->placement_count = 1;
        return ps_cpu_list_parse(t, r->cpus, a, &x->cpus, &x->cpu_count, e);
    }
    while ((token = strsep(&rest, ","))) {
        enum ps_placement placement;
        int err = ps_placement_parse(token, &placement, e);

        if (err < 0)
            return err;
        if (placement == PS_PLACE_LIST)
            return ps_fail(e, EINVAL, "placement 'list' needs the CPUs: give --cpus instead");
        x->placements = ps_arena_grow(a, x->placements, x->placement_count, sizeof *x->placements);
        x->placements[x->placement_count++] = placement;
    }
    return 0;
}

static bool is_sweep(const struct ps_request *r)
{
    return !strcmp(r->command, "sweep");
}

static int parse_threads(struct axes *x, const struct ps_request *r, const struct ps_topology *t,
                         struct ps_arena *a, struct ps_err *e)
{
    char cpus[24];
    const char *text = r->threads ? r->threads : is_sweep(r) ? "pow2" : "cores";
    int err;

    if (!r->threads && x->cpu_count && !is_sweep(r)) {
        snprintf(cpus, sizeof cpus, "%zu", x->cpu_count);
        text = cpus;
    }
    /* The one-thread point is a reference of every sweep. */
    if (is_sweep(r) && r->threads)
        text = ps_arena_format(a, "1,%s", r->threads);
    err = ps_threads_parse(text, t, a, &x->threads, &x->thread_count, e);
    return err;
}

static unsigned distinct_cpus(const struct ps_plan *p, const struct axes *x,
                              enum ps_placement placement, unsigned threads)
{
    unsigned cpus = placement == PS_PLACE_LIST ? (unsigned)x->cpu_count : p->topology->cpu_count;

    if (!isnan(p->host.cpu_quota) && p->host.cpu_quota < cpus)
        cpus = p->host.cpu_quota < 1 ? 1 : (unsigned)p->host.cpu_quota;
    return threads < cpus ? threads : cpus;
}

static int add_point(struct ps_plan *p, struct axes *x, size_t workload, struct choice c,
                     enum ps_placement placement, unsigned threads, struct ps_arena *a,
                     struct ps_err *e)
{
    struct ps_plan_point *point;

    x->listed += threads;
    if (p->point_count >= PS_MAX_POINTS || x->listed > PS_MAX_CPU_LISTS)
        return ps_fail(e, E2BIG,
                       "the plan has too many points (at most %d, with %u threads in all)",
                       PS_MAX_POINTS, PS_MAX_CPU_LISTS);
    p->points = ps_arena_grow(a, p->points, p->point_count, sizeof *p->points);
    point = &p->points[p->point_count++];
    *point = (struct ps_plan_point){
        .workload = workload,
        .strategy = c.strategy,
        .options = c.options,
        .threads = threads,
        .placement = placement,
        .cpus = ps_arena_array(a, threads, sizeof *point->cpus),
        .distinct_cpus = distinct_cpus(p, x, placement, threads),
    };
    ps_place(p->topology, placement, x->cpus, x->cpu_count, threads, point->cpus);
    if (threads > p->workloads[workload].slots)
        p->workloads[workload].slots = threads;
    return 0;
}

/* An execution that would hand over its items one by one for longer than the whole run may take. */
static int check_items(const struct ps_plan *p, const struct ps_plan_workload *w,
                       const struct ps_strategy *s, struct ps_err *e)
{
    double cost = s->per_item ? (double)w->size.tasks * s->item_cost : 0;
    char items[32], time[32];

    if (cost <= fmax(p->request->max_time, 10))
        return 0;
    ps_format_count(items, sizeof items, w->size.tasks);
    ps_format_time(time, sizeof time, cost);
    return ps_fail(
        e, E2BIG,
        "%s under %s: %s items, each handed over on its own, take about %s an execution: "
        "give it a smaller size, or raise --max-time",
        w->bound->label, s->name, items, time);
}

static int choose_baseline(struct ps_plan *p, struct axes *x, size_t workload, struct ps_arena *a,
                           struct ps_err *e)
{
    struct choice c = {.strategy = ps_strategy_find("sequential")};
    struct ps_spec spec = {.name = "sequential"};
    size_t count;
    int err = ps_spec_bind(&spec, "strategy", c.strategy->params, a, &c.options, &count, e);

    if (!err)
        err = add_point(p, x, workload, c, x->placements[0], 1, a, e);
    if (!err)
        p->points[p->point_count - 1].baseline = true;
    return err;
}

static int add_choice(struct ps_plan *p, struct axes *x, size_t workload, struct choice c,
                      struct ps_arena *a, struct ps_err *e)
{
    int err = check_items(p, &p->workloads[workload], c.strategy, e);

    for (size_t i = 0; !err && i < x->placement_count; i++)
        for (size_t k = 0; !err && k < x->thread_count; k++)
            err = add_point(p, x, workload, c, x->placements[i], x->threads[k], a, e);
    return err;
}

static void note_skipped(struct ps_plan *p, const struct ps_plan_workload *w,
                         const struct ps_strategy *s, const char *reason, struct ps_arena *a)
{
    p->skipped = ps_arena_grow(a, p->skipped, p->skipped_count, sizeof *p->skipped);
    p->skipped[p->skipped_count++] =
        ps_arena_format(a, "%s can't run %s: %s.", s->name, w->bound->label, reason);
}

static int add_points_of(struct ps_plan *p, struct axes *x, size_t workload, struct ps_arena *a,
                         struct ps_err *e)
{
    const struct ps_plan_workload *w = &p->workloads[workload];
    const char *reason = NULL;
    const struct ps_strategy *refused = NULL;
    size_t fitting = 0;
    int err = choose_baseline(p, x, workload, a, e);

    for (size_t i = 0; !err && i < x->strategy_count; i++) {
        const struct ps_strategy *s = x->strategies[i].strategy;
        const char *why = ps_strategy_refusal(s, w->ops->shapes);

        if (why) {
            reason = why;
            refused = s;
            if (!x->default_strategies)
                note_skipped(p, w, s, why, a);
            continue;
        }
        fitting++;
        if (!s->serial)
            err = add_choice(p, x, workload, x->strategies[i], a, e);
    }
    if (!err && !fitting)
        return ps_fail(e, EINVAL, "%s can't run %s: %s", refused->name, w->bound->label, reason);
    return err;
}

static int parse_axes(struct ps_plan *p, struct axes *x, const struct ps_request *r,
                      struct ps_arena *a, struct ps_err *e)
{
    const char *strategies = r->strategies;
    int err = 0;

    if (!strategies) {
        x->default_strategies = true;
        strategies = is_sweep(r) ? "steal" : "sequential,spawn,pool,steal";
    }
    err = parse_strategies(x, strategies, a, e);
    for (size_t i = 0; !err && i < r->workload_count; i++)
        err = parse_workloads(p, r->workloads[i], a, e);
    if (!err)
        err = parse_events(p, r, a, e);
    if (!err)
        err = parse_placements(x, r, p->topology, a, e);
    if (!err)
        err = parse_threads(x, r, p->topology, a, e);
    return err;
}

int ps_plan_build(const struct ps_request *request, bool dry, struct ps_arena *a,
                  struct ps_plan **plan, struct ps_err *e)
{
    struct ps_plan *p = ps_arena_alloc(a, sizeof *p);
    struct ps_topology *topology;
    struct axes x = {0};
    int err = ps_topology_load(a, &topology, e);

    if (err < 0)
        return err;
    p->request = request;
    p->topology = topology;
    ps_host_read(a, "", &p->host);
    if (!request->workload_count)
        return ps_fail(e, EINVAL, "no workload given: name one, as in 'parscope %s reduce'",
                       request->command);
    if (request->fake)
        err = ps_fake_load(a, request->fake, &p->fake, e);
    if (!err)
        err = parse_axes(p, &x, request, a, e);
    if (!err)
        err = check_topology(topology, dry, p->fake, e);
    for (size_t i = 0; !err && i < p->workload_count; i++)
        err = add_points_of(p, &x, i, a, e);
    if (!err)
        *plan = p;
    return err;
}
