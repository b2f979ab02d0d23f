/*
 * A persistent pool that takes items from one shared queue (ring.h), where the caller puts them
 * one by one.
 *
 * Completion is counted, not signalled per item: each worker adds what it has done to `finished`
 * when it finds the queue empty, or after `batch` items. Submissions and completions are numbered
 * through the life of the instance, so `finished` being the number of submissions means that all
 * are done. That one number also limits how many are in flight, by the option or by the ring.
 *
 * The caller sleeps (park.h) until `finished` reaches `wake_at`, and the worker that takes it there
 * wakes it: half of the limit has been worked off by then, so that it is not woken for each item.
 *
 * Workers sleep when the queue stays empty. The caller calls them after every WAKE_EVERY
 * submissions and before it waits, not after each: it publishes `submitted` and then looks for
 * sleepers; a worker takes its parker and then compares `submitted` with `head`.
 *
 * Between an item's being put and its body there is nothing that a worker has to fetch from the
 * caller but the item: it says of which region it is. The gate opens after the first item has been
 * put, for those that find none and count their spinning, and is not closed: the region is over
 * when `finished` says so. Where it is probed, the gate opens first, and closing it waits.
 *
 * The caller is a thread more than there are CPUs. At most cpus - 1 workers spin, so that there is
 * always a CPU for it, and it spins itself only while fewer items than CPUs are in flight.
 */
#include <errno.h>
#include <stdlib.h>

#include "job.h"
#include "region.h"

#define RING       4096 /* cells, if there are not more workers, and no limit in flight */
#define WAKE_EVERY 256  /* submissions */
#define BATCH      64   /* completions, at most */
#define LOOKS      4    /* of who spins, between two at the clock */

/* In the order of the option's choices; 0: as many as the ring takes. */
static const unsigned inflights[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 1024};
static const char *const inflight_names[] = {"all", "1",  "2",   "4",   "8",    "16",
                                             "32",  "64", "128", "256", "1024", NULL};
static const struct parscope_param params[] = {
    {"inflight", PARSCOPE_CHOICE, "all", 0, 0, inflight_names,
     "most items submitted at once; 1 waits for each before the next"},
    {NULL},
};

struct worker {
    PS_ALIGNED struct parscope_worker abi;
    struct queue *queue;
    struct ps_account account;
    uint64_t unreported; /* items done and not added to `finished` */
    bool odd;            /* their region is */
    PS_ALIGNED struct ps_parker parker;
};

struct queue {
    struct ps_instance base;
    struct worker *workers;
    struct ps_ring ring; /* its numbers are those of the submissions */
    uint64_t limit;      /* in flight, at most */
    uint64_t batch;
    PS_ALIGNED struct ps_gate gate; /* the region is over when `finished` has come to its end */

    PS_ALIGNED bool odd; /* one region and not the next; the caller's, as `allowed` */
    uint64_t allowed;    /* the tail may go up to here without looking at `finished` */
    PS_ALIGNED _Atomic uint64_t submitted; /* the tail, as of the last call for workers */

    PS_ALIGNED _Atomic uint64_t finished;
    _Atomic uint64_t wake_at; /* value of `finished` that the caller sleeps for, or did last */
    struct ps_parker caller;
    _Atomic uint64_t max_busy; /* see raise_max_busy */

    PS_ALIGNED _Atomic uint32_t sleeping; /* workers that sleep or are about to */
    _Atomic uint32_t spinning;
    _Atomic uint32_t closing;
};

/* The ticks in this region of the busiest worker, above a bit that says whether the region is odd:
 * what is there of the last one counts as 0, and the caller needn't write that. */
