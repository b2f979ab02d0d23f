/* The axes of a plan: strategies, workloads, events, placements, thread counts. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "counters.h"
#include "duration.h"
#include "custom.h"
#include "plan_axes.h"
#include "size.h"

static int parse_events(struct ps_plan *p, const struct ps_request *r, struct ps_arena *a,
                        struct ps_err *e)
{
    struct ps_event_list all = {0};
    int err = 0;

    for (size_t i = 0; !err && i < r->event_count; i++)
        err = ps_events_split(r->events[i], a, &all, e);
    p->event_groups = ps_arena_array(a, all.count, sizeof *p->event_groups);
    for (size_t k = 0; !err && k < all.count; k++) {
        if (!strcmp(all.names[k], "none")) {
            p->no_events = true;
            continue;
        }
        err = ps_event_check(all.names[k], e);
        p->events = ps_arena_grow(a, p->events, p->event_count, sizeof *p->events);
        p->event_groups[p->event_count] = all.groups[k];
        p->events[p->event_count++] = all.names[k];
    }
    if (err < 0)
        return err;
    if (p->no_events && p->event_count)
        return ps_fail(e, EINVAL, "-e none excludes every other -e");
    return 0;
}

static int add_workload(struct ps_plan *p, const struct parscope_workload *ops,
                        struct ps_bound *bound, struct ps_arena *a, struct ps_err *e)
{
    struct ps_plan_workload *w;
    struct parscope_size size = {0};
    int err;

    for (size_t i = 0; i < p->workload_count; i++)
        if (!strcmp(p->workloads[i].bound->label, bound->label))
            return 0;
    err = size_ask(p, ops, bound, &size, a, e);
    if (err < 0)
        return err;
    p->workloads = ps_arena_grow(a, p->workloads, p->workload_count, sizeof *p->workloads);
    w = &p->workloads[p->workload_count];
    *w = (struct ps_plan_workload){
        .ops = ops, .bound = bound, .size = size, .slots = 1, .unit = p->workload_count};
    p->workload_count++;
    return 0;
}

struct build {
    const struct parscope_workload *ops;
    const char *mark; /* that tells two builds of a plug-in apart; NULL */
};

static int bind_workload(struct ps_plan *p, struct axes *x, struct ps_spec *spec,
                         const struct build *build, struct ps_arena *a, struct ps_err *e)
{
    const struct parscope_workload *ops = build->ops;
    struct ps_bounds bounds;
    int err = vary_spec(p, PS_OWNER_WORKLOAD, spec, ops->params, e);

    vary_know(x, ops->params, a);
    if (!err)
        err = duration_bind(p, spec, ops, a, &bounds, e);
    for (size_t k = 0; !err && k < bounds.count; k++) {
        struct ps_bound *b = &bounds.items[k];

        if (build->mark)
            b->label = ps_arena_format(a, "%s (%s)", b->label, build->mark);
        err = add_workload(p, ops, b, a, e);
    }
    return err;
}

static int parse_workloads(struct ps_plan *p, struct axes *x, const char *text, struct ps_arena *a,
                           struct ps_err *e)
{
    struct ps_spec *specs;
    size_t count;
    int err = ps_spec_parse(text, "workload", a, &specs, &count, e);

    for (size_t i = 0; !err && i < count; i++) {
        const struct ps_catalog_workload *entry;
        const struct parscope_workload *ops;

        err = ps_catalog_workload(p->request->catalog, specs[i].name, a, &ops, e);
        if (err < 0)
            return err;
        entry = ps_catalog_entry(p->request->catalog, ops);
        err = bind_workload(p, x, &specs[i], &(struct build){ops, entry->twin ? entry->file : NULL},
                            a, e);
        if (!err && entry->twin)
            err = bind_workload(p, x, &specs[i], &(struct build){entry->twin, entry->twin_file}, a,
                                e);
    }
    return err;
}

/* Once is enough: points of the same name could not be told apart. */
static void add_strategy(struct axes *x, const struct ps_strategy *s, struct ps_bound *bound,
                         struct ps_arena *a)
{
    struct choices *all = &x->strategies;

    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->items[i].options->label, bound->label))
            return;
    all->items = ps_arena_grow(a, all->items, all->count, sizeof *all->items);
    all->items[all->count++] = (struct choice){s, bound, NULL};
}

static void add_placement(struct axes *x, enum ps_placement placement, struct ps_arena *a)
{
    for (size_t i = 0; i < x->placement_count; i++)
        if (x->placements[i] == placement)
            return;
    x->placements = ps_arena_grow(a, x->placements, x->placement_count, sizeof *x->placements);
    x->placements[x->placement_count++] = placement;
}

static int parse_strategies(struct ps_plan *p, struct axes *x, const char *text, struct ps_arena *a,
                            struct ps_err *e)
{
    struct ps_spec *specs;
    size_t count;
    int err = ps_spec_parse(text, "strategy", a, &specs, &count, e);

