/*
 * A fork-join team that lives as long as the trial. The caller is worker 0.
 *
 * A region: the caller writes the job and raises `epoch`; every worker sees the new epoch, does its
 * share and arrives; the caller does its own share and waits until all have arrived. The job is not
 * written again before that, and no worker misses an epoch, because the next one waits for it.
 *
 * Workers spin on epoch for about as long as a wake-up takes, then sleep on their parkers (park.h).
 * They are woken along a tree (near.h): the caller wakes its children where they sleep, and every
 * worker its own, once it has seen the epoch and before it does its share. A worker takes its
 * parker and then compares epoch with the one that it has seen; who wakes it has seen the new epoch
 * before it looks at the parker. So the launch is logarithmic in the number of workers, and few
 * wake-ups go from one package to another.
 *
 * They arrive along the same tree. A node counts the worker and its children's nodes, in a word
 * that also holds the largest busy time so far, and the region that was completed last; who
 * completes a node goes on to its parent. The caller is not counted in node 0, and waits until its
 * word has the region. So no word is written by more than three.
 *
 * In a hot region of two workers two lines move, as they must: the job's with the epoch, and node
 * 0's back. What else one of them writes in a region lies apart from all that the other reads.
 */
#include <errno.h>
#include <stdlib.h>

#include "region.h"
#include "schedule.h"

/* Of a node's word, from below: how many have still to arrive, the region that was completed last,
 * and the busy ticks of the busiest that has arrived since, or of that region. */
#define LEFT_MASK   UINT64_C(0xff)
#define TAG_SHIFT   8
#define TAG_MASK    UINT64_C(0xff)
#define BUSY_SHIFT  16
#define TAG_OF(job) ((job)->loop.number & TAG_MASK)

enum { SCHEDULE, CHUNK };

/* In the order of enum ps_schedule_kind. */
static const char *const schedules[] = {"static", "dynamic", "guided", NULL};
static const struct parscope_param params[] = {
    {"schedule", PARSCOPE_CHOICE, "static", 0, 0, schedules,
     "how items are assigned: equal shares, chunks on demand, or shrinking chunks on demand"},
    {"chunk", PARSCOPE_COUNT, "0", 0, 1e9, NULL,
     "items taken at once (guided: at least); 0: one share each, or 1 on demand"},
    {NULL},
};

struct job {
    struct ps_loop loop; /* numbered through the life of the instance */
    uint64_t start;      /* ticks at which the region opened */
    uint64_t last_end;   /* and at which the one before it closed */
};

struct worker {
    PS_ALIGNED struct parscope_worker abi;

    /* Its own, written in each region. */
    PS_ALIGNED uint32_t seen; /* last epoch */
    uint64_t done;            /* ticks at which it had done its last share, 0: none yet */
    uint64_t asleep;          /* and at which it fell asleep after that, 0: it did not */
    uint64_t guess;           /* the word of the node where it arrives, as it left it */

    /* Looked at by who wakes it in each region, written where it sleeps. */
    PS_ALIGNED struct ps_parker parker;
    const struct ps_near_worker *near;
    uint64_t full; /* how many arrive at its node */

    PS_ALIGNED _Atomic uint64_t arrivals; /* its node's word */
};

struct pool {
    struct ps_instance base;
    struct worker *workers;
    bool closing; /* published with epoch, like job */

    PS_ALIGNED _Atomic uint32_t epoch;
    struct job job;
    struct ps_parker caller;

    struct ps_schedule schedule;
};

/* Runs the worker's part from `start` on, and returns its busy ticks. */
static uint64_t run_part(struct pool *p, struct worker *w, uint64_t start)
{
    struct ps_slot *slot = &p->base.slots[w->abi.slot];
    uint64_t busy;

    slot->items += ps_schedule_run(&p->schedule, &p->job.loop, &w->abi);
    w->done = ps_ticks();
    busy = ps_ticks_between(start, w->done);
    slot->busy += busy;
    slot->shares++;
    return busy;
}

/* True where the epoch came while the worker was still looking. */
static bool epoch_came(struct pool *p, struct worker *w)
{
    uint64_t start = w->done ? w->done : ps_ticks();

    do {
        /* acquire: pairs with the caller's store of epoch, for job and closing. */
        for (unsigned i = 0; i < 16; i++, ps_cpu_relax())
            if (atomic_load_explicit(&p->epoch, memory_order_acquire) != w->seen)
                return true;
    } while (ps_ticks_between(start, ps_ticks()) < p->base.spin_ticks);
    return false;
}

