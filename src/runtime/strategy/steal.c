/*
 * Work stealing. Each worker has a deque; the caller is worker 0.
 *
 * A fork puts a task, which lives on the stack of the worker that forks, into that worker's deque,
 * runs the other branch, and takes the task back. Where a thief took it, the worker runs tasks of
 * others until the thief marks it done. Waiting workers that have found something nest: each of
 * them can again wait for a thief. After MAX_NESTED levels a worker only waits, so that a stack
 * holds at most MAX_NESTED + 1 recursions. That can't deadlock: a task waits only for tasks that
 * were started after it, those it forked and those that were nested on top of it.
 *
 * A range is split lazily (Tzannes, Caragea, Barua, Vishkin, "Lazy Binary-Splitting", 2010): a
 * worker does its range in chunks, and forks away half of what is left whenever its deque is empty,
 * which means that someone is hungry, or that nothing was offered yet. Chunks grow until one takes
 * CHUNK_NS, and start from 1 in each region.
 *
 * Workers that have found nothing for a while sleep (idle.h), also those that wait for a stolen
 * task, which their thief wakes too. A fork wakes a sleeper.
 *
 * The busiest worker's time gets to the caller with the tasks: a thief leaves in the task the
 * largest time that it knows of, its own included, and the worker that forked it picks that up.
 */
#include <errno.h>
#include <stdlib.h>

#include "deque.h"
#include "idle.h"
#include "region.h"
#include "rng.h"

#define MAX_NESTED 32
#define CHUNK_NS   4000

struct task {
    parscope_task_fn *fn;
    void *arg;
    _Atomic uint32_t done; /* set by a thief; then the task may vanish at any time */
    uint64_t max_busy;     /* ticks; written by the thief, before done */
};

struct worker {
    PS_ALIGNED struct parscope_worker face;
    struct steal *steal;
    struct ps_share share;
    uint64_t max_busy; /* ticks of other workers, as far as known, in share.region */
    uint64_t chunk;    /* items that take about CHUNK_NS, in share.region */
    unsigned nested;   /* tasks of others under way, one on top of the other */
    struct ps_rng rng;
    struct ps_deque deque;
};

struct steal {
    struct ps_instance base;
    struct worker *workers;
    uint64_t chunk_ticks;
    struct ps_gate gate;
    struct ps_idle idle;
    PS_ALIGNED _Atomic uint32_t closing;
};

/* `stop` is what a worker waits for while it looks for work: `closing`, or `done` of a task. */
static bool stopped(_Atomic uint32_t *stop)
{
    /* seq_cst: after taking the seat, if so. Its acquire half pairs with finish_stolen. */
    return atomic_load_explicit(stop, memory_order_seq_cst);
}

static struct worker *nth_other(const struct worker *w, unsigned n)
{
    struct steal *s = w->steal;

    return &s->workers[(w->face.slot + 1 + n) % s->base.workers];
}

static bool work_left(void *ctx)
{
    struct steal *s = ctx;

    for (unsigned i = 0; i < s->base.workers; i++)
        if (ps_deque_visible(&s->workers[i].deque))
            return true;
    return false;
}

static void sleep_until_woken(struct worker *w, _Atomic uint32_t *stop)
{
    struct steal *s = w->steal;
    bool stay;

    ps_idle_prepare(&s->idle, w->face.slot);
    stay = stopped(stop) || (w->nested < MAX_NESTED && work_left(s));
    ps_idle_sleep(&s->idle, w->face.slot, stay);
}

struct loot {
    struct task *task; /* NULL: nothing found */
    struct worker *victim;
};

static struct loot find_task(struct worker *w)
{
    unsigned others = w->steal->base.workers - 1;
    unsigned first = others > 1 ? (unsigned)ps_rng_below(&w->rng, others) : 0;

    if (w->nested >= MAX_NESTED)
        return (struct loot){NULL, NULL};
    for (unsigned i = 0; i < others; i++) {
        struct worker *victim = nth_other(w, (first + i) % others);
        struct task *task = ps_deque_steal(&victim->deque);

        if (task)
            return (struct loot){task, victim};
    }
    return (struct loot){NULL, NULL};
}

static void begin_work(struct worker *w)
{
    if (!ps_share_begin(&w->share, &w->steal->gate))
        return;
    w->max_busy = 0;
    w->chunk = 1;
}

static uint64_t known_max_busy(const struct worker *w)
{
    return w->share.busy > w->max_busy ? w->share.busy : w->max_busy;
}

