/* What built-in workloads need: teams, instances of strategies, counter groups, data. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "session.h"
#include "thread_limits.h"
#include "units.h"

/* Where its trials run: a cell sees to one lane, this process to those without a cell. */
static bool is_here(const struct session *s, const struct lane *l)
{
    return s->only ? l == s->only : !l->cell;
}

static bool begins_with(const struct lane *longer, const struct lane *l)
{
    unsigned n = l->plan->threads;

    return longer->plan->threads >= n &&
           !memcmp(longer->plan->cpus, l->plan->cpus, n * sizeof *l->plan->cpus);
}

/* The lane with the longest CPU list that begins with this one's, the first among equals. */
static const struct lane *crew_owner(const struct session *s, const struct lane *l)
{
    const struct lane *owner = l;

    for (size_t i = 0; i < s->lane_count; i++)
        if (is_here(s, &s->lanes[i]) && s->lanes[i].plan->threads > owner->plan->threads &&
            begins_with(&s->lanes[i], l))
            owner = &s->lanes[i];
    for (size_t i = 0; i < s->lane_count; i++)
        if (is_here(s, &s->lanes[i]) && s->lanes[i].plan->threads == owner->plan->threads &&
            begins_with(&s->lanes[i], owner))
            return &s->lanes[i];
    return owner;
}

static unsigned caller_member(const struct lane *l)
{
    return l->plan->strategy->caller == PS_CALLER_WORKS ? 0 : l->crew->members;
}

static int groups_failed(struct session *s, unsigned count)
{
    char why[200];

    return ps_fail(s->error, ENOMEM, "no room for the counters of %u threads: %s", count,
                   ps_limit_of_mappings("", why, sizeof why));
}

static int crew_open(struct session *s, struct crew *c, const struct ps_plan_point *p)
{
    bool pin = !s->plan->fake;
    int err = ps_team_create(p->cpus, p->threads, pin, &c->team, s->error);

    if (err < 0)
        return err;
    c->members = p->threads;
    c->groups = ps_arena_array(s->arena, c->members + 1, sizeof(struct ps_counter_group *));
    c->probes = ps_arena_array(s->arena, c->members, sizeof *c->probes);
    for (unsigned i = 0; !err && i <= c->members; i++)
        err = ps_group_create(s->counters, &c->groups[i]);
    return err < 0 ? groups_failed(s, c->members) : 0;
}

static int open_crews(struct session *s)
{
    s->crews = ps_arena_array(s->arena, s->lane_count, sizeof *s->crews);
    for (size_t i = 0; i < s->lane_count; i++) {
        const struct lane *owner;
        struct lane *first;

        if (!is_here(s, &s->lanes[i]))
            continue;
        owner = crew_owner(s, &s->lanes[i]);
        first = &s->lanes[owner - s->lanes];
        if (!first->crew) {
            int err;

            first->crew = &s->crews[s->crew_count++];
            err = crew_open(s, first->crew, first->plan);
            if (err < 0)
                return err;
        }
        s->lanes[i].crew = first->crew;
    }
    return 0;
}

static bool shares_core(const struct ps_plan *p, const struct ps_plan_point *point)
{
    bool *used = calloc(p->topology->cores, sizeof *used), shared = false;

    if (!used)
        return true;
    for (unsigned i = 0; i < point->threads && !shared; i++) {
        const struct ps_cpu *cpu = ps_topology_cpu(p->topology, point->cpus[i]);

        if (cpu) {
            shared = used[cpu->core];
            used[cpu->core] = true;
        }
    }
    free(used);
    return shared;
}

/* Said before it is allocated: with overcommit the allocation would succeed, and the kernel would
 * kill somebody later. */
static int check_memory(struct session *s)
{
    uint64_t available = ps_memory_available(""), wanted = 0;
    char need[32], have[32];

    for (size_t i = 0; i < s->plan->workload_count; i++)
        if (__builtin_add_overflow(wanted, s->plan->workloads[i].size.bytes, &wanted))
            wanted = UINT64_MAX;
    for (size_t i = 0; i < s->lane_count; i++)
        if (s->lanes[i].plan->strategy->isolated &&
            __builtin_add_overflow(wanted, s->lanes[i].workload->size.bytes, &wanted))
            wanted = UINT64_MAX;
    if (!available || wanted <= available)
        return 0;
    return ps_fail(s->error, ENOMEM, "the workloads need %s of memory, and %s are available",
                   ps_format_bytes(need, sizeof need, (double)wanted),
                   ps_format_bytes(have, sizeof have, (double)available));
}

static void note_workload(struct session *s, const struct ps_plan_workload *w, const char *what)
{
    ps_crash_note(ps_catalog_note(s->plan->request->catalog, w->ops, NULL, s->arena, "%s %s", what,
                                  w->bound->label));
}

static int create_state(struct session *s, size_t i)
{
    const struct ps_plan_workload *w = &s->plan->workloads[i];
    char bytes[32];
    int err;

    note_workload(s, w, "while setting up");
    err = w->ops->create(w->bound->values, &s->memories[i].face, w->slots, &s->states[i]);
    ps_format_bytes(bytes, sizeof bytes, (double)w->size.bytes);
    if (err == -ENOMEM)
        return ps_fail(s->error, ENOMEM, "%s: no memory for its %s", w->bound->label, bytes);
    if (!err)
        err = w->ops->reference(s->states[i]);
    ps_crash_note(NULL);
    if (err)
        return ps_fail(s->error, lane_errno(err), "%s: can't be set up: %s", w->bound->label,
                       strerror(lane_errno(err)));
    return 0;
}