static void sleep_until_epoch(struct pool *p, struct worker *w)
{
    for (;;) {
        ps_parker_take(&w->parker);
        /* seq_cst: after taking the parker, pairs with raise_epoch. */
        if (atomic_load_explicit(&p->epoch, memory_order_seq_cst) != w->seen)
            break;
        ps_parker_sleep(&w->parker);
    }
    ps_parker_leave(&w->parker);
}

static void wake_children(struct pool *p, const struct worker *w)
{
    const struct ps_near_worker *near = w->near;

    for (unsigned i = 0; i < near->child_count; i++)
        ps_parker_call(&p->workers[near->children[i]].parker, PS_PARKER_AWAKE);
}

static void await_epoch(struct pool *p, struct worker *w)
{
    w->asleep = 0;
    if (!epoch_came(p, w)) {
        w->asleep = ps_ticks();
        sleep_until_epoch(p, w);
    }
    w->seen++;
    wake_children(p, w);
}

/* Spinning counts only while a region was open: from the worker's last share to that region's end,
 * and from this region's start. */
static void add_spin(struct pool *p, struct worker *w, uint64_t now)
{
    uint64_t end = w->asleep && w->asleep < p->job.last_end ? w->asleep : p->job.last_end;

    if (w->done)
        p->base.slots[w->abi.slot].spin += ps_ticks_between(w->done, end);
    if (!w->asleep && !p->closing)
        p->base.slots[w->abi.slot].spin += ps_ticks_between(p->job.start, now);
}

/* True where this was the last: *busy is then the largest of the node. What a node's word is
 * guessed to be need not be right: the line comes once, with the first exchange. */
static bool arrive(struct pool *p, struct worker *node, uint64_t *guess, uint64_t *busy)
{
    uint64_t word = *guess, left, most, next;

    do {
        left = word & LEFT_MASK;
        most = left < node->full && word >> BUSY_SHIFT > *busy ? word >> BUSY_SHIFT : *busy;
        next = left > 1 ? (word & TAG_MASK << TAG_SHIFT) | (left - 1)
                        : TAG_OF(&p->job) << TAG_SHIFT | node->full;
        /* seq_cst: before looking at the caller's parker. Its release half gives whoever completes
         * the node all that was done, the acquire half takes it along to the parent. */
    } while (!atomic_compare_exchange_weak_explicit(&node->arrivals, &word,
                                                    next | most << BUSY_SHIFT, memory_order_seq_cst,
                                                    memory_order_relaxed));
    *guess = next | most << BUSY_SHIFT;
    *busy = most;
    return left == 1;
}

/* A worker without children is its parent's matter. */
static void arrive_all(struct pool *p, struct worker *w, uint64_t busy)
{
    struct worker *node = w->near->child_count ? w : &p->workers[w->near->parent];
    uint64_t *guess = &w->guess, other = 0;

    while (arrive(p, node, guess, &busy)) {
        if (node == p->workers) {
            ps_parker_call(&p->caller, PS_PARKER_AWAKE);
            return;
        }
        node = &p->workers[node->near->parent];
        guess = &other;
    }
}

static void take_part(struct pool *p, struct worker *w)
{
    uint64_t start = ps_ticks(), busy;

    add_spin(p, w, start);
    if (p->base.probe.begin) {
        ps_probe_begin(&p->base, w->abi.slot);
        start = ps_ticks();
    }
    busy = run_part(p, w, start);
    ps_probe_end(&p->base, w->abi.slot);
    arrive_all(p, w, busy);
}

static void work(struct ps_instance *base, unsigned slot)
{
    struct pool *p = (struct pool *)base;
    struct worker *w = &p->workers[slot];

    for (;;) {
        await_epoch(p, w);
        if (p->closing)
            break;
        take_part(p, w);
    }
    add_spin(p, w, 0);
}

static void raise_epoch(struct pool *p)
{
    /* seq_cst: before anybody who has seen it looks at parkers; the release half publishes the job
     * and the rest. */
    atomic_fetch_add_explicit(&p->epoch, 1, memory_order_seq_cst);
    wake_children(p, &p->workers[0]);
}

static bool all_done(struct pool *p)
{
    /* seq_cst: after taking the parker, if so; the acquire half pairs with arrive. */
    return (atomic_load_explicit(&p->workers[0].arrivals, memory_order_seq_cst) >> TAG_SHIFT &
            TAG_MASK) == TAG_OF(&p->job);
}

