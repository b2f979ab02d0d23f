/* A strategy that a plug-in brings. Its threads are its own; it tells when they enter and leave
 * their shares, and what it tells is checked when the region ends. */
#include "strategy_plugin.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "region.h"

struct adapter {
    struct ps_strategy abi; /* first */
    const struct parscope_strategy *own;
};

/* A slot in the region that is open; only the thread in it touches the plain members. */
struct parker {
    PS_ALIGNED _Atomic(pthread_t) thread;
    unsigned depth; /* of pairs of enter and leave */
    bool used;
    uint64_t mark; /* ticks of the outermost enter */
    uint64_t busy; /* ticks */
    uint64_t items;
};

enum flaw { NO_FLAW, NO_SLOT, TWO_THREADS, NOT_ENTERED };

struct instance {
    struct ps_instance base; /* first */
    struct parscope_host host;
    void *state;
    struct parker *parkers;
    pthread_t caller;
    /* What was seen to be wrong, and the slot; either of several. */
    _Atomic enum flaw flaw;
    _Atomic unsigned flaw_slot;
    char fault[160];
};

static struct instance *instance_of(struct parscope_host *h)
{
    return (struct instance *)((char *)h - offsetof(struct instance, host));
}

static const struct parscope_strategy *own_of(const struct ps_instance *in)
{
    return ((const struct adapter *)in->strategy)->own;
}

/* relaxed: the region's end orders it, as it does all that workers did. */
static void note(struct instance *in, enum flaw flaw, unsigned slot)
{
    atomic_store_explicit(&in->flaw_slot, slot, memory_order_relaxed);
    atomic_store_explicit(&in->flaw, flaw, memory_order_relaxed);
}

/* NULL where there is no such slot, which is noted. */
static struct parker *parker_of(struct instance *in, unsigned slot)
{
    if (slot < in->base.workers)
        return &in->parkers[slot];
    note(in, NO_SLOT, slot);
    return NULL;
}

/* The caller is counted as a whole, its shares included. */
static bool counts_apart(const struct instance *in)
{
    return ps_probed(&in->base) && !pthread_equal(in->caller, pthread_self());
}

static void enter(struct parscope_host *h, unsigned slot)
{
    struct instance *in = instance_of(h);
    struct parker *s = parker_of(in, slot);

    if (!s)
        return;
    /* relaxed: a thread sees its own store; another's, if it is there against the rules. */
    if (s->depth &&
        !pthread_equal(atomic_load_explicit(&s->thread, memory_order_relaxed), pthread_self()))
        note(in, TWO_THREADS, slot);
    if (s->depth++)
        return;
    atomic_store_explicit(&s->thread, pthread_self(), memory_order_relaxed);
    s->used = true;
    if (counts_apart(in))
        ps_probe_begin(&in->base, slot);
    s->mark = ps_ticks();
}

static void leave(struct parscope_host *h, unsigned slot, uint64_t items)
{
    struct instance *in = instance_of(h);
    struct parker *s = parker_of(in, slot);

    if (!s)
        return;
    if (!s->depth) {
        note(in, NOT_ENTERED, slot);
        return;
    }
    s->items += items;
    if (--s->depth)
        return;
    s->busy += ps_ticks_between(s->mark, ps_ticks());
    if (counts_apart(in))
        ps_probe_end(&in->base, slot);
}

/* Moves what the parkers have to the slots, and returns how many items that is. */
static uint64_t settle(struct instance *in, uint64_t *max_busy, unsigned *inside)
{
    uint64_t items = 0;

    for (unsigned i = 0; i < in->base.workers; i++) {
        struct ps_slot *slot = &in->base.slots[i];
        struct parker *s = &in->parkers[i];

        slot->busy += s->busy;
        slot->items += s->items;
        slot->shares += s->used;
        items += s->items;
        *inside += s->depth > 0;
        if (s->busy > *max_busy)
            *max_busy = s->busy;
        s->busy = s->items = 0;
        s->depth = 0;
        s->used = false;
    }
    return items;
}

static int fail(struct instance *in)
{
    in->base.fault = in->fault;
    return -EPROTO;
}

