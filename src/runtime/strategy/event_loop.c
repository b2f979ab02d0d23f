/*
 * One event loop, by libuv. Waits are timers of the loop, all begun at once, and what follows each
 * runs on the loop's thread, which is the caller. Computing goes item by item through libuv's
 * thread pool (`compute=pool`), or on the loop's thread itself, an item for each turn of the loop
 * (`compute=loop`), as people do by mistake.
 *
 * The pool belongs to the process, which is why this strategy has one of its own. Its threads float
 * over the CPUs of the point. libuv's timers count in milliseconds: one that fires before its time
 * is started again.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "region.h"

#define NOT_BUILT "this parscope was built without libuv"

enum { COMPUTE, INFLIGHT };

static const char *const computes[] = {"pool", "loop", NULL};
static const struct parscope_param params[] = {
    {"compute", PARSCOPE_CHOICE, "pool", 0, 0, computes,
     "where items that don't wait run: in the thread pool, or on the loop's own thread"},
    {"inflight", PARSCOPE_COUNT, "64k", 1, 1e6, NULL, "most items in progress at once"},
    {NULL},
};

#ifdef PS_HAVE_LIBUV
#include "event_loop.h"

#define MOST_THREADS 1024 /* of libuv's pool */

static uint64_t now_ns(void)
{
    return uv_hrtime();
}

/* Which slot this thread of the pool has in this instance. */
struct worker *ps_loop_self(struct loop *l)
{
    static _Thread_local struct {
        const struct loop *loop;
        uint64_t created;
        unsigned slot;
    } mine;

    if (mine.loop != l || mine.created != l->created) {
        mine.loop = l;
        mine.created = l->created;
        /* relaxed: only a number of one's own. */
        mine.slot = atomic_fetch_add_explicit(&l->threads, 1, memory_order_relaxed);
    }
    return &l->workers[mine.slot];
}

void ps_loop_account(struct loop *l, struct worker *w, uint64_t start)
{
    uint64_t ticks = ps_ticks_between(start, ps_ticks());
    struct ps_slot *slot = &l->base.slots[w->abi.slot];

    w->busy += ticks;
    slot->busy += ticks;
    slot->shares += !w->took_part;
    w->took_part = true;
}

static void run_item(struct loop *l, struct worker *w, uint64_t item)
{
    uint64_t start = ps_ticks();

    l->body(l->arg, item, item + 1, &w->abi);
    l->base.slots[w->abi.slot].items++;
    ps_loop_account(l, w, start);
}

static void on_pool(uv_work_t *work)
{
    struct flight *f = work->data;
    struct worker *w = ps_loop_self(f->loop);

    ps_probe_begin(&f->loop->base, w->abi.slot);
    run_item(f->loop, w, f->item);
    ps_probe_end(&f->loop->base, w->abi.slot);
}

static void on_pool_done(uv_work_t *work, int status);

static void submit(struct flight *f)
{
    struct loop *l = f->loop;
    int err;

    f->item = l->begun++;
    f->work.data = f;
    err = uv_queue_work(&l->loop, &f->work, on_pool, on_pool_done);
    if (err < 0 && !l->err)
        l->err = err;
}

static void on_pool_done(uv_work_t *work, int status)
{
    struct flight *f = work->data;

    if (f->loop->begun < f->loop->n && !f->loop->err)
        submit(f);
}

static void on_turn(uv_idle_t *turn)
{
    struct loop *l = turn->data;

    ps_probe_begin(&l->base, 0);
    run_item(l, &l->workers[0], l->begun++);
    ps_probe_end(&l->base, 0);
    if (l->begun == l->n)
        uv_idle_stop(turn);
}

static void begin_waits(struct flight *f);

static void on_timer(uv_timer_t *handle)
{
    struct timer *t = handle->data;
    struct flight *f = t->flight;
    struct loop *l = f->loop;
    uint64_t now = now_ns(), start;

    if (now < t->end_ns) {
        uv_timer_start(handle, on_timer, 1, 0);
        return;
    }
    start = ps_ticks();
    l->waits->resume(l->arg, f->item, t->k, 1e-9 * (double)(now - t->end_ns), &l->workers[0].abi);
    t->next = l->unused;
    l->unused = t;
    if (--f->left == 0)
        l->base.slots[0].items++;
    ps_loop_account(l, &l->workers[0], start);
    if (!f->left)
        begin_waits(f);
}

static struct timer *take_timer(struct loop *l)
{
    struct timer *t = l->unused;

    if (t) {
        l->unused = t->next;
        return t;
    }
    t = malloc(sizeof *t);
    if (!t)
        return NULL;
    uv_timer_init(&l->loop, &t->timer);
    t->timer.data = t;
    return t;
}

static void begin_wait(struct flight *f, unsigned k, double seconds)
{
    struct timer *t = take_timer(f->loop);

    if (!t) {
        f->loop->err = -ENOMEM;
        return;
    }
    t->flight = f;
    t->k = k;
    t->end_ns = now_ns() + (uint64_t)(seconds * 1e9);
    f->left++;
    uv_update_time(&f->loop->loop);
    uv_timer_start(&t->timer, on_timer, (uint64_t)ceil(seconds * 1e3), 0);
}

