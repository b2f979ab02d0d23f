/* What built-in workloads need: teams, instances of strategies, counter groups, data. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "subprocess.h"
#include "workload_trials.h"
#include "source.h"
#include "thread_limits.h"
#include "units.h"

/* Where its trials run: a subprocess sees to one target, this process to those without a
 * subprocess. */
static bool is_here(const struct session *s, const struct target *t)
{
    return s->only ? t == s->only : !t->subprocess;
}

static bool begins_with(const struct target *longer, const struct target *t)
{
    unsigned n = t->plan->threads;

    return longer->plan->threads >= n &&
           !memcmp(longer->plan->cpus, t->plan->cpus, n * sizeof *t->plan->cpus);
}

/* The target with the longest CPU list that begins with this one's, the first among equals. */
static const struct target *counted_team_owner(const struct session *s, const struct target *t)
{
    const struct target *owner = t;

    for (size_t i = 0; i < s->target_count; i++)
        if (is_here(s, &s->targets[i]) && s->targets[i].plan->threads > owner->plan->threads &&
            begins_with(&s->targets[i], t))
            owner = &s->targets[i];
    for (size_t i = 0; i < s->target_count; i++)
        if (is_here(s, &s->targets[i]) && s->targets[i].plan->threads == owner->plan->threads &&
            begins_with(&s->targets[i], owner))
            return &s->targets[i];
    return owner;
}

static unsigned caller_member(const struct target *t)
{
    return t->plan->strategy->caller == PS_CALLER_WORKS ? 0 : t->counted_team->members;
}

static int groups_failed(struct session *s, unsigned count)
{
    char why[200];

    return ps_fail(s->error, ENOMEM, "no room for the counters of %u threads: %s", count,
                   ps_limit_of_mappings("", why, sizeof why));
}

static int counted_team_open(struct session *s, struct counted_team *c,
                             const struct ps_plan_point *p)
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

