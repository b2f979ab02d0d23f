/* The points of a plan. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plan_axes.h"
#include "units.h"

static unsigned distinct_cpus(const struct ps_plan *p, size_t list_count, unsigned threads)
{
    unsigned cpus = list_count ? (unsigned)list_count : p->topology->cpu_count;

    return threads < cpus ? threads : cpus;
}

/* A reference of one thread is no better off than the quota: p is 1 there. */
static double usable_cpus(const struct ps_plan *p, unsigned distinct)
{
    return isnan(p->host.cpu_quota) ? distinct : fmax(1, fmin(distinct, p->host.cpu_quota));
}

int plan_add_point(struct ps_plan *p, struct axes *x, const struct new_point *n, struct ps_arena *a,
                   struct ps_err *e)
{
    const unsigned threads = n->threads, distinct = distinct_cpus(p, n->list_count, threads);
    struct ps_plan_point *point;

    x->listed += threads;
    if (p->point_count >= PS_MAX_POINTS || x->listed > PS_MAX_CPU_LISTS)
        return ps_fail(e, E2BIG,
                       "the plan has too many points (at most %d, with %u threads in all)",
                       PS_MAX_POINTS, PS_MAX_CPU_LISTS);
    p->points = ps_arena_grow(a, p->points, p->point_count, sizeof *p->points);
    point = &p->points[p->point_count++];
    *point = (struct ps_plan_point){
        .workload = n->workload,
        .strategy = n->choice.strategy,
        .options = n->choice.options,
        .outside = n->choice.outside,
        .threads = threads,
        .placement = n->placement,
        .cpus = ps_arena_array(a, threads, sizeof *point->cpus),
        .distinct_cpus = distinct,
        .p = usable_cpus(p, distinct),
        .copies = 1,
        .asked = x->asked,
        .work = p->request->weak ? threads : 1,
    };
    ps_place(p->topology, n->placement, n->list, n->list_count, threads, point->cpus);
    if (threads > p->workloads[n->workload].slots)
        p->workloads[n->workload].slots = threads;
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
        "%s under %s: %s items, each handed over individually, take about %s per execution: use a "
        "smaller size, or raise --max-time",
        w->bound->label, s->name, items, time);
}

/* A point whose placement is one of the axes'. */
static int add(struct ps_plan *p, struct axes *x, struct new_point n, struct ps_arena *a,
               struct ps_err *e)
{
    if (n.placement == PS_PLACE_LIST) {
        n.list = x->cpus;
        n.list_count = x->cpu_count;
    }
    return plan_add_point(p, x, &n, a, e);
}

static int add_sequential(struct ps_plan *p, struct axes *x, size_t workload, struct ps_arena *a,
                          struct ps_err *e)
{
    struct choice c;
    int err = axes_choose_sequential(&c, a, e);

    if (!err)
        err = add(p, x, (struct new_point){workload, c, x->placements[0], 1}, a, e);
    if (!err)
        p->points[p->point_count - 1].baseline = true;
    return err;
}

static int add_choice(struct ps_plan *p, struct axes *x, size_t workload, struct choice c,
                      struct ps_arena *a, struct ps_err *e)
{
    const bool serial = c.strategy->serial;
    const size_t count = serial ? 1 : x->thread_count;
    int err = 0;

    for (size_t i = 0; !err && i < x->placement_count; i++) {
        for (size_t k = 0; !err && k < count; k++) {
            unsigned threads = serial ? 1 : x->threads[k];

            size_t grown = workload;

            if (p->request->weak && !p->programs && !serial)
                err = weak_grow(p, workload, threads, a, &grown, e);
            if (!err)
                err = add(p, x, (struct new_point){grown, c, x->placements[i], threads}, a, e);
        }
    }
    return err;
}

static void note_skipped(struct ps_plan *p, const struct ps_plan_workload *w,
                         const struct ps_strategy *s, const char *reason, struct ps_arena *a)
{
    p->skipped = ps_arena_grow(a, p->skipped, p->skipped_count, sizeof *p->skipped);
    p->skipped[p->skipped_count++] =
        ps_arena_format(a, "%s can't run %s: %s.", s->name, w->bound->label, reason);
}

/* Why these points can't be; NULL where they can. */
static const char *refusal(const struct ps_plan *p, const struct ps_plan_workload *w,
                           const struct choice *c)
{
    const struct ps_strategy *s = c->strategy;
    const char *why = ps_strategy_refuses(s, c->options->values, w->ops);

    if (!why && plan_is_smt(p->request) && s->serial)
        why = "it computes on one thread, however many the hardware has";
    return why;
}