    for (size_t i = 0; !err && i < count; i++) {
        const struct ps_strategy *s;
        struct ps_bounds bounds;

        if (!strcmp(specs[i].name, PS_OUTSIDE))
            return ps_fail(e, EINVAL,
                           "strategy '" PS_OUTSIDE
                           "' needs a program, as in 'parscope %s -s " PS_OUTSIDE
                           ":pin=spread -- COMMAND'",
                           ps_plan_command_name(p->request->command));
        err = ps_catalog_strategy(p->request->catalog, specs[i].name, a, &s, e);
        if (err < 0)
            return err;
        err = vary_spec(p, PS_OWNER_STRATEGY, &specs[i], s->params, e);
        vary_know(x, s->params, a);
        if (!err)
            err = ps_spec_bind(&specs[i], "strategy", s->params, a, &bounds, e);
        for (size_t k = 0; !err && k < bounds.count; k++)
            add_strategy(x, s, &bounds.items[k], a);
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
        add_placement(x, placement, a);
    }
    return 0;
}

/* A program is run as it is, unless threads or CPUs are spoken of. */
static bool program_is_free(const struct ps_plan *p, const struct axes *x)
{
    return p->programs && !x->asked && (!plan_is_sweep(p->request) || p->varied_count);
}

static const char *default_threads(const struct ps_plan *p, const struct axes *x,
                                   struct ps_arena *a)
{
    if (plan_is_sweep(p->request) && !p->varied_count)
        return "pow2";
    if (x->cpu_count)
        return ps_arena_format(a, "%zu", x->cpu_count);
    return p->programs ? "cpus" : "cores";
}

/* The one-thread point is a reference of every sweep over thread counts. */
static int parse_threads(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e)
{
    const char *text = p->request->threads;
    int err;

    if (!text)
        text = default_threads(p, x, a);
    err = ps_threads_parse(text, p->topology, a, &x->threads, &x->thread_count, e);
    p->scales = plan_is_sweep(p->request) && (!p->varied_count || x->thread_count > 1);
    if (!err && p->scales && p->request->threads)
        err = ps_threads_parse(ps_arena_format(a, "1,%s", text), p->topology, a, &x->threads,
                               &x->thread_count, e);
    return err;
}

static const char *default_strategies(const struct ps_request *r)
{
    return plan_is_sweep(r) || plan_is_smt(r) ? "steal" : "sequential,spawn,pool,steal";
}

void axes_choose_program(struct axes *x, struct ps_arena *a)
{
    struct ps_bound *options = ps_arena_alloc(a, sizeof *options);

    options->name = options->label = ps_strategy_program.name;
    x->strategies = (struct choices){ps_arena_grow(a, NULL, 0, sizeof(struct choice)), 1};
    x->strategies.items[0] = (struct choice){&ps_strategy_program, options, NULL};
}

int axes_choose_sequential(struct choice *c, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_spec spec = {.name = PS_STRATEGY_SEQUENTIAL};
    const struct ps_strategy *s = ps_strategy_find(spec.name);
    struct ps_bounds options;
    int err = ps_spec_bind(&spec, "strategy", s->params, a, &options, e);

    if (!err)
        *c = (struct choice){s, options.items, NULL};
    return err;
}

static int parse_what(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;
    int err = 0;

    if (p->programs && r->workload_count)
        return ps_fail(
            e, EINVAL,
            "'%s' is given together with a program: built-in workloads and programs need separate "
            "runs",
            r->workloads[0]);
    if (p->programs) {
        axes_choose_program(x, a);
        err = plan_choose_outside(p, x, a, e);
        if (!err)
            err = vary_parse(p, a, e);
        if (!err)
            err = plan_add_programs(p, a, e);
        return err < 0 ? err : vary_programs(p, a, e);
    }
    x->default_strategies = !r->strategies;
    err = vary_parse(p, a, e);
    if (!err)
        err = parse_strategies(p, x, r->strategies ? r->strategies : default_strategies(r), a, e);
    for (size_t i = 0; !err && i < r->workload_count; i++)
        err = parse_workloads(p, x, r->workloads[i], a, e);
    return err < 0 ? err : vary_check(p, x, e);
}

int axes_parse(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;
    int err = parse_what(p, x, a, e);

    if (!err)
        err = parse_events(p, r, a, e);
    if (!err)
        err = custom_events(p, e);
    if (!err)
        err = duration_check(p, a, e);
    if (err < 0 || plan_is_smt(r))
        return err;
    x->asked = !p->programs || r->threads || r->placement || r->cpus || plan_takes_threads(p);
    err = parse_placements(x, r, p->topology, a, e);
    if (!err)
        err = parse_threads(p, x, a, e);
    if (!err && program_is_free(p, x))
        x->placements[0] = PS_PLACE_FREE;
    x->asked |= plan_is_sweep(r) && !(p->programs && p->varied_count);
    return err;
}
