/*
 * A fork-join team that lives as long as the trial. The caller is worker 0.
 *
 * A region: the caller writes the job and raises `epoch`; every worker sees the new epoch, does its
 * share and lowers `pending`; the caller does its own share and waits for 0. The job is not written
 * again before that, and no worker misses an epoch, because the next one waits for it.
 *
 * Workers spin on epoch for about as long as a wake-up takes, then sleep on it. `sleepers` saves
 * the caller the system call while all are awake: a worker raises it before the kernel compares
 * epoch with the one that it has seen, the caller raises epoch before it reads sleepers.
 */
#include <errno.h>
#include <stdlib.h>

#include "region.h"

enum { SCHEDULE, CHUNK };
enum schedule { STATIC, DYNAMIC, GUIDED };

static const char *const schedules[] = {"static", "dynamic", "guided", NULL};
static const struct parscope_param params[] = {
    {"schedule", PARSCOPE_CHOICE, "static", 0, 0, schedules,
     "who does which items: equal shares, chunks on demand, or shrinking chunks on demand"},
    {"chunk", PARSCOPE_COUNT, "0", 0, 1e9, NULL,
     "items taken at once (guided: at least); 0: one share each, or 1 on demand"},
    {NULL},
};

struct job {
    parscope_range_fn *body;
    void *arg;
    uint64_t n;
    uint64_t start;    /* ticks at which the region opened */
    uint64_t last_end; /* and at which the one before it closed */
};

struct worker {
    PS_ALIGNED struct parscope_worker face;
    uint32_t seen;   /* last epoch */
    uint64_t done;   /* ticks at which it had done its last share, 0: none yet */
    uint64_t asleep; /* and at which it fell asleep after that, 0: it did not */
};

struct pool {
    struct ps_instance base;
    enum schedule schedule;
    uint64_t chunk;
    struct worker *workers;
    bool closing; /* published with epoch, like job */

    PS_ALIGNED _Atomic uint32_t epoch;
    _Atomic uint32_t sleepers;
    struct job job;

    PS_ALIGNED _Atomic uint32_t pending; /* workers that have not done their share */
    struct ps_seat caller;
    _Atomic uint64_t max_busy; /* ticks of the busiest worker so far */

    PS_ALIGNED _Atomic uint64_t next; /* item that nobody has taken; dynamic, guided */
};

static void run_items(struct pool *p, struct worker *w, uint64_t begin, uint64_t end)
{
    p->job.body(p->job.arg, begin, end, &w->face);
    p->base.slots[w->face.slot].items += end - begin;
}

static void run_share(struct pool *p, struct worker *w)
{
    struct ps_items share = ps_equal_share(p->job.n, w->face.slot, p->base.workers);

    if (share.begin < share.end)
        run_items(p, w, share.begin, share.end);
}

static uint64_t chunk_end(const struct pool *p, uint64_t begin, uint64_t count)
{
    return p->job.n - begin < count ? p->job.n : begin + count;
}

/* Every workers-th chunk. */
static void run_cyclic(struct pool *p, struct worker *w)
{
    uint64_t chunks = p->job.n / p->chunk + (p->job.n % p->chunk > 0);

    for (uint64_t i = w->face.slot; i < chunks; i += p->base.workers)
        run_items(p, w, i * p->chunk, chunk_end(p, i * p->chunk, p->chunk));
}

static void run_dynamic(struct pool *p, struct worker *w)
{
    uint64_t begin;

    /* relaxed: only shares out numbers; each worker adds to it at most once beyond n. */
    while ((begin = atomic_fetch_add_explicit(&p->next, p->chunk, memory_order_relaxed)) < p->job.n)
        run_items(p, w, begin, chunk_end(p, begin, p->chunk));
}

/* Half of an equal share of what is left, so that the first takers leave enough to even out. */
static uint64_t guided_count(const struct pool *p, uint64_t left)
{
    uint64_t count = left / (2 * (uint64_t)p->base.workers);

    return count > p->chunk ? count : p->chunk;
}

static void run_guided(struct pool *p, struct worker *w)
{
    uint64_t begin = atomic_load_explicit(&p->next, memory_order_relaxed);

    while (begin < p->job.n) {
        uint64_t end = chunk_end(p, begin, guided_count(p, p->job.n - begin));

        /* relaxed: only shares out numbers. */
        if (!atomic_compare_exchange_weak_explicit(&p->next, &begin, end, memory_order_relaxed,
                                                   memory_order_relaxed))
            continue;
        run_items(p, w, begin, end);
        begin = atomic_load_explicit(&p->next, memory_order_relaxed);
    }
}

/* Runs the worker's part from `start` on, and returns its busy ticks. */
static uint64_t run_part(struct pool *p, struct worker *w, uint64_t start)
{
    struct ps_slot *slot = &p->base.slots[w->face.slot];
    uint64_t busy;

    if (p->schedule == GUIDED)
        run_guided(p, w);
    else if (p->schedule == DYNAMIC)
        run_dynamic(p, w);
    else if (p->chunk)
        run_cyclic(p, w);
    else
        run_share(p, w);
    w->done = ps_ticks();
    busy = ps_ticks_between(start, w->done);
    slot->busy += busy;
    slot->shares++;
    return busy;
}

/* True where the epoch came while the worker was still looking. */
static bool epoch_came(struct pool *p, struct worker *w)
{
    uint64_t start = ps_ticks();

    do {
        /* acquire: pairs with the caller's store of epoch, for job and closing. */
        for (unsigned i = 0; i < 16; i++, ps_cpu_relax())
            if (atomic_load_explicit(&p->epoch, memory_order_acquire) != w->seen)
                return true;
    } while (ps_ticks_between(start, ps_ticks()) < p->base.spin_ticks);
    return false;
}