/* As soon as done is set, the victim may go on, and the task is gone. */
static void finish_stolen(struct worker *w, struct loot l)
{
    ps_share_end(&w->share);
    l.task->max_busy = known_max_busy(w);
    /* seq_cst: before looking at the seat; the release half gives the victim all that was done. */
    atomic_store_explicit(&l.task->done, 1, memory_order_seq_cst);
    ps_idle_wake(&w->steal->idle, l.victim->face.slot);
}

static void run_stolen(struct worker *w, struct loot l)
{
    ps_idle_settle(&w->steal->idle, w->face.slot);
    begin_work(w);
    w->nested++;
    l.task->fn(l.task->arg, &w->face);
    w->nested--;
    finish_stolen(w, l);
}

/* Between regions and in the trial's workers, as opposed to waiting inside a task. */
static bool between_tasks(const struct worker *w)
{
    return w->face.slot > 0 && !w->nested;
}

static void rest(struct worker *w, _Atomic uint32_t *stop)
{
    uint64_t before = ps_ticks();

    if (between_tasks(w)) {
        ps_share_leave(&w->share, &w->steal->gate);
        sleep_until_woken(w, stop);
        return;
    }
    w->share.slot->spin += ps_ticks_between(w->share.mark, before);
    sleep_until_woken(w, stop);
    w->share.mark = ps_ticks();
}

/* Runs tasks of others, spins and sleeps until *stop is not 0. */
static void work_until(struct worker *w, _Atomic uint32_t *stop)
{
    uint64_t idle_since = ps_ticks();

    while (!stopped(stop)) {
        struct loot l = find_task(w);

        if (l.task) {
            run_stolen(w, l);
            idle_since = ps_ticks();
            continue;
        }
        if (between_tasks(w))
            ps_share_watch(&w->share, &w->steal->gate);
        if (ps_ticks_between(idle_since, ps_ticks()) < w->steal->base.spin_ticks) {
            ps_cpu_relax();
            continue;
        }
        rest(w, stop);
        idle_since = ps_ticks();
    }
    ps_idle_settle(&w->steal->idle, w->face.slot);
}

static void await_thief(struct worker *w, struct task *task)
{
    ps_share_end(&w->share);
    work_until(w, &task->done);
    begin_work(w);
    if (task->max_busy > w->max_busy)
        w->max_busy = task->max_busy;
}

static inline void fork_task(struct worker *w, parscope_task_fn *f, void *f_arg,
                             parscope_task_fn *g, void *g_arg)
{
    struct task task = {.fn = g, .arg = g_arg};

    if (!ps_deque_push(&w->deque, &task)) {
        f(f_arg, &w->face);
        g(g_arg, &w->face);
        return;
    }
    if (ps_idle_anyone(&w->steal->idle))
        ps_idle_wake_one(&w->steal->idle, w->face.slot + 1);
    f(f_arg, &w->face);
    if (ps_deque_pop(&w->deque))
        g(g_arg, &w->face);
    else
        await_thief(w, &task);
}

static void join(struct parscope_worker *face, parscope_task_fn *f, void *f_arg,
                 parscope_task_fn *g, void *g_arg)
{
    struct worker *w = (struct worker *)face;

    w->share.slot->items++;
    fork_task(w, f, f_arg, g, g_arg);
}

struct range {
    parscope_range_fn *body;
    void *arg;
};

struct span {
    const struct range *range;
    uint64_t begin, end;
};

/* Runs a chunk, and sets the size of the next by how long it took. Returns the time. */
static uint64_t run_chunk(struct worker *w, struct span *s, uint64_t start)
{
    uint64_t left = s->end - s->begin, target = w->steal->chunk_ticks, now, ticks;
    uint64_t count = w->chunk < left ? w->chunk : left;

    s->range->body(s->range->arg, s->begin, s->begin + count, &w->face);
    s->begin += count;
    w->share.slot->items += count;
    now = ps_ticks();
    ticks = ps_ticks_between(start, now);
    if (ticks > 2 * target)
        w->chunk = (uint64_t)((double)count * (double)target / (double)ticks) + 1;
    else if (2 * ticks < target && count == w->chunk)
        w->chunk *= 2;
    return now;
}

