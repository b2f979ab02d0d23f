/*
 * Work stealing. Each worker has a stack of tasks (tasks.h); the caller is worker 0.
 *
 * A fork pushes a task, runs the other branch, and pops the task. Where a thief took it, the worker
 * runs tasks of others until the thief marks it done. Waiting workers that have found something
 * nest: each of them can again wait for a thief. After MAX_NESTED levels a worker only waits, so
 * that a stack holds at most MAX_NESTED + 1 recursions. That can't deadlock: a task waits only for
 * tasks that were started after it, those it forked and those that were nested on top of it.
 *
 * Nothing is shared before somebody asks for it. A worker that found nothing to steal asks all
 * others, whose next fork or join then shares the older half of what they have. So that no sleeper
 * is forgotten, a worker asks before it sleeps (idle.h), and who has found work asks for those that
 * still sleep: its victim, and itself. Waking grows like a tree.
 *
 * A range is split lazily (Tzannes, Caragea, Barua, Vishkin, "Lazy Binary-Splitting", 2010): a
 * worker does its range in chunks, and forks away half of what is left whenever somebody asks for
 * work. Chunks grow until one takes CHUNK_NS, and start from 1 in each region. Waits are forked one
 * by one and shared at once: a worker that blocks answers nobody.
 *
 * Workers that have found nothing for a while sleep, also those that wait for a stolen task, which
 * their thief wakes too.
 *
 * The busiest worker's time gets to the caller with the tasks: a thief leaves in the task the
 * largest time that it knows of, its own included, and the worker that forked it picks that up.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "idle.h"
#include "region.h"
#include "rng.h"
#include "tasks.h"

#define MAX_NESTED 32
#define CHUNK_NS   4000

struct worker {
    PS_ALIGNED struct parscope_worker abi;
    PS_ALIGNED struct steal *steal;
    struct ps_share share;
    uint64_t max_busy; /* ticks of other workers, as far as known, in share.region */
    uint64_t chunk;    /* items that take about CHUNK_NS, in share.region */
    unsigned nested;   /* tasks of others under way, one on top of the other */
    struct ps_rng rng;
    struct ps_tasks tasks;
};

struct steal {
    struct ps_instance base;
    struct worker *workers;
    uint64_t chunk_ticks;
    struct ps_gate gate;
    struct ps_idle idle;
    PS_ALIGNED uint32_t closing; /* atomic */
};

/* `stop` is what a worker waits for while it looks for work: `closing`, or `done` of a task. */
static bool stopped(const uint32_t *stop)
{
    /* seq_cst: after taking the parker, if so. Its acquire half pairs with finish_stolen. */
    return __atomic_load_n(stop, __ATOMIC_SEQ_CST);
}

static struct worker *nth_other(const struct worker *w, unsigned n)
{
    struct steal *s = w->steal;

    return &s->workers[(w->abi.slot + 1 + n) % s->base.workers];
}

static bool work_left(void *ctx)
{
    struct steal *s = ctx;

    for (unsigned i = 0; i < s->base.workers; i++)
        if (ps_tasks_visible(&s->workers[i].tasks))
            return true;
    return false;
}

static void ask_all(struct worker *w)
{
    for (unsigned i = 0; i + 1 < w->steal->base.workers; i++) {
        struct worker *other = nth_other(w, i);

        ps_tasks_want(&other->tasks, &other->abi);
    }
}

static void sleep_until_woken(struct worker *w, uint32_t *stop)
{
    struct steal *s = w->steal;
    bool stay;

    ps_idle_prepare(&s->idle, w->abi.slot);
    if (w->nested < MAX_NESTED)
        ask_all(w);
    stay = stopped(stop) || (w->nested < MAX_NESTED && work_left(s));
    ps_idle_sleep(&s->idle, w->abi.slot, stay);
}

struct loot {
    struct parscope_task *task; /* NULL: nothing found */
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
        struct parscope_task *task = ps_tasks_steal(&victim->tasks);

        if (task)
            return (struct loot){task, victim};
        ps_tasks_want(&victim->tasks, &victim->abi);
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
    /* seq_cst: before looking at the parker; the release half gives the victim all that was done.
     */
    __atomic_store_n(&l.task->done, 1, __ATOMIC_SEQ_CST);
    ps_idle_wake(&w->steal->idle, l.victim->abi.slot);
}