/* Threads that are not the crew's have groups of their own, so that those of the crew stay open. */
static bool own_groups(const struct lane *l)
{
    return l->plan->strategy->creates_threads || l->plan->strategy->isolated;
}

static int create_groups(struct session *s, struct lane *l)
{
    unsigned workers = l->plan->threads;

    l->groups = ps_arena_array(s->arena, workers + 1, sizeof(struct ps_counter_group *));
    for (unsigned i = 0; i < workers; i++) {
        int err = 0;

        if (own_groups(l))
            err = ps_group_create(l->plan->strategy->per_item ? s->uncounted : s->counters,
                                  &l->groups[i]);
        else
            l->groups[i] = l->crew->groups[i];
        if (err < 0)
            return groups_failed(s, workers);
    }
    l->groups[workers] = l->crew->groups[caller_member(l)];
    return 0;
}

static int create_instances(struct session *s)
{
    for (size_t i = 0; i < s->lane_count; i++) {
        struct lane *l = &s->lanes[i];
        struct ps_customer customer = {l->workload->ops, l->state, &s->memories[l->plan->workload]};
        int err;

        if (!is_here(s, l))
            continue;
        ps_crash_note(l->crash);
        err = ps_instance_create(l->plan->strategy, l->plan->options->values, l->crew->team,
                                 l->plan->threads, (unsigned)l->plan->p, &customer, &l->instance,
                                 s->error);
        if (!err)
            err = create_groups(s, l);
        if (err < 0)
            return err;
    }
    return 0;
}

static void destroy_lane(struct lane *l)
{
    ps_crash_note(l->crash);
    ps_instance_destroy(l->instance);
    if (l->cell)
        cell_close(l->cell);
    if (l->groups && own_groups(l))
        for (unsigned i = 0; i < l->plan->threads; i++)
            ps_group_destroy(l->groups[i]);
}

static void set_lane(const struct session *s, struct lane *l)
{
    const struct ps_plan_point *p = l->plan;

    l->state = s->states[p->workload];
    l->shares_core = shares_core(s->plan, p);
    l->workers = ps_arena_array(s->arena, p->threads, sizeof *l->workers);
    l->neighbours = ps_arena_array(s->arena, p->threads, sizeof *l->neighbours);
    l->worker_counts =
        ps_arena_array(s->arena, p->threads * s->event_count, sizeof *l->worker_counts);
    for (unsigned i = 0; i < p->threads; i++)
        l->workers[i].cpu = p->cpus[i];
}

/* Before this process has a thread: see cell.h. */
static int open_cells(struct session *s)
{
    int err = 0;

    for (size_t i = 0; !err && i < s->lane_count; i++)
        if (s->lanes[i].plan->strategy->isolated)
            err = cell_open(s, &s->lanes[i]);
    return err;
}

int workload_open_lane(struct session *s, struct lane *l)
{
    int err;

    s->only = l;
    err = open_crews(s);
    return err < 0 ? err : create_instances(s);
}

int workload_warm_up(struct session *s, struct lane *l)
{
    return l->cell ? cell_warm_up(s, l) : trial_warm_up(s, l);
}

static int workload_run(struct session *s, struct lane *l, size_t round)
{
    int err = l->cell ? cell_run(s, l, round) : trial_run(s, l, round);

    if (!err)
        neighbours_keep(s, l, round);
    return err;
}

int workload_verify(struct session *s, struct lane *l)
{
    return l->cell ? cell_verify(s, l) : trial_verify(s, l);
}

int workload_open(struct session *s)
{
    const struct ps_plan *p = s->plan;
    int err = check_memory(s);

    s->memories = ps_arena_array(s->arena, p->workload_count, sizeof *s->memories);
    s->states = ps_arena_array(s->arena, p->workload_count, sizeof *s->states);
    for (size_t i = 0; i < p->workload_count; i++)
        ps_memory_init(&s->memories[i]);
    for (size_t i = 0; !err && i < p->workload_count; i++)
        err = create_state(s, i);
    if (!err)
        err = ps_counters_open(s->arena, NULL, 0, true, &s->uncounted, s->error);
    for (size_t i = 0; !err && i < s->lane_count; i++)
        set_lane(s, &s->lanes[i]);
    if (!err)
        err = open_cells(s);
    if (!err)
        err = open_crews(s);
    return err < 0 ? err : create_instances(s);
}

void workload_close(struct session *s)
{
    for (size_t i = 0; i < s->lane_count; i++)
        destroy_lane(&s->lanes[i]);
    for (size_t i = 0; i < s->crew_count; i++) {
        struct crew *c = &s->crews[i];

        ps_team_destroy(c->team);
        for (unsigned k = 0; c->groups && k <= c->members; k++)
            ps_group_destroy(c->groups[k]);
    }
    for (size_t i = 0; s->states && i < s->plan->workload_count; i++) {
        const struct parscope_workload *ops = s->plan->workloads[i].ops;

        note_workload(s, &s->plan->workloads[i], "while clearing up");
        if (s->states[i] && ops->destroy)
            ops->destroy(s->states[i]);
        ps_memory_finish(&s->memories[i]);
    }
}

const struct lane_ops workload_lane_ops = {
    .open = workload_open,
    .close = workload_close,
    .warm_up = workload_warm_up,
    .run = workload_run,
    .finish = workload_verify,
};