/* Halves the span between two forks, and so on; nested at most 64 deep. */
static void run_span(void *arg, struct parscope_worker *face)
{
    struct worker *w = (struct worker *)face;
    struct span s = *(struct span *)arg;
    uint64_t now = ps_ticks();

    while (s.begin < s.end) {
        if (s.end - s.begin > 1 && ps_deque_empty(&w->deque)) {
            uint64_t middle = s.begin + (s.end - s.begin) / 2;
            struct span near = {s.range, s.begin, middle}, far = {s.range, middle, s.end};

            fork_task(w, run_span, &near, run_span, &far);
            return;
        }
        now = run_chunk(w, &s, now);
    }
}

static uint64_t open_region(struct steal *s)
{
    struct worker *w = &s->workers[0];

    ps_probe_begin(&s->base, 0);
    ps_gate_open(&s->gate, ps_probed(&s->base));
    ps_share_adopt(&w->share, &s->gate);
    w->max_busy = 0;
    w->chunk = 1;
    return w->share.mark;
}

static void close_region(struct steal *s, uint64_t start)
{
    struct worker *w = &s->workers[0];

    ps_share_end(&w->share);
    ps_region_add(&s->base, ps_ticks_between(start, w->share.mark), known_max_busy(w));
    ps_gate_close(&s->gate, s->base.spin_ticks);
    ps_probe_end(&s->base, 0);
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct steal *s = (struct steal *)x;
    struct worker *w = &s->workers[0];
    struct range r = {body, arg};
    struct span span = {&r, 0, n};
    uint64_t start;

    if (!n)
        return 0;
    start = open_region(s);
    if (s->base.workers > 1) {
        run_span(&span, &w->face);
    } else {
        body(arg, 0, n, &w->face);
        w->share.slot->items += n;
    }
    close_region(s, start);
    return 0;
}

static int root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct steal *s = (struct steal *)x;
    uint64_t start = open_region(s);

    task(arg, &s->workers[0].face);
    close_region(s, start);
    return 0;
}

static void work(struct ps_instance *base, unsigned slot)
{
    struct steal *s = (struct steal *)base;
    struct worker *w = &s->workers[slot];

    work_until(w, &s->closing);
    ps_share_leave(&w->share, &s->gate);
}

static void open_trial(struct ps_instance *base)
{
    /* relaxed: published by starting the members. */
    atomic_store_explicit(&((struct steal *)base)->closing, 0, memory_order_relaxed);
}

static void close_trial(struct ps_instance *base)
{
    struct steal *s = (struct steal *)base;

    /* seq_cst: before looking at the seats, pairs with sleep_until_woken. */
    atomic_store_explicit(&s->closing, 1, memory_order_seq_cst);
    for (unsigned i = 1; i < base->workers; i++)
        ps_idle_wake(&s->idle, i);
}

static void init_worker(struct steal *s, unsigned i)
{
    struct worker *w = &s->workers[i];

    w->face = (struct parscope_worker){join, i};
    w->steal = s;
    w->max_busy = 0;
    w->chunk = 1;
    w->nested = 0;
    w->rng = (struct ps_rng){i};
    ps_share_init(&w->share, &s->base, i);
    ps_deque_init(&w->deque);
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct steal *s = (struct steal *)base;
    int err = ps_idle_init(&s->idle, base->workers, work_left, s);

    if (err < 0)
        return err;
    s->workers = aligned_alloc(PS_LINE, base->workers * sizeof(*s->workers));
    if (!s->workers) {
        ps_idle_finish(&s->idle);
        return -ENOMEM;
    }
    for (unsigned i = 0; i < base->workers; i++)
        init_worker(s, i);
    s->chunk_ticks = (uint64_t)(CHUNK_NS / base->tick_ns);
    ps_gate_init(&s->gate);
    atomic_init(&s->closing, 0);
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct steal *s = (struct steal *)base;

    free(s->workers);
    ps_idle_finish(&s->idle);
}

static const struct parscope_exec_ops ops = {range, root};

const struct ps_strategy ps_strategy_steal = {
    .name = "steal",
    .summary = "persistent workers with own deques that steal work from each other",
    .stands_for = "rayon, Cilk, TBB",
    .shapes = PARSCOPE_RANGE | PARSCOPE_TREE | PARSCOPE_WAIT,
    .caller = PS_CALLER_WORKS,
    .probe_spans_spin = true,
    .instance_size = sizeof(struct steal),
    .init = init,
    .finish = finish,
    .open = open_trial,
    .work = work,
    .close = close_trial,
    .ops = &ops,
};