static bool done_soon(struct pool *p, uint64_t start)
{
    do {
        for (unsigned i = 0; i < 16; i++, ps_cpu_relax())
            if (all_done(p))
                return true;
    } while (ps_ticks_between(start, ps_ticks()) < p->base.spin_ticks);
    return all_done(p);
}

static void sleep_until_done(struct pool *p)
{
    for (;;) {
        ps_parker_take(&p->caller);
        if (all_done(p))
            break;
        ps_parker_sleep(&p->caller);
    }
    ps_parker_leave(&p->caller);
}

/* From the end of the caller's share on; returns the time at which all were done. */
static uint64_t await_all(struct pool *p, uint64_t from)
{
    bool soon = p->base.workers == 1 || done_soon(p, from);
    uint64_t now = ps_ticks();

    p->base.slots[0].spin += ps_ticks_between(from, now);
    if (soon)
        return now;
    sleep_until_done(p);
    return ps_ticks();
}

static void open_region(struct pool *p, uint64_t n, parscope_range_fn *body, void *arg)
{
    p->job = (struct job){
        .loop = {body, arg, n, p->schedule.chunk, p->job.loop.number + 1},
        .start = ps_ticks(),
        .last_end = p->job.last_end,
    };
    ps_schedule_start(&p->schedule);
    raise_epoch(p);
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct pool *p = (struct pool *)x;
    struct worker *w = &p->workers[0];
    uint64_t start, busy, others;

    if (!n)
        return 0;
    ps_probe_begin(&p->base, 0);
    open_region(p, n, body, arg);
    start = p->job.start;
    busy = run_part(p, w, start);
    p->job.last_end = await_all(p, w->done);
    others = atomic_load_explicit(&w->arrivals, memory_order_relaxed) >> BUSY_SHIFT;
    ps_region_add(&p->base, ps_ticks_between(start, p->job.last_end),
                  busy > others ? busy : others);
    ps_probe_end(&p->base, 0);
    return 0;
}

/* The workers of the last trial are gone, those of this one have not started. */
static void open_trial(struct ps_instance *base)
{
    struct pool *p = (struct pool *)base;
    uint32_t epoch = atomic_load_explicit(&p->epoch, memory_order_relaxed);

    p->closing = false;
    p->job = (struct job){.loop = {.number = p->job.loop.number}};
    for (unsigned i = 0; i < base->workers; i++) {
        p->workers[i].seen = epoch;
        p->workers[i].done = p->workers[i].asleep = 0;
    }
}

static void close_trial(struct ps_instance *base)
{
    struct pool *p = (struct pool *)base;

    p->closing = true;
    raise_epoch(p);
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct pool *p = (struct pool *)base;
    int err;

    p->workers = aligned_alloc(PS_LINE, base->workers * sizeof *p->workers);
    if (!p->workers)
        return -ENOMEM;
    err = ps_schedule_init(&p->schedule, (enum ps_schedule_kind)options[SCHEDULE].choice,
                           options[CHUNK].count, &base->near, base->tick_ns);
    if (err < 0) {
        free(p->workers);
        return err;
    }
    for (unsigned i = 0; i < base->workers; i++) {
        const struct ps_near_worker *near = &base->near.workers[i];

        p->workers[i] = (struct worker){
            .abi = {ps_join_serial, i}, .near = near, .full = (i > 0) + near->child_count};
        atomic_init(&p->workers[i].arrivals, p->workers[i].full);
        atomic_init(&p->workers[i].parker.state, PS_PARKER_AWAKE);
    }
    atomic_init(&p->epoch, 0);
    atomic_init(&p->caller.state, PS_PARKER_AWAKE);
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct pool *p = (struct pool *)base;

    ps_schedule_finish(&p->schedule);
    free(p->workers);
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_pool = {
    .name = "pool",
    .summary = "a fork-join team that stays alive between regions",
    .stands_for = "a thread pool kept alive between runs",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree =
        "all its workers wait for each other at the end of each region: a fork inside one would "
        "deadlock",
    .params = params,
    .caller = PS_CALLER_WORKS,
    .instance_size = sizeof(struct pool),
    .init = init,
    .finish = finish,
    .open = open_trial,
    .work = work,
    .close = close_trial,
    .ops = &ops,
};
