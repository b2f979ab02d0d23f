#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "strategy.h"

/* No more than what waking a sleeping thread costs, so that looking on for as long at most doubles
 * it; and so little that a worker which works once in a ms burns 0.05 of a CPU at most. */
#define SPIN_NS 25000

#define PS_ROW(name) extern const struct ps_strategy ps_strategy_##name;
#include "strategy/list.def"
#undef PS_ROW

const struct ps_strategy *const ps_strategies[] = {
#define PS_ROW(name) &ps_strategy_##name,
#include "strategy/list.def"
#undef PS_ROW
    NULL,
};

const struct ps_strategy *ps_strategy_find(const char *name)
{
    for (size_t i = 0; ps_strategies[i]; i++)
        if (!strcmp(ps_strategies[i]->name, name))
            return ps_strategies[i];
    return NULL;
}

const char *ps_strategy_refusal(const struct ps_strategy *s, unsigned shapes)
{
    if ((shapes & ~s->shapes) & PARSCOPE_RANGE)
        return s->no_range;
    if ((shapes & ~s->shapes) & PARSCOPE_TREE)
        return s->no_tree;
    if ((shapes & ~s->shapes) & PARSCOPE_WAIT)
        return s->no_wait;
    return NULL;
}

const char *ps_strategy_refuses(const struct ps_strategy *s, const union parscope_value *options,
                                const struct parscope_workload *w)
{
    const char *why = ps_strategy_refusal(s, w->shapes);

    return why || !options || !s->refuses ? why : s->refuses(options, w);
}

/* Slots of workers that are processes lie in memory that they share. */
static struct ps_slot *allocate_slots(const struct ps_strategy *s, unsigned workers)
{
    size_t bytes = workers * sizeof(struct ps_slot);
    void *slots;

    if (s->forks) {
        slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return slots == MAP_FAILED ? NULL : slots;
    }
    slots = aligned_alloc(PS_LINE, bytes);
    if (slots)
        memset(slots, 0, bytes);
    return slots;
}

static struct ps_instance *allocate(const struct ps_strategy *s, unsigned workers)
{
    size_t size = (s->instance_size + PS_LINE - 1) / PS_LINE * PS_LINE;
    struct ps_instance *in = aligned_alloc(PS_LINE, size);

    if (!in)
        return NULL;
    memset(in, 0, size);
    in->slots = allocate_slots(s, workers);
    if (!in->slots) {
        free(in);
        return NULL;
    }
    in->strategy = s;
    in->workers = workers;
    return in;
}

static void release(struct ps_instance *in)
{
    ps_near_finish(&in->near);
    if (in->strategy->forks)
        munmap(in->slots, in->workers * sizeof *in->slots);
    else
        free(in->slots);
    free(in);
}

static void describe(struct ps_instance *in, const struct ps_instance_setup *setup)
{
    in->exec = (struct parscope_exec){setup->strategy->ops, in->workers};
    in->team = setup->team;
    in->cpus = setup->cpus;
    in->workload = setup->workload;
    in->oversubscribed = in->workers > in->cpus;
    in->tick_ns = ps_team_tick_ns(in->team);
    in->spin_ticks = in->oversubscribed ? 0 : (uint64_t)(SPIN_NS / in->tick_ns);
}

static int find_near(struct ps_instance *in, const struct ps_topology *topology)
{
    int *cpus = malloc(in->workers * sizeof *cpus), err;

    if (!cpus)
        return -ENOMEM;
    for (unsigned i = 0; i < in->workers; i++)
        cpus[i] = ps_team_cpu(in->team, i);
    err = ps_near_init(&in->near, topology, cpus, in->workers);
    free(cpus);
    return err;
}

int ps_instance_create(const struct ps_instance_setup *setup, struct ps_instance **instance,
                       struct ps_err *e)
{
    const struct ps_strategy *s = setup->strategy;
    unsigned workers = s->serial ? 1 : setup->workers, members = ps_team_workers(setup->team);
    struct ps_instance *in;
    int err;

    if (!setup->workers || setup->workers > members)
        return ps_fail(e, EINVAL, "%s: %u workers of a team of %u", s->name, setup->workers,
                       members);
    in = allocate(s, workers);
    if (!in)
        return ps_fail(e, ENOMEM, "%s: out of memory for %u workers", s->name, workers);
    describe(in, setup);
    err = find_near(in, setup->topology);
    if (!err && s->init)
        err = s->init(in, setup->options, e);
    if (err < 0) {
        release(in);
        return ps_fail(e, -err, "%s: can't be set up for %u workers: %s", s->name, workers,
                       strerror(-err));
    }
    *instance = in;
    return 0;
}

void ps_instance_destroy(struct ps_instance *instance)
{
    if (!instance)
        return;
    if (instance->strategy->finish)
        instance->strategy->finish(instance);
    release(instance);
}

/* The member that is the caller. */
static unsigned caller_of(const struct ps_instance *in)
{
    return in->strategy->caller == PS_CALLER_WORKS ? 0 : ps_team_workers(in->team);
}

static void trial_main(void *arg, unsigned member)
{
    struct ps_instance *in = arg;

    if (member != caller_of(in)) {
        in->strategy->work(in, member);
        return;
    }
    in->fn(in->arg, &in->exec);
    if (in->strategy->close)
        in->strategy->close(in);
}

static void set_probe(struct ps_instance *in, const struct ps_probe *probe)
{
    in->probe = probe ? *probe : (struct ps_probe){NULL};
}

void ps_trial_start(struct ps_instance *instance, const struct ps_probe *probe, ps_trial_fn *fn,
                    void *arg)
{
    unsigned members = instance->strategy->work ? instance->workers : 0;

    memset(instance->slots, 0, instance->workers * sizeof *instance->slots);
    instance->sums = (struct ps_region_sums){0};
    instance->fn = fn;
    instance->arg = arg;
    set_probe(instance, probe);
    if (instance->strategy->open)
        instance->strategy->open(instance);
    if (instance->strategy->caller == PS_CALLER_WORKS) {
        ps_team_start(instance->team, 0, members ? members : 1, trial_main, instance);
    } else {
        ps_team_narrow(instance->team, instance->workers);
        ps_team_start_floating(instance->team, members, trial_main, instance);
    }
}

int ps_trial_wait(struct ps_instance *instance, uint64_t deadline_ns)
{
    return ps_team_wait(instance->team, deadline_ns);
}

void ps_trial_probe(struct parscope_exec *x, const struct ps_probe *probe)
{
    set_probe(ps_trial_instance(x), probe);
}

struct ps_instance *ps_trial_instance(struct parscope_exec *x)
{
    return (struct ps_instance *)x;
}