static int open_counted_teams(struct session *s)
{
    s->counted_teams = ps_arena_array(s->arena, s->target_count, sizeof *s->counted_teams);
    for (size_t i = 0; i < s->target_count; i++) {
        const struct target *owner;
        struct target *first;

        if (!is_here(s, &s->targets[i]))
            continue;
        owner = counted_team_owner(s, &s->targets[i]);
        first = &s->targets[owner - s->targets];
        if (!first->counted_team) {
            int err;

            first->counted_team = &s->counted_teams[s->counted_team_count++];
            err = counted_team_open(s, first->counted_team, first->plan);
            if (err < 0)
                return err;
        }
        s->targets[i].counted_team = first->counted_team;
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
    for (size_t i = 0; i < s->target_count; i++)
        if (s->targets[i].plan->strategy->isolated &&
            __builtin_add_overflow(wanted, s->targets[i].workload->size.bytes, &wanted))
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

    err = data_nodes_prepare(s, i);
    if (err < 0)
        return err;
    note_workload(s, w, "while setting up");
    err = w->ops->create(w->bound->values, &s->memories[i].abi, w->slots, &s->states[i]);
    ps_format_bytes(bytes, sizeof bytes, (double)w->size.bytes);
    if (err == -ENOMEM)
        return ps_fail(s->error, ENOMEM, "%s: no memory for its %s", w->bound->label, bytes);
    if (!err)
        err = w->ops->reference(s->states[i]);
    ps_crash_note(NULL);
    if (err)
        return ps_fail(s->error, ps_workload_errno(err), "can't set up %s: %s", w->bound->label,
                       strerror(ps_workload_errno(err)));
    return 0;
}

/* Threads that are not the counted_team's have groups of their own, so that those of the
 * counted_team stay open. */
static bool own_groups(const struct target *t)
{
    return t->plan->strategy->creates_threads || t->plan->strategy->isolated;
}

static int create_groups(struct session *s, struct target *t)
{
    unsigned workers = t->plan->threads;

    t->groups = ps_arena_array(s->arena, workers + 1, sizeof(struct ps_counter_group *));
    for (unsigned i = 0; i < workers; i++) {
        int err = 0;

        if (own_groups(t))
            err = ps_group_create(t->plan->strategy->per_item ? s->uncounted : s->counters,
                                  &t->groups[i]);
        else
            t->groups[i] = t->counted_team->groups[i];
        if (err < 0)
            return groups_failed(s, workers);
    }
    t->groups[workers] = t->counted_team->groups[caller_member(t)];
    return 0;
}

static int create_instance(struct session *s, struct target *t)
{
    struct ps_instance_setup setup = {
        .strategy = t->plan->strategy,
        .options = t->plan->options->values,
        .team = t->counted_team->team,
        .workers = t->plan->threads,
        .cpus = (unsigned)t->plan->p,
        .topology = s->plan->topology,
        .workload = {t->workload->ops, t->state, &s->memories[t->plan->workload]},
    };
    int err;

    ps_crash_note(t->crash);
    err = ps_instance_create(&setup, &t->instance, s->error);
    return err < 0 ? err : create_groups(s, t);
}

static int create_instances(struct session *s)
{
    int err = 0;

    for (size_t i = 0; !err && i < s->target_count; i++)
        if (is_here(s, &s->targets[i]))
            err = create_instance(s, &s->targets[i]);
    return err;
}

static void destroy_target(struct target *t)
{
    ps_crash_note(t->crash);
    ps_instance_destroy(t->instance);
    if (t->subprocess)
        subprocess_close(t->subprocess);
    if (t->groups && own_groups(t))
        for (unsigned i = 0; i < t->plan->threads; i++)
            ps_group_destroy(t->groups[i]);
}

static void set_target(const struct session *s, struct target *t)
{
    const struct ps_plan_point *p = t->plan;

    t->state = s->states[p->workload];
    t->shares_core = shares_core(s->plan, p);
    t->neighbours = ps_arena_array(s->arena, p->threads, sizeof *t->neighbours);
    session_add_workers(s, t);
}

/* In a subprocess: the team and the instance of this target alone. */
static int workload_open_target(struct session *s, struct target *t)
{
    int err;

    s->only = t;
    err = open_counted_teams(s);
    return err < 0 ? err : create_instances(s);
}

/* Before this process has a thread: see subprocess.h. */
static int open_subprocesses(struct session *s)
{
    int err = 0;

    for (size_t i = 0; !err && i < s->target_count; i++)
        if (s->targets[i].plan->strategy->isolated)
            err = subprocess_open(s, &s->targets[i], workload_open_target);
    return err;
}

/* Points that are compared begin alike: where one repeats, all warm their caches first. */
static void choose_warm_in(struct session *s, size_t workload)
{
    bool repeats = false;

    for (size_t i = 0; i < s->target_count; i++)
        repeats |= s->targets[i].plan->workload == workload && s->targets[i].schedule.reps > 1;
    for (size_t i = 0; i < s->target_count; i++)
        if (s->targets[i].plan->workload == workload)
            s->targets[i].schedule.warm_in = repeats && s->plan->request->gap <= 0;
}

static int workload_warm_up(struct session *s, struct target *t)
{
    int err = t->subprocess ? subprocess_warm_up(s, t) : trial_warm_up(s, t);

    if (!err)
        choose_warm_in(s, t->plan->workload);
    return err;
}

static int workload_run(struct session *s, struct target *t, size_t round)
{
    int err = t->subprocess ? subprocess_run(s, t, round) : trial_run(s, t, round);

    if (!err)
        neighbours_keep(s, t, round);
    return err;
}

static int workload_verify(struct session *s, struct target *t)
{
    return t->subprocess ? subprocess_verify(s, t) : trial_verify(s, t);
}

static int workload_open(struct session *s)
{
    const struct ps_plan *p = s->plan;
    int err = check_memory(s);

    s->memories = ps_arena_array(s->arena, p->workload_count, sizeof *s->memories);
    s->homes = ps_arena_array(s->arena, p->workload_count, sizeof *s->homes);
    s->states = ps_arena_array(s->arena, p->workload_count, sizeof *s->states);
    for (size_t i = 0; i < p->workload_count; i++)
        ps_memory_init(&s->memories[i]);
    for (size_t i = 0; !err && i < p->workload_count; i++)
        err = create_state(s, i);
    if (!err)
        err = ps_counters_open(s->arena, NULL, 0, true, &s->uncounted, s->error);
    for (size_t i = 0; !err && i < s->target_count; i++)
        set_target(s, &s->targets[i]);
    if (!err)
        err = open_subprocesses(s);
    if (!err)
        err = open_counted_teams(s);
    if (!err)
        err = create_instances(s);
    if (!err)
        data_nodes_note(s);
    return err;
}

static void workload_close(struct session *s)
{
    sources_close(s);
    for (size_t i = 0; i < s->target_count; i++)
        destroy_target(&s->targets[i]);
    for (size_t i = 0; i < s->counted_team_count; i++) {
        struct counted_team *c = &s->counted_teams[i];

        ps_team_destroy(c->team);
        for (unsigned k = 0; c->groups && k <= c->members; k++)
            ps_group_destroy(c->groups[k]);
    }
    for (size_t i = 0; s->states && i < s->plan->workload_count; i++) {
        const struct parscope_workload *ops = s->plan->workloads[i].ops;

        note_workload(s, &s->plan->workloads[i], "while cleaning up");
        if (s->states[i] && ops->destroy)
            ops->destroy(s->states[i]);
        ps_memory_finish(&s->memories[i]);
        ps_homes_finish(&s->homes[i]);
    }
}

const struct target_ops workload_target_ops = {
    .open = workload_open,
    .close = workload_close,
    .warm_up = workload_warm_up,
    .run = workload_run,
    .finish = workload_verify,
};