static void await_epoch(struct pool *p, struct worker *w)
{
    w->asleep = 0;
    if (!epoch_came(p, w)) {
        w->asleep = ps_ticks();
        /* seq_cst: before the comparison in the kernel, pairs with raise_epoch. */
        atomic_fetch_add_explicit(&p->sleepers, 1, memory_order_seq_cst);
        while (atomic_load_explicit(&p->epoch, memory_order_acquire) == w->seen)
            ps_futex_wait(&p->epoch, w->seen, PS_FUTEX_NO_LIMIT);
        atomic_fetch_sub_explicit(&p->sleepers, 1, memory_order_relaxed);
    }
    w->seen++;
}

/* Spinning counts only while a region was open: from the worker's last share to that region's end,
 * and from this region's start. */
static void add_spin(struct pool *p, struct worker *w, uint64_t now)
{
    uint64_t end = w->asleep && w->asleep < p->job.last_end ? w->asleep : p->job.last_end;

    if (w->done)
        p->base.slots[w->face.slot].spin += ps_ticks_between(w->done, end);
    if (!w->asleep && !p->closing)
        p->base.slots[w->face.slot].spin += ps_ticks_between(p->job.start, now);
}

static void take_part(struct pool *p, struct worker *w)
{
    uint64_t start = ps_ticks();

    add_spin(p, w, start);
    if (p->base.probe.begin) {
        ps_probe_begin(&p->base, w->face.slot);
        start = ps_ticks();
    }
    ps_atomic_max(&p->max_busy, run_part(p, w, start));
    ps_probe_end(&p->base, w->face.slot);
    /* seq_cst: before looking at the seat; the release half gives the caller all that was done. */
    if (atomic_fetch_sub_explicit(&p->pending, 1, memory_order_seq_cst) == 1)
        ps_seat_call(&p->caller, PS_SEAT_AWAKE);
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
    /* seq_cst: before reading sleepers; the release half publishes job, pending and the rest. */
    atomic_fetch_add_explicit(&p->epoch, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&p->sleepers, memory_order_seq_cst))
        ps_futex_wake(&p->epoch, INT32_MAX);
}

static bool all_done(struct pool *p)
{
    /* seq_cst: after taking the seat, if so; the acquire half pairs with take_part. */
    return !atomic_load_explicit(&p->pending, memory_order_seq_cst);
}

static bool done_soon(struct pool *p)
{
    uint64_t start = ps_ticks(), now;
    bool done;

    do {
        for (unsigned i = 0; i < 16 && !all_done(p); i++)
            ps_cpu_relax();
        done = all_done(p);
        now = ps_ticks();
    } while (!done && ps_ticks_between(start, now) < p->base.spin_ticks);
    p->base.slots[0].spin += ps_ticks_between(start, now);
    return done;
}

static void await_all(struct pool *p)
{
    if (done_soon(p))
        return;
    for (;;) {
        ps_seat_take(&p->caller);
        if (all_done(p))
            break;
        ps_seat_sleep(&p->caller);
    }
    ps_seat_leave(&p->caller);
}

static void open_region(struct pool *p, uint64_t n, parscope_range_fn *body, void *arg)
{
    p->job = (struct job){body, arg, n, ps_ticks(), p->job.last_end};
    /* relaxed: published by raise_epoch. */
    atomic_store_explicit(&p->pending, p->base.workers - 1, memory_order_relaxed);
    atomic_store_explicit(&p->max_busy, 0, memory_order_relaxed);
    atomic_store_explicit(&p->next, 0, memory_order_relaxed);
    raise_epoch(p);
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct pool *p = (struct pool *)x;
    uint64_t start;

    if (!n)
        return 0;
    ps_probe_begin(&p->base, 0);
    open_region(p, n, body, arg);
    start = p->job.start;
    ps_atomic_max(&p->max_busy, run_part(p, &p->workers[0], start));
    await_all(p);
    p->job.last_end = ps_ticks();
    ps_region_add(&p->base, ps_ticks_between(start, p->job.last_end),
                  atomic_load_explicit(&p->max_busy, memory_order_relaxed));
    ps_probe_end(&p->base, 0);
    return 0;
}

/* The workers of the last trial are gone, those of this one have not started. */
static void open_trial(struct ps_instance *base)
{
    struct pool *p = (struct pool *)base;
    uint32_t epoch = atomic_load_explicit(&p->epoch, memory_order_relaxed);

    p->closing = false;
    p->job = (struct job){NULL};
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

    p->schedule = (enum schedule)options[SCHEDULE].choice;
    p->chunk = options[CHUNK].count;
    if (!p->chunk && p->schedule != STATIC)
        p->chunk = 1;
    p->workers = aligned_alloc(PS_LINE, base->workers * sizeof(*p->workers));
    if (!p->workers)
        return -ENOMEM;
    for (unsigned i = 0; i < base->workers; i++)
        p->workers[i] = (struct worker){.face = {ps_join_serial, i}};
    atomic_init(&p->epoch, 0);
    atomic_init(&p->sleepers, 0);
    atomic_init(&p->pending, 0);
    atomic_init(&p->caller.state, PS_SEAT_AWAKE);
    atomic_init(&p->max_busy, 0);
    atomic_init(&p->next, 0);
    return 0;
}

static void finish(struct ps_instance *base)
{
    free(((struct pool *)base)->workers);
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_pool = {
    .name = "pool",
    .summary = "a fork-join team that stays alive between regions",
    .stands_for = "a thread pool kept alive between runs",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "all its workers meet at the end of each region: a fork inside would wait for "
               "workers that wait for it",
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