/* Whether what the plug-in told can be true; n: items of a range, 0: a tree. */
static int judge(struct instance *in, uint64_t n, uint64_t items, unsigned inside)
{
    unsigned slot = atomic_load_explicit(&in->flaw_slot, memory_order_relaxed);

    switch (atomic_load_explicit(&in->flaw, memory_order_relaxed)) {
    case NO_SLOT:
        snprintf(in->fault, sizeof in->fault, "the plug-in used slot %u, but there are only %u",
                 slot, in->base.workers);
        return fail(in);
    case TWO_THREADS:
        snprintf(in->fault, sizeof in->fault, "the plug-in had two threads in slot %u at once",
                 slot);
        return fail(in);
    case NOT_ENTERED:
        snprintf(in->fault, sizeof in->fault, "the plug-in left slot %u without entering it first",
                 slot);
        return fail(in);
    case NO_FLAW:
        break;
    }
    if (inside) {
        snprintf(in->fault, sizeof in->fault,
                 "the plug-in returned from a region in which %u of %u slots were still entered",
                 inside, in->base.workers);
        return fail(in);
    }
    if (!n || items == n)
        return 0;
    snprintf(in->fault, sizeof in->fault, "the plug-in reported %llu items, but there are %llu",
             (unsigned long long)items, (unsigned long long)n);
    return fail(in);
}

static int finish_region(struct instance *in, int err, uint64_t start, uint64_t n)
{
    uint64_t region = ps_ticks_between(start, ps_ticks()), max_busy = 0, items;
    unsigned inside = 0;

    items = settle(in, &max_busy, &inside);
    ps_region_add(&in->base, region, max_busy);
    if (err < 0)
        return err;
    if (err > 0) {
        snprintf(in->fault, sizeof in->fault,
                 "the plug-in returned %d, which is neither 0 nor a negative errno", err);
        return fail(in);
    }
    return judge(in, n, items, inside);
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct instance *in = (struct instance *)x;
    uint64_t start = ps_ticks();

    if (!n)
        return 0;
    in->caller = pthread_self();
    return finish_region(in, own_of(&in->base)->range(in->state, n, body, arg), start, n);
}

static int root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct instance *in = (struct instance *)x;
    uint64_t start = ps_ticks();

    in->caller = pthread_self();
    return finish_region(in, own_of(&in->base)->root(in->state, task, arg), start, 0);
}

static int no_range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    return -ENOTSUP;
}

static int create_own(struct instance *in, const union parscope_value *options)
{
    unsigned workers = in->base.workers;
    int *cpus = calloc(workers, sizeof *cpus), err;

    if (!cpus)
        return -ENOMEM;
    for (unsigned i = 0; i < workers; i++)
        cpus[i] = ps_team_cpu(in->base.team, i);
    err = own_of(&in->base)->create(options, &in->host, workers, cpus, &in->state);
    free(cpus);
    return err > 0 ? -EPROTO : err;
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct instance *in = (struct instance *)base;
    int err;

    in->host = (struct parscope_host){enter, leave};
    in->parkers = aligned_alloc(PS_LINE, base->workers * sizeof *in->parkers);
    if (!in->parkers)
        return -ENOMEM;
    for (unsigned i = 0; i < base->workers; i++)
        in->parkers[i] = (struct parker){.depth = 0};
    err = create_own(in, options);
    if (err < 0)
        free(in->parkers);
    return err;
}

static void finish(struct ps_instance *base)
{
    struct instance *in = (struct instance *)base;

    if (own_of(base)->destroy)
        own_of(base)->destroy(in->state);
    free(in->parkers);
}

static const struct parscope_exec_ops range_ops = {range, ps_no_root};
static const struct parscope_exec_ops tree_ops = {no_range, root};
static const struct parscope_exec_ops both_ops = {range, root};

static const struct parscope_exec_ops *ops_of(const struct parscope_strategy *own)
{
    if (own->range && own->root)
        return &both_ops;
    return own->range ? &range_ops : &tree_ops;
}

const struct ps_strategy *ps_strategy_adapt(const struct parscope_strategy *own, struct ps_arena *a)
{
    struct adapter *adapter = ps_arena_alloc(a, sizeof *adapter);

    *adapter = (struct adapter){
        .abi =
            {
                .name = own->name,
                .summary = own->summary,
                .stands_for = own->stands_for,
                .shapes = own->shapes,
                .no_range = own->no_range,
                .no_tree = own->no_tree,
                .no_wait = own->no_wait,
                .params = own->params,
                .caller = PS_CALLER_WAITS,
                .creates_threads = true,
                .hides_spin = true,
                .isolated = true,
                .instance_size = sizeof(struct instance),
                .init = init,
                .finish = finish,
                .ops = ops_of(own),
            },
        .own = own,
    };
    return &adapter->abi;
}