static void raise_max_busy(struct queue *q, uint64_t busy, bool odd)
{
    uint64_t now = atomic_load_explicit(&q->max_busy, memory_order_relaxed);
    uint64_t value = busy << 1 | odd;

    /* relaxed: read by the caller after an operation that orders it. */
    while (((now & 1) != odd || value > now) &&
           !atomic_compare_exchange_weak_explicit(&q->max_busy, &now, value, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
}

/* Adds what the worker has done since the last report. */
static void report(struct queue *q, struct worker *w)
{
    uint64_t count = w->unreported, finished, wake_at;

    if (!count)
        return;
    w->unreported = 0;
    ps_account_end(&w->account);
    w->account.slot->items += count;
    raise_max_busy(q, w->account.busy, w->odd);
    /* seq_cst: before reading wake_at and the parker, pairs with await_finished; the release half
     * gives the caller all that was done. */
    finished = atomic_fetch_add_explicit(&q->finished, count, memory_order_seq_cst) + count;
    wake_at = atomic_load_explicit(&q->wake_at, memory_order_seq_cst);
    if (finished >= wake_at && finished - count < wake_at)
        ps_parker_call(&q->caller, PS_PARKER_AWAKE);
}

static void begin_work(struct queue *q, struct worker *w, const struct job *j)
{
    w->odd = j->odd;
    /* The probe is the caller's to change, but not while it has a region open. */
    if (ps_probed(&q->base))
        ps_account_begin(&w->account, &q->gate);
    else
        ps_account_begin_in(&w->account, &q->gate, j->region);
}

static void run_item(struct queue *q, struct worker *w, const struct job *j)
{
    if (!w->unreported)
        begin_work(q, w, j);
    j->item.body(j->item.arg, j->index, j->index + 1, &w->abi);
    if (++w->unreported >= q->batch)
        report(q, w);
}

/* While looking for items: takes note of a region that opened or is over. */
static void watch(struct queue *q, struct worker *w)
{
    /* relaxed: what a worker may rely on it finds out by the items. */
    ps_account_watch_until(&w->account, &q->gate,
                           atomic_load_explicit(&q->finished, memory_order_relaxed));
}

/* Registers a spinning worker, where one more may. */
static bool may_spin(struct queue *q)
{
    if (!q->base.spin_ticks)
        return false;
    /* seq_cst, here and in stop_spinning: see call_workers. */
    if (atomic_fetch_add_explicit(&q->spinning, 1, memory_order_seq_cst) + 1 < q->base.cpus)
        return true;
    atomic_fetch_sub_explicit(&q->spinning, 1, memory_order_seq_cst);
    return false;
}

static void call_sleepers(struct queue *q, uint64_t count)
{
    for (unsigned i = 0; i < q->base.workers && count; i++)
        count -= ps_parker_call(&q->workers[i].parker, PS_PARKER_AWAKE);
}

static bool anyone_sleeping(struct queue *q)
{
    /* seq_cst: before looking at the parkers, pairs with sleep_until_called. */
    return atomic_load_explicit(&q->sleeping, memory_order_seq_cst) > 0;
}

static bool work_visible(struct queue *q)
{
    /* seq_cst: after taking the parker or after spinning, pairs with call_workers. An old head only
     * makes work out of none. */
    return atomic_load_explicit(&q->submitted, memory_order_seq_cst) >
           atomic_load_explicit(&q->ring.head, memory_order_seq_cst);
}

/* The caller may have counted on this worker after it had taken its item. */
static void stop_spinning(struct queue *q, bool found)
{
    atomic_fetch_sub_explicit(&q->spinning, 1, memory_order_seq_cst);
    if (found && work_visible(q) && anyone_sleeping(q))
        call_sleepers(q, 1);
}

static bool look_for_job(struct queue *q, struct job *j)
{
    for (unsigned i = 0; i < LOOKS; i++) {
        if (job_take(&q->ring, j))
            return true;
        ps_cpu_relax();
    }
    return false;
}

static bool spin_for_job(struct queue *q, struct worker *w, struct job *j)
{
    uint64_t start = ps_ticks();
    bool found;

    if (!may_spin(q))
        return false;
    while (!(found = look_for_job(q, j)) &&
           ps_ticks_between(start, ps_ticks()) < q->base.spin_ticks)
        watch(q, w);
    stop_spinning(q, found);
    return found;
}

static bool closing(struct queue *q)
{
    /* seq_cst: after taking the parker, if so; pairs with close_trial. */
    return atomic_load_explicit(&q->closing, memory_order_seq_cst);
}

static void sleep_until_called(struct queue *q, struct worker *w)
{
    ps_account_leave(&w->account, &q->gate);
    /* seq_cst, both: before the last look. */
    atomic_fetch_add_explicit(&q->sleeping, 1, memory_order_seq_cst);
    ps_parker_take(&w->parker);
    if (closing(q) || work_visible(q))
        ps_parker_leave(&w->parker);
    else
        ps_parker_sleep(&w->parker);
    ps_account_awake(&w->account, &q->gate);
    atomic_fetch_sub_explicit(&q->sleeping, 1, memory_order_relaxed);
}

/* False at the end of the trial. */
static bool next_job(struct queue *q, struct worker *w, struct job *j)
{
    if (job_take(&q->ring, j))
        return true;
    report(q, w);
    while (!closing(q)) {
        if (spin_for_job(q, w, j) || job_take(&q->ring, j))
            return true;
        sleep_until_called(q, w);
    }
    return false;
}

static void work(struct ps_instance *base, unsigned slot)
{
    struct queue *q = (struct queue *)base;
    struct worker *w = &q->workers[slot];
    struct job j;

    ps_account_awake(&w->account, &q->gate);
    while (next_job(q, w, &j))
        run_item(q, w, &j);
    ps_account_leave(&w->account, &q->gate);
}

/* Wakes as many sleepers as there are items that no spinning worker will take. Of those workers,
 * one that finds nothing looks at `submitted` before it sleeps, and one that finds an item looks
 * whether there are more before it runs it; so it does no harm if they stop after they were
 * counted. */
static void call_workers(struct queue *q)
{
    uint64_t queued, spinning;

    atomic_store_explicit(&q->submitted, q->ring.tail, memory_order_seq_cst);
    if (!anyone_sleeping(q))
        return;
    queued = q->ring.tail - atomic_load_explicit(&q->ring.head, memory_order_relaxed);
    spinning = atomic_load_explicit(&q->spinning, memory_order_seq_cst);
    if (queued > spinning)
        call_sleepers(q, queued - spinning);
}

/* A worker that has just finished is about to look for the next item: calls others only if it did
 * not come within a part of the time. */
static bool finished_soon(struct queue *q, uint64_t count)
{
    uint64_t start = ps_ticks(), waited = 0;
    bool called = false;

    while (waited < q->base.spin_ticks) {
        for (unsigned i = 0; i < LOOKS; i++) {
            /* acquire: pairs with report. */
            if (atomic_load_explicit(&q->finished, memory_order_acquire) >= count)
                return true;
            ps_cpu_relax();
        }
        if (!called && waited > q->base.spin_ticks / 4) {
            call_workers(q);
            called = true;
        }
        waited = ps_ticks_between(start, ps_ticks());
    }
    return false;
}

static void await_finished(struct queue *q, uint64_t count)
{
    if (q->limit < q->base.cpus && finished_soon(q, count))
        return;
    call_workers(q);
    /* seq_cst: before taking the parker and reading `finished`, pairs with report. */
    atomic_store_explicit(&q->wake_at, count, memory_order_seq_cst);
    for (;;) {
        ps_parker_take(&q->caller);
        if (atomic_load_explicit(&q->finished, memory_order_seq_cst) >= count)
            break;
        ps_parker_sleep(&q->caller);
    }
    ps_parker_leave(&q->caller);
}

/* Lets more items in; waits for half of those in flight where there are as many as may be. */
static void make_room(struct queue *q)
{
    /* acquire: pairs with report, for what the caller may look at between regions. */
    uint64_t finished = atomic_load_explicit(&q->finished, memory_order_acquire);

    if (q->ring.tail - finished >= q->limit) {
        finished = q->ring.tail - q->limit / 2;
        await_finished(q, finished);
    }
    q->allowed = finished + q->limit;
}

/* Of the region whose items are those up to `end`. */
static void open_gate(struct queue *q, uint64_t first, uint64_t end, uint64_t since)
{
    ps_gate_open_until(&q->gate, job_region(first), ps_probed(&q->base), since, end);
}

static void put_one(struct queue *q, struct ps_item item)
{
    if (q->ring.tail == q->allowed)
        make_room(q);
    ps_ring_put(&q->ring, item);
    if (q->ring.tail % WAKE_EVERY == 0)
        call_workers(q);
}

static void put_all(struct queue *q, uint64_t n, parscope_range_fn *body, void *arg, uint64_t since)
{
    uint64_t first = q->ring.tail;
    bool probed = ps_probed(&q->base);

    if (probed)
        open_gate(q, first, first + n, since);
    put_one(q, job_item(body, arg, 0, q->odd));
    if (!probed)
        open_gate(q, first, first + n, since);
    for (uint64_t i = 1; i < n; i++)
        put_one(q, job_item(body, arg, i, q->odd));
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct queue *q = (struct queue *)x;
    uint64_t start = ps_ticks();

    if (!n)
        return 0;
    q->odd = !q->odd;
    put_all(q, n, body, arg, start);
    await_finished(q, q->ring.tail);
    if (ps_probed(&q->base))
        ps_gate_close(&q->gate, 0);
    ps_region_add(&q->base, ps_ticks_between(start, ps_ticks()),
                  atomic_load_explicit(&q->max_busy, memory_order_relaxed) >> 1);
    return 0;
}

static void open_trial(struct ps_instance *base)
{
    /* relaxed: published by starting the members. */
    atomic_store_explicit(&((struct queue *)base)->closing, 0, memory_order_relaxed);
}

static void close_trial(struct ps_instance *base)
{
    struct queue *q = (struct queue *)base;

    /* seq_cst: before looking at the parkers, pairs with sleep_until_called. */
    atomic_store_explicit(&q->closing, 1, memory_order_seq_cst);
    for (unsigned i = 0; i < base->workers; i++)
        ps_parker_call(&q->workers[i].parker, PS_PARKER_AWAKE);
}

/* Few cells where there are few items, so that they stay in the caches. */
static uint64_t cells(const struct queue *q, unsigned inflight)
{
    uint64_t least = 4 * (uint64_t)q->base.workers;

    if (inflight)
        return inflight;
    return least < RING ? RING : least;
}

static int allocate(struct queue *q, unsigned inflight)
{
    int err = ps_ring_init(&q->ring, cells(q, inflight));

    if (err < 0)
        return err;
    q->workers = aligned_alloc(PS_LINE, q->base.workers * sizeof *q->workers);
    if (!q->workers)
        ps_ring_finish(&q->ring);
    return q->workers ? 0 : -ENOMEM;
}

static void set_limits(struct queue *q, unsigned inflight)
{
    uint64_t share;

    q->limit = inflight ? inflight : ps_ring_size(&q->ring);
    share = q->limit / (4 * (uint64_t)q->base.workers);
    q->batch = share > BATCH ? BATCH : share > 1 ? share : 1;
    q->allowed = q->limit;
}

static void init_worker(struct queue *q, unsigned i)
{
    struct worker *w = &q->workers[i];

    *w = (struct worker){.abi = {ps_join_serial, i}, .queue = q};
    ps_account_init(&w->account, &q->base, i);
    atomic_init(&w->parker.state, PS_PARKER_AWAKE);
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct queue *q = (struct queue *)base;
    unsigned inflight = inflights[options[0].choice];
    int err = allocate(q, inflight);

    if (err < 0)
        return err;
    set_limits(q, inflight);
    ps_gate_init(&q->gate);
    for (unsigned i = 0; i < base->workers; i++)
        init_worker(q, i);
    q->odd = false;
    atomic_init(&q->submitted, 0);
    atomic_init(&q->finished, 0);
    atomic_init(&q->wake_at, 0);
    atomic_init(&q->caller.state, PS_PARKER_AWAKE);
    atomic_init(&q->max_busy, 0);
    atomic_init(&q->sleeping, 0);
    atomic_init(&q->spinning, 0);
    atomic_init(&q->closing, 0);
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct queue *q = (struct queue *)base;

    ps_ring_finish(&q->ring);
    free(q->workers);
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_queue = {
    .name = "queue",
    .summary = "a persistent pool with one shared queue, one submission per item",
    .stands_for = "ThreadPoolExecutor and similar",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "a task that waits for its children would block its worker: a shared queue can "
               "deadlock on nested forks",
    .params = params,
    .caller = PS_CALLER_WAITS,
    .per_item = true,
    .item_cost = 100e-9,
    .probe_spans_spin = true,
    .instance_size = sizeof(struct queue),
    .init = init,
    .finish = finish,
    .open = open_trial,
    .work = work,
    .close = close_trial,
    .ops = &ops,
};
