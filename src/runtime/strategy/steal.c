/*
 * Regions of workers that steal (steal.h): a recursion begins as a call of the caller's, a range is
 * split lazily (Tzannes, Caragea, Barua, Vishkin, "Lazy Binary-Splitting", 2010): a worker does its
 * range in chunks, and forks away half of what is left whenever somebody asks for work. Chunks grow
 * until one takes CHUNK_NS, and start from 1 in each region. Waits are forked one by one and shared
 * at once: a worker that blocks answers nobody.
 */
#include "steal.h"

#include <string.h>

#define CHUNK_NS 4000

/* Whole in a task, so that its thief needs no other line of the worker that forked it. */
struct span {
    parscope_range_fn *body;
    void *arg;
    uint64_t begin, end;
    bool blocks;
};
_Static_assert(sizeof(struct span) <= PARSCOPE_TASK_DATA, "a span fits into a task");

/* Runs a chunk, and sets the size of the next by how long it took. Returns the time. */
static uint64_t run_chunk(struct steal_worker *w, struct span *s, uint64_t start)
{
    uint64_t left = s->end - s->begin, target = w->steal->chunk_ticks, now, ticks;
    uint64_t count = w->chunk < left ? w->chunk : left;

    w->ended = 0;
    s->body(s->arg, s->begin, s->begin + count, &w->abi);
    s->begin += count;
    w->account.slot->items += count;
    now = ps_ticks();
    ticks = ps_ticks_between(start, now);
    if (ticks > 2 * target)
        w->chunk = (uint64_t)((double)count * (double)target / (double)ticks) + 1;
    else if (2 * ticks < target && count == w->chunk)
        w->chunk *= 2;
    return now;
}

static void run_span(struct steal_worker *w, struct span s, uint64_t now);

static void run_far(struct parscope_task *t, struct parscope_worker *abi)
{
    struct span s;

    memcpy(&s, t->data, sizeof s);
    run_span((struct steal_worker *)abi, s, ((struct steal_worker *)abi)->account.mark);
}

/* Offers the far half and does the near one, from *now on. False where there is nothing left of the
 * span, as a thief did the far half; else *s is what is left, and *now when the near half ended. */
static bool halve(struct steal_worker *w, struct span *s, uint64_t *now)
{
    struct parscope_task *t = w->abi.head;
    uint64_t middle = s->begin + (s->end - s->begin) / 2;
    struct span near = *s, far = *s;

    near.end = far.begin = middle;
    t->run = run_far;
    memcpy(t->data, &far, sizeof far);
    w->abi.head = t + 1;
    if (!steal_forked(&w->abi)) {
        w->abi.head = t;
        return true;
    }
    run_span(w, near, *now);
    *now = w->ended;
    w->abi.head = t;
    *s = far;
    return parscope_unforked(&w->abi, t);
}

/* From `now` on. Nested at most 64 deep, as each half is a span of its own. */
static void run_span(struct steal_worker *w, struct span s, uint64_t now)
{
    while (s.begin < s.end) {
        if (s.end - s.begin > 1 && (s.blocks || ps_tasks_wanted(&w->tasks, &w->abi))) {
            if (!halve(w, &s, &now)) {
                w->ended = w->account.mark;
                return;
            }
        }
        now = run_chunk(w, &s, now);
    }
    w->ended = now;
}

static uint64_t open_region(struct steal *s)
{
    struct steal_worker *w = &s->workers[0];

    /* Thieves have had both lines that the first fork writes: they come meanwhile. */
    __builtin_prefetch(w->tasks.base, 1);
    __builtin_prefetch(&w->tasks.word, 1);
    ps_probe_begin(&s->base, 0);
    ps_tasks_reset(&w->tasks, &w->abi, s->base.workers > 1);
    w->opened = false;
    ps_account_adopt(&w->account, steal_gate(s));
    steal_worker_reset(w);
    return w->account.mark;
}

static void close_region(struct steal *s, uint64_t start)
{
    struct steal_worker *w = &s->workers[0];
    uint64_t ticks;

    steal_end_work(w);
    ticks = ps_ticks_between(start, w->account.mark);
    steal_count_joins(w);
    ps_region_add(&s->base, ticks, steal_max_busy(w));
    if (w->opened)
        ps_gate_close(steal_gate(s), s->base.spin_ticks);
    else if (s->base.workers > 1 && !ps_probed(&s->base))
        ps_gate_not_opened(steal_gate(s), ticks);
    ps_probe_end(&s->base, 0);
}

static int run_range(struct steal *s, struct span all)
{
    struct steal_worker *w = &s->workers[0];
    uint64_t start;

    if (!all.end)
        return 0;
    start = open_region(s);
    if (s->base.workers > 1) {
        run_span(w, all, start);
    } else {
        all.body(all.arg, 0, all.end, &w->abi);
        w->account.slot->items += all.end;
    }
    close_region(s, start);
    return 0;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    return run_range((struct steal *)x, (struct span){body, arg, 0, n, false});
}

static int blocking(struct parscope_exec *x, uint64_t n, const struct parscope_waits *waits,
                    void *arg)
{
    uint64_t count = parscope_wait_count(n, waits);

    return run_range((struct steal *)x, (struct span){waits->body, arg, 0, count, true});
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
    struct steal_worker *w = &s->workers[slot];

    ps_account_awake(&w->account, steal_gate(s));
    steal_work_until(w, &s->closing);
    steal_count_joins(w);
    ps_account_leave(&w->account, steal_gate(s));
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

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct steal *s = (struct steal *)base;
    int err = ps_idle_init(&s->idle, &base->near, steal_work_left, s);

    if (err < 0)
        return err;
    err = steal_workers_init(s);
    if (err < 0) {
        ps_idle_finish(&s->idle);
        return err;
    }
    s->chunk_ticks = (uint64_t)(CHUNK_NS / base->tick_ns);
    ps_gate_init(steal_gate(s));
    s->closing = 0;
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct steal *s = (struct steal *)base;

    steal_workers_finish(s);
    ps_idle_finish(&s->idle);
}

static const struct parscope_exec_ops ops = {range, root, blocking};

const struct ps_strategy ps_strategy_steal = {
    .name = "steal",
    .summary = "persistent workers with their own deques that steal work from each other",
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