/* A task leaves `head` wherever it was last slow. */
static void run_stolen(struct worker *w, struct loot l)
{
    struct parscope_task *head = w->abi.head;

    ps_idle_settle(&w->steal->idle, w->abi.slot);
    if (ps_idle_anyone(&w->steal->idle)) {
        ps_tasks_want(&l.victim->tasks, &l.victim->abi);
        ps_tasks_want(&w->tasks, &w->abi);
    }
    begin_work(w);
    w->nested++;
    l.task->run(l.task, &w->abi);
    w->nested--;
    w->abi.head = head;
    finish_stolen(w, l);
}

/* Between regions and in the trial's workers, as opposed to waiting inside a task. */
static bool between_tasks(const struct worker *w)
{
    return w->abi.slot > 0 && !w->nested;
}

static void rest(struct worker *w, uint32_t *stop)
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
static void work_until(struct worker *w, uint32_t *stop)
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
    ps_idle_settle(&w->steal->idle, w->abi.slot);
}

/* The stack above the task is free meanwhile. */
static void await_thief(struct worker *w, struct parscope_task *task)
{
    w->abi.head = task + 1;
    ps_share_end(&w->share);
    work_until(w, &task->done);
    begin_work(w);
    if (task->max_busy > w->max_busy)
        w->max_busy = task->max_busy;
    w->abi.head = task;
    ps_tasks_forget(&w->tasks, &w->abi, task);
}

static void share_tasks(struct worker *w)
{
    if (ps_tasks_share(&w->tasks, &w->abi) && ps_idle_anyone(&w->steal->idle))
        ps_idle_wake_one(&w->steal->idle, w->abi.slot + 1);
}

/* After a push. Not inlined: it is rare, and forks are short. */
static int forked(struct parscope_worker *abi)
{
    struct worker *w = (struct worker *)abi;

    if (ps_tasks_full(&w->tasks, abi))
        return 0;
    share_tasks(w);
    return 1;
}

static int unforked(struct parscope_worker *abi, struct parscope_task *task)
{
    struct worker *w = (struct worker *)abi;

    if (ps_tasks_take_back(&w->tasks, abi, task) == PS_TASKS_STOLEN) {
        await_thief(w, task);
        return 0;
    }
    if (ps_tasks_wanted(&w->tasks, abi))
        share_tasks(w);
    return 1;
}

struct call {
    parscope_task_fn *fn;
    void *arg;
};

static void run_call(struct parscope_task *t, struct parscope_worker *w)
{
    struct call c;

    memcpy(&c, t->data, sizeof c);
    c.fn(c.arg, w);
}

static void join(struct parscope_worker *abi, parscope_task_fn *f, void *f_arg, parscope_task_fn *g,
                 void *g_arg)
{
    struct parscope_task *t = abi->head;
    struct call c = {g, g_arg};
    bool pushed = true;

    ((struct worker *)abi)->share.slot->items++;
    t->run = run_call;
    memcpy(t->data, &c, sizeof c);
    abi->head = t + 1;
    if (parscope_is_slow(abi, t))
        pushed = forked(abi);
    if (!pushed)
        abi->head = t;
    f(f_arg, abi);
    abi->head = t;
    if (!pushed || parscope_unforked(abi, t))
        g(g_arg, abi);
}

struct range {
    parscope_range_fn *body;
    void *arg;
    bool blocks;
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

