/*
 * One persistent thread to which the caller hands every item, and waits until it is done.
 *
 * Caller and thread share a CPU, as a lone worker and its caller do in all strategies, so neither
 * spins: a hand-over is two switches. `given` and `done` count items through the life of the
 * instance; each side sleeps on its parker (park.h) until the other has counted.
 */
#include "region.h"

struct job {
    parscope_range_fn *body;
    void *arg;
    uint64_t n, index;
};

struct handoff {
    struct ps_instance base;
    struct parscope_worker abi;
    struct job job;    /* published with `given` */
    uint64_t busy;     /* ticks of the region; published with `done` */
    bool closing;      /* published with `given` */
    uint64_t accepted; /* items; the thread's */

    PS_ALIGNED _Atomic uint64_t given;
    struct ps_parker worker;
    PS_ALIGNED _Atomic uint64_t done;
    struct ps_parker caller;
};

/* Sleeps until *count is above `seen`. */
static void await_count(_Atomic uint64_t *count, uint64_t seen, struct ps_parker *parker)
{
    for (;;) {
        ps_parker_take(parker);
        /* seq_cst: after taking the parker, pairs with raise; its acquire half gives what came
         * before the count. */
        if (atomic_load_explicit(count, memory_order_seq_cst) > seen)
            break;
        ps_parker_sleep(parker);
    }
    ps_parker_leave(parker);
}

static void raise(_Atomic uint64_t *count, struct ps_parker *parker)
{
    /* seq_cst: before looking at the parker; the release half publishes what came before. */
    atomic_fetch_add_explicit(count, 1, memory_order_seq_cst);
    ps_parker_call(parker, PS_PARKER_AWAKE);
}

static void run_item(struct handoff *h)
{
    const struct job *j = &h->job;
    struct ps_slot *slot = &h->base.slots[0];
    uint64_t start, ticks;

    if (!j->index)
        ps_probe_begin(&h->base, 0);
    start = ps_ticks();
    j->body(j->arg, j->index, j->index + 1, &h->abi);
    ticks = ps_ticks_between(start, ps_ticks());
    h->busy += ticks;
    slot->busy += ticks;
    slot->items++;
    slot->shares += !j->index;
    if (j->index + 1 == j->n)
        ps_probe_end(&h->base, 0);
}

static void work(struct ps_instance *base, unsigned slot)
{
    struct handoff *h = (struct handoff *)base;

    for (;;) {
        await_count(&h->given, h->accepted, &h->worker);
        h->accepted++;
        if (h->closing)
            return;
        run_item(h);
        raise(&h->done, &h->caller);
    }
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct handoff *h = (struct handoff *)x;
    uint64_t start = ps_ticks();
    uint64_t done = atomic_load_explicit(&h->done, memory_order_relaxed);

    if (!n)
        return 0;
    h->busy = 0;
    for (uint64_t i = 0; i < n; i++) {
        h->job = (struct job){body, arg, n, i};
        raise(&h->given, &h->worker);
        await_count(&h->done, done + i, &h->caller);
    }
    ps_region_add(&h->base, ps_ticks_between(start, ps_ticks()), h->busy);
    return 0;
}

static void open_trial(struct ps_instance *base)
{
    ((struct handoff *)base)->closing = false;
}

static void close_trial(struct ps_instance *base)
{
    struct handoff *h = (struct handoff *)base;

    h->closing = true;
    raise(&h->given, &h->worker);
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct handoff *h = (struct handoff *)base;

    h->abi = (struct parscope_worker){ps_join_serial, 0};
    h->accepted = 0;
    atomic_init(&h->given, 0);
    atomic_init(&h->done, 0);
    atomic_init(&h->worker.state, PS_PARKER_AWAKE);
    atomic_init(&h->caller.state, PS_PARKER_AWAKE);
    return 0;
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_handoff = {
    .name = "handoff",
    .summary = "one persistent thread that is handed each item and waited for",
    .stands_for = "a single reused thread",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "its only thread would wait for forks that nobody else can run",
    .caller = PS_CALLER_WAITS,
    .serial = true,
    .no_efficiency = true,
    .per_item = true,
    .item_cost = 10e-6,
    .instance_size = sizeof(struct handoff),
    .init = init,
    .open = open_trial,
    .work = work,
    .close = close_trial,
    .ops = &ops,
};
