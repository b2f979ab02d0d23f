/*
 * A new thread for every item, up to one per worker at once.
 *
 * A thread's last act is to put its slot on the list of finished ones. The caller takes the whole
 * list at once, so that nothing is ever removed from its middle and a compare-and-swap is enough to
 * add to it.
 */
#include <errno.h>
#include <stdlib.h>

#include "spawned.h"

struct worker {
    PS_ALIGNED struct parscope_worker abi;
    struct spawn_op *spawn;
    pthread_t thread;
    uint64_t item;
    /* Of the region; passed on from thread to thread by joining. */
    bool took_part;
    uint64_t busy;
    struct worker *next; /* in a list of finished or free ones */
};

struct spawn_op {
    struct ps_instance base;
    struct worker *workers;
    pthread_attr_t *attrs; /* per worker */
    parscope_range_fn *body;
    void *arg;
    struct worker *free; /* without a thread */
    unsigned running;    /* with a thread that is not joined */
    PS_ALIGNED _Atomic(struct worker *) finished;
    struct ps_parker caller;
};

static void run_item(struct worker *w)
{
    const struct ps_instance *in = &w->spawn->base;
    struct ps_slot *slot = &in->slots[w->abi.slot];
    uint64_t start, ticks;

    ps_probe_begin(in, w->abi.slot);
    start = ps_ticks();
    w->spawn->body(w->spawn->arg, w->item, w->item + 1, &w->abi);
    ticks = ps_ticks_between(start, ps_ticks());
    if (!w->took_part)
        slot->shares++;
    w->took_part = true;
    w->busy += ticks;
    slot->busy += ticks;
    slot->items++;
    ps_probe_end(in, w->abi.slot);
}

static void *thread_main(void *arg)
{
    struct worker *w = arg;
    struct spawn_op *s = w->spawn;

    run_item(w);
    w->next = atomic_load_explicit(&s->finished, memory_order_relaxed);
    /* seq_cst: before looking at the caller's parker; the release half publishes w->next. */
    while (!atomic_compare_exchange_weak_explicit(&s->finished, &w->next, w, memory_order_seq_cst,
                                                  memory_order_relaxed))
        ;
    ps_parker_call(&s->caller, PS_PARKER_AWAKE);
    return NULL;
}

static struct worker *await_finished(struct spawn_op *s)
{
    struct worker *list;

    for (;;) {
        /* acquire: pairs with the exchange in thread_main, for the list's links. */
        list = atomic_exchange_explicit(&s->finished, NULL, memory_order_acquire);
        if (list)
            return list;
        ps_parker_take(&s->caller);
        /* seq_cst: after taking the parker. */
        if (atomic_load_explicit(&s->finished, memory_order_seq_cst))
            ps_parker_leave(&s->caller);
        else
            ps_parker_sleep(&s->caller);
    }
}

/* Waits for at least one thread and joins all that have finished. */
static void reap(struct spawn_op *s)
{
    for (struct worker *w = await_finished(s), *next; w; w = next) {
        next = w->next;
        pthread_join(w->thread, NULL);
        w->next = s->free;
        s->free = w;
        s->running--;
    }
}

static int submit(struct spawn_op *s, uint64_t item)
{
    struct worker *w;
    int err;

    if (!s->free)
        reap(s);
    w = s->free;
    s->free = w->next; /* w is the thread's as soon as there is one */
    w->item = item;
    err = -pthread_create(&w->thread, &s->attrs[w->abi.slot], thread_main, w);
    if (err < 0) {
        w->next = s->free;
        s->free = w;
        return err;
    }
    s->running++;
    return 0;
}

static uint64_t max_busy(struct spawn_op *s)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < s->base.workers; i++) {
        if (s->workers[i].busy > max)
            max = s->workers[i].busy;
        s->workers[i].busy = 0;
        s->workers[i].took_part = false;
    }
    return max;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct spawn_op *s = (struct spawn_op *)x;
    uint64_t start = ps_ticks();
    int err = 0;

    if (!n)
        return 0;
    s->body = body;
    s->arg = arg;
    for (uint64_t i = 0; i < n && !err; i++)
        err = submit(s, i);
    while (s->running)
        reap(s);
    ps_region_add(&s->base, ps_ticks_between(start, ps_ticks()), max_busy(s));
    return err;
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct spawn_op *s = (struct spawn_op *)base;
    int err;

    s->workers = ps_spawned_workers(base, sizeof *s->workers, &s->attrs, &err);
    if (!s->workers)
        return err;
    atomic_init(&s->finished, NULL);
    atomic_init(&s->caller.state, PS_PARKER_AWAKE);
    for (unsigned i = base->workers; i-- > 0;) {
        s->workers[i] = (struct worker){.abi = {ps_join_serial, i}, .spawn = s, .next = s->free};
        s->free = &s->workers[i];
    }
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct spawn_op *s = (struct spawn_op *)base;

    ps_team_attrs_free(s->attrs, base->workers);
    free(s->workers);
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_spawn_op = {
    .name = "spawn-op",
    .summary = "a new thread for every item, with at most one per worker at once",
    .stands_for = "a new thread per operation: the slow pattern",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree =
        "with a new thread at every fork, it would need as many threads as the tree has nodes",
    .caller = PS_CALLER_WAITS,
    .creates_threads = true,
    .per_item = true,
    .item_cost = 40e-6,
    .instance_size = sizeof(struct spawn_op),
    .init = init,
    .finish = finish,
    .ops = &ops,
};