    s->range->body(s->range->arg, s->begin, s->begin + count, &w->abi);
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

static void run_span(struct worker *w, struct span s);

static void run_far(struct parscope_task *t, struct parscope_worker *abi)
{
    struct span s;

    memcpy(&s, t->data, sizeof s);
    run_span((struct worker *)abi, s);
}

/* Offers the far half and does the near one. False where there is nothing left of the span, as a
 * thief did the far half; else *s is what is left. */
static bool halve(struct worker *w, struct span *s)
{
    struct parscope_task *t = w->abi.head;
    uint64_t middle = s->begin + (s->end - s->begin) / 2;
    struct span near = {s->range, s->begin, middle}, far = {s->range, middle, s->end};

    t->run = run_far;
    memcpy(t->data, &far, sizeof far);
    w->abi.head = t + 1;
    if (!forked(&w->abi)) {
        w->abi.head = t;
        return true;
    }
    run_span(w, near);
    w->abi.head = t;
    *s = far;
    return parscope_unforked(&w->abi, t);
}

/* Nested at most 64 deep, as each half is a span of its own. */
static void run_span(struct worker *w, struct span s)
{
    uint64_t now = ps_ticks();

    while (s.begin < s.end) {
        if (s.end - s.begin > 1 && (s.range->blocks || ps_tasks_wanted(&w->tasks, &w->abi))) {
            if (!halve(w, &s))
                return;
            now = ps_ticks();
        }
        now = run_chunk(w, &s, now);
    }
}

static uint64_t open_region(struct steal *s)
{
    struct worker *w = &s->workers[0];

    ps_probe_begin(&s->base, 0);
    ps_tasks_reset(&w->tasks, &w->abi, s->base.workers > 1);
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

static int run_range(struct steal *s, uint64_t n, const struct range *r)
{
    struct worker *w = &s->workers[0];
    uint64_t start;

    if (!n)
        return 0;
    start = open_region(s);
    if (s->base.workers > 1) {
        run_span(w, (struct span){r, 0, n});
    } else {
        r->body(r->arg, 0, n, &w->abi);
        w->share.slot->items += n;
    }
    close_region(s, start);
    return 0;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    const struct range r = {body, arg, false};

    return run_range((struct steal *)x, n, &r);
}

static int wait(struct parscope_exec *x, uint64_t n, const struct parscope_waits *waits, void *arg)
{
    const struct range r = {waits->body, arg, true};

    return run_range((struct steal *)x, parscope_wait_count(n, waits), &r);
}

static int root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct steal *s = (struct steal *)x;
    uint64_t start = open_region(s);

    task(arg, &s->workers[0].abi);
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
    __atomic_store_n(&((struct steal *)base)->closing, 0, __ATOMIC_RELAXED);
}

static void close_trial(struct ps_instance *base)
{
    struct steal *s = (struct steal *)base;

    /* seq_cst: before looking at the parkers, pairs with sleep_until_woken. */
    __atomic_store_n(&s->closing, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 1; i < base->workers; i++)
        ps_idle_wake(&s->idle, i);
}

static int init_worker(struct steal *s, unsigned i)
{
    struct worker *w = &s->workers[i];
    int err;

    memset(w, 0, sizeof *w);
    err = ps_tasks_init(&w->tasks);
    if (err < 0)
        return err;
    w->abi =
        (struct parscope_worker){.join = join, .slot = i, .forked = forked, .unforked = unforked};
    w->steal = s;
    w->chunk = 1;
    w->rng = (struct ps_rng){i};
    ps_share_init(&w->share, &s->base, i);
    ps_tasks_reset(&w->tasks, &w->abi, true);
    return 0;
}

static void finish_workers(struct steal *s, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ps_tasks_finish(&s->workers[i].tasks);
    free(s->workers);
}

static int init_workers(struct steal *s)
{
    s->workers = aligned_alloc(PS_LINE, s->base.workers * sizeof *s->workers);
    if (!s->workers)
        return -ENOMEM;
    for (unsigned i = 0; i < s->base.workers; i++) {
        int err = init_worker(s, i);

        if (err < 0) {
            finish_workers(s, i);
            return err;
        }
    }
    return 0;
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct steal *s = (struct steal *)base;
    int err = ps_idle_init(&s->idle, base->workers, work_left, s);

    if (err < 0)
        return err;
    err = init_workers(s);
    if (err < 0) {
        ps_idle_finish(&s->idle);
        return err;
    }
    s->chunk_ticks = (uint64_t)(CHUNK_NS / base->tick_ns);
    ps_gate_init(&s->gate);
    s->closing = 0;
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct steal *s = (struct steal *)base;

    finish_workers(s, base->workers);
    ps_idle_finish(&s->idle);
}

static const struct parscope_exec_ops ops = {range, root, wait};

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