int plan_fitting(struct ps_plan *p, const struct axes *x, size_t workload, struct choices *fitting,
                 struct ps_arena *a, struct ps_err *e)
{
    const struct choices *all = &x->strategies;
    const struct ps_plan_workload *w = &p->workloads[workload];
    const char *reason = NULL;
    const struct ps_strategy *refused = NULL;
    bool any = false;

    *fitting = (struct choices){ps_arena_array(a, all->count, sizeof *fitting->items)};
    for (size_t i = 0; i < all->count; i++) {
        const struct ps_strategy *s = all->items[i].strategy;
        const char *why = refusal(p, w, &all->items[i]);

        if (why) {
            reason = why;
            refused = s;
            if (!x->default_strategies)
                note_skipped(p, w, s, why, a);
            continue;
        }
        any = true;
        if (!strcmp(s->name, PS_STRATEGY_SEQUENTIAL))
            continue;
        int err = check_items(p, w, s, e);

        if (err < 0)
            return err;
        fitting->items[fitting->count++] = all->items[i];
    }
    if (!any)
        return ps_fail(e, EINVAL, "%s can't run %s: %s", refused->name, w->bound->label, reason);
    return 0;
}

static int add_workload_points(struct ps_plan *p, struct axes *x, size_t workload,
                               struct ps_arena *a, struct ps_err *e)
{
    struct choices fitting = {0};
    int err = add_sequential(p, x, workload, a, e);

    if (!err)
        err = plan_fitting(p, x, workload, &fitting, a, e);
    for (size_t i = 0; !err && i < fitting.count; i++)
        err = add_choice(p, x, workload, fitting.items[i], a, e);
    return err;
}

/* Copies have one thread each where thread counts are spoken of at all, and each a CPU of its own
 * where CPUs are. */
static int add_copies(struct ps_plan *p, struct axes *x, struct new_point n, struct ps_arena *a,
                      struct ps_err *e)
{
    struct ps_plan_point *point;
    int err;

    n.threads = n.choice.outside->copies;
    err = add(p, x, n, a, e);
    if (err < 0)
        return err;
    point = &p->points[p->point_count - 1];
    point->copies = n.threads;
    point->work = n.threads;
    return 0;
}

static int add_outside(struct ps_plan *p, struct axes *x, size_t workload, struct choice c,
                       struct ps_arena *a, struct ps_err *e)
{
    const struct ps_outside *o = c.outside;
    struct axes own = *x;
    int err;

    if (o->pins) {
        own.placements = ps_arena_array(a, 1, sizeof *own.placements);
        own.placements[0] = o->placement;
        own.placement_count = 1;
    }
    if (o->copies)
        err = add_copies(p, &own, (struct new_point){workload, c, own.placements[0]}, a, e);
    else
        err = add_choice(p, &own, workload, c, a, e);
    x->listed = own.listed;
    return err;
}

/* The one-thread point comes first, and is the reference of the others where there are any; beside
 * strategies from outside the program as it is comes first. */
static int add_program_points(struct ps_plan *p, struct axes *x, size_t workload,
                              struct ps_arena *a, struct ps_err *e)
{
    const bool one = x->threads[0] == 1 && x->asked, chosen = x->strategies.count > 1;
    size_t first = p->point_count;
    int err = add_choice(p, x, workload, x->strategies.items[0], a, e);

    for (size_t i = 1; !err && i < x->strategies.count; i++)
        err = add_outside(p, x, workload, x->strategies.items[i], a, e);
    if (!err && (chosen || (one && (p->point_count > first + 1 || plan_is_sweep(p->request)))))
        p->points[first].baseline = true;
    p->against_plain = chosen && !one;
    return err;
}

/* Where programs differ in nothing else, the first is the reference of the others at its values. */
static void compare_programs(struct ps_plan *p)
{
    const size_t at_once = p->programs_at_once;

    if (at_once < 2 || p->point_count != p->workload_count)
        return;
    p->against_plain = true;
    for (size_t i = 0; i < p->workload_count; i++) {
        p->workloads[i].unit = i - i % at_once;
        p->points[i].baseline = i % at_once == 0;
    }
}

int plan_add_points(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e)
{
    const size_t units = p->workload_count; /* those that are grown from them come after */
    int err = 0;

    for (size_t i = 0; !err && i < units; i++)
        err = p->programs ? add_program_points(p, x, i, a, e) : add_workload_points(p, x, i, a, e);
    compare_programs(p);
    return err;
}