/* The next item that has any waits. */
static void begin_waits(struct flight *f)
{
    struct loop *l = f->loop;
    double seconds;

    while (!f->left && l->begun < l->n && !l->err) {
        f->item = l->begun++;
        for (unsigned k = 0; l->waits->wait(l->arg, f->item, k, &seconds) && !l->err; k++)
            begin_wait(f, k, seconds);
        l->base.slots[0].items += !f->left;
    }
}

static int fly(struct loop *l, void (*begin)(struct flight *f))
{
    uint64_t count = l->n < l->inflight ? l->n : l->inflight;
    struct flight *flights = calloc(count, sizeof *flights);

    if (!flights)
        return -ENOMEM;
    for (uint64_t i = 0; i < count && !l->err && l->begun < l->n; i++) {
        flights[i].loop = l;
        begin(&flights[i]);
    }
    uv_run(&l->loop, UV_RUN_DEFAULT);
    free(flights);
    return l->err;
}

static int take_turns(struct loop *l)
{
    uv_idle_start(&l->turn, on_turn);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    return 0;
}

uint64_t ps_loop_max_busy(struct loop *l)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < l->base.workers; i++) {
        struct worker *w = &l->workers[i];

        if (w->busy > max)
            max = w->busy;
        w->busy = 0;
        w->took_part = false;
    }
    return max;
}

void ps_loop_begin(struct loop *l, uint64_t n, void *arg)
{
    l->arg = arg;
    l->n = n;
    l->begun = 0;
    l->err = 0;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct loop *l = (struct loop *)x;
    uint64_t start = ps_ticks();
    int err;

    if (!n)
        return 0;
    ps_loop_begin(l, n, arg);
    l->body = body;
    err = l->compute == LOOP ? take_turns(l) : fly(l, submit);
    ps_region_add(&l->base, ps_ticks_between(start, ps_ticks()), ps_loop_max_busy(l));
    return err;
}

static int wait(struct parscope_exec *x, uint64_t n, const struct parscope_waits *waits, void *arg)
{
    struct loop *l = (struct loop *)x;
    uint64_t start = ps_ticks();
    int err;

    if (!n)
        return 0;
    ps_loop_begin(l, n, arg);
    l->waits = waits;
    err = fly(l, begin_waits);
    ps_region_add(&l->base, ps_ticks_between(start, ps_ticks()), ps_loop_max_busy(l));
    return err;
}

/* Only the first instance of a process decides, before the pool's first use. */
static int size_pool(unsigned threads, struct ps_err *e)
{
    char text[16];

    if (threads > MOST_THREADS)
        return ps_fail(e, EINVAL, "event-loop: libuv's pool has at most %d threads", MOST_THREADS);
    snprintf(text, sizeof text, "%u", threads);
    return setenv("UV_THREADPOOL_SIZE", text, 1) < 0 ? -errno : 0;
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct loop *l = (struct loop *)base;
    int err = size_pool(base->workers, e);

    if (err < 0)
        return err;
    l->compute = (enum compute)options[COMPUTE].choice;
    l->inflight = options[INFLIGHT].count;
    l->created = ps_ticks();
    l->unused = NULL;
    atomic_init(&l->threads, 0);
    l->workers = aligned_alloc(PS_LINE, base->workers * sizeof *l->workers);
    if (!l->workers)
        return -ENOMEM;
    for (unsigned i = 0; i < base->workers; i++)
        l->workers[i] = (struct worker){.abi = {ps_loop_join, i}, .loop = l};
    err = uv_loop_init(&l->loop);
    if (err < 0) {
        free(l->workers);
        return err;
    }
    uv_idle_init(&l->loop, &l->turn);
    l->turn.data = l;
    err = ps_loop_listen(l);
    if (err < 0) {
        uv_loop_close(&l->loop);
        free(l->workers);
    }
    return err;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void finish(struct ps_instance *base)
{
    struct loop *l = (struct loop *)base;

    uv_walk(&l->loop, close_handle, NULL);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    uv_loop_close(&l->loop);
    while (l->unused) {
        struct timer *t = l->unused;

        l->unused = t->next;
        free(t);
    }
    free(l->workers);
}

static const struct parscope_exec_ops ops = {range, ps_loop_root, wait};

#define SHAPES   (PARSCOPE_RANGE | PARSCOPE_TREE | PARSCOPE_WAIT)
#define NO_RANGE NULL
#define SIZE     sizeof(struct loop)
#define FINISH   finish

#else

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    return ps_fail(e, ENOTSUP, NOT_BUILT);
}

static const struct parscope_exec_ops ops = {ps_no_range, ps_no_root};

#define SHAPES   0
#define NO_RANGE NOT_BUILT
#define SIZE     sizeof(struct ps_instance)
#define FINISH   NULL

#endif

const struct ps_strategy ps_strategy_event_loop = {
    .name = "event-loop",
    .summary = "libuv: waits overlapped on one thread, computing through its thread pool",
    .stands_for = "async runtimes",
    .shapes = SHAPES,
    .no_range = NO_RANGE,
    .no_tree = NO_RANGE,
    .no_wait = NO_RANGE,
    .params = params,
    .caller = PS_CALLER_WAITS,
    .creates_threads = true,
    .no_efficiency = true,
    .per_item = true,
    .item_cost = 2e-6,
    .isolated = true,
    .instance_size = SIZE,
    .init = init,
    .finish = FINISH,
    .ops = &ops,
};
