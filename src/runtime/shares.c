#include "shares.h"

#include <errno.h>
#include <stdlib.h>

#include "region.h"
#include "ticks.h"

#define BATCH_NS  2000
#define UNIT_BITS 24
#define UNITS     ((UINT64_C(1) << UNIT_BITS) - 1)
#define TAG_MASK  0xffff

/* A worker in a region. */
struct run {
    struct ps_shares *shares;
    struct ps_loop loop;
    struct parscope_worker *worker;
    struct ps_share_of *own;
    uint64_t size;  /* items of a unit */
    uint64_t units; /* of the loop */
    uint64_t items; /* done */
};

/* Units begin .. end-1 of the region with this number. */
static uint64_t pack(uint64_t number, uint64_t begin, uint64_t end)
{
    return (number & TAG_MASK) << (2 * UNIT_BITS) | begin << UNIT_BITS | end;
}

static struct ps_items unpack(uint64_t word)
{
    return (struct ps_items){word >> UNIT_BITS & UNITS, word & UNITS};
}

/* What is left of a worker's share; all of it where the word is of the region before. */
static struct ps_items left_of(const struct run *t, uint64_t word, unsigned slot)
{
    if (word >> (2 * UNIT_BITS) == (t->loop.number & TAG_MASK))
        return unpack(word);
    return ps_equal_share(t->units, slot, t->shares->workers);
}

/* relaxed, all that follow: words only share out numbers, and what bodies do is ordered by the
 * region's beginning and end. */

/* Replaces what is left by begin .. end-1. */
static bool leave(const struct run *t, struct ps_share_of *of, uint64_t *word, uint64_t begin,
                  uint64_t end)
{
    return atomic_compare_exchange_strong_explicit(&of->left, word,
                                                   pack(t->loop.number, begin, end),
                                                   memory_order_relaxed, memory_order_relaxed);
}

/* The next batch of the worker's own share; empty where it is done. At most half of what is left,
 * so that little is ever to be given back. */
static struct ps_items take_batch(struct run *t)
{
    uint64_t word = atomic_load_explicit(&t->own->left, memory_order_relaxed);

    for (;;) {
        struct ps_items left = left_of(t, word, t->worker->slot);
        uint64_t most = (left.end - left.begin + 1) / 2;
        uint64_t count = t->own->batch < most ? t->own->batch : most;

        atomic_store_explicit(&t->own->batching, count > 1, memory_order_relaxed);
        if (leave(t, t->own, &word, left.begin + count, left.end))
            return (struct ps_items){left.begin, left.begin + count};
    }
}

/* The units from `from` on, which come right before what is left. */
static void give_back(struct run *t, uint64_t from)
{
    uint64_t word = atomic_load_explicit(&t->own->left, memory_order_relaxed);

    while (!leave(t, t->own, &word, from, unpack(word).end))
        ;
    t->own->batch = 1;
    atomic_store_explicit(&t->own->wanted, false, memory_order_relaxed);
}

static bool is_wanted(const struct run *t)
{
    return atomic_load_explicit(&t->own->wanted, memory_order_relaxed);
}

static void run_unit(struct run *t, uint64_t unit)
{
    const struct ps_loop *l = &t->loop;
    uint64_t begin = unit * t->size, end = l->n - begin < t->size ? l->n : begin + t->size;

    t->items += end - begin;
    for (; end - begin > l->chunk; begin += l->chunk)
        l->body(l->arg, begin, begin + l->chunk, t->worker);
    l->body(l->arg, begin, end, t->worker);
}

/* Returns the end of what was done of it. For single items all that the loop needs lies in
 * registers: the body may be a few instructions. */
static uint64_t run_batch(struct run *t, struct ps_items batch)
{
    parscope_range_fn *body = t->loop.body;
    void *arg = t->loop.arg;
    uint64_t unit = batch.begin;

    if (t->size > 1) {
        do
            run_unit(t, unit);
        while (++unit < batch.end && !is_wanted(t));
        return unit;
    }
    do
        body(arg, unit, unit + 1, t->worker);
    while (++unit < batch.end && !is_wanted(t));
    t->items += unit - batch.begin;
    return unit;
}

static void set_batch(struct run *t, uint64_t count, uint64_t ticks)
{
    uint64_t target = t->shares->batch_ticks;

    if (ticks > 2 * target)
        t->own->batch = 1 + (uint64_t)((double)count * (double)target / (double)ticks);
    else if (2 * ticks < target && count == t->own->batch)
        t->own->batch *= 2;
}

static void run_own(struct run *t)
{
    uint64_t now = ps_ticks();

    for (;;) {
        struct ps_items batch = take_batch(t);
        uint64_t start = now, done;

        if (batch.begin == batch.end)
            return;
        done = run_batch(t, batch);
        now = ps_ticks();
        if (done < batch.end)
            give_back(t, done);
        else
            set_batch(t, batch.end - batch.begin, ps_ticks_between(start, now));
    }
}

/* The worker's own word is empty, so that nobody else writes it. */
static bool rob(struct run *t, unsigned slot)
{
    struct ps_share_of *victim = &t->shares->of[slot];
    uint64_t word = atomic_load_explicit(&victim->left, memory_order_relaxed);

    for (;;) {
        struct ps_items left = left_of(t, word, slot);
        uint64_t middle = left.begin + (left.end - left.begin) / 2;

        if (left.begin == left.end)
            return false;
        if (!leave(t, victim, &word, left.begin, middle))
            continue;
        atomic_store_explicit(&t->own->left, pack(t->loop.number, middle, left.end),
                              memory_order_relaxed);
        return true;
    }
}

/* True where the worker is in the middle of a batch, which it is asked to give back. */
static bool ask(struct ps_share_of *of)
{
    if (!atomic_load_explicit(&of->batching, memory_order_relaxed))
        return false;
    if (!atomic_load_explicit(&of->wanted, memory_order_relaxed))
        atomic_store_explicit(&of->wanted, true, memory_order_relaxed);
    return true;
}

/* Robs the nearest that has anything, and else asks for the batches that are under way, as long as
 * there are any. */
static bool find_share(struct run *t)
{
    bool batches = true;

    while (batches) {
        struct ps_near_walk k = ps_near_walk(t->shares->near, t->worker->slot, &t->own->rng);
        unsigned slot;

        batches = false;
        while (ps_near_next(&k, &slot)) {
            if (rob(t, slot))
                return true;
            batches |= ask(&t->shares->of[slot]);
        }
        ps_cpu_relax();
    }
    return false;
}

static struct run begin_run(struct ps_shares *s, const struct ps_loop *loop,
                            struct parscope_worker *w)
{
    uint64_t chunks = loop->n / loop->chunk + (loop->n % loop->chunk > 0);
    uint64_t per_unit = chunks / UNITS + (chunks % UNITS > 0);

    return (struct run){
        .shares = s,
        .loop = *loop,
        .worker = w,
        .own = &s->of[w->slot],
        .size = per_unit * loop->chunk,
        .units = chunks / per_unit + (chunks % per_unit > 0),
    };
}

uint64_t ps_shares_run(struct ps_shares *s, const struct ps_loop *loop, struct parscope_worker *w)
{
    struct run t = begin_run(s, loop, w);

    t.own->batch = 1;
    atomic_store_explicit(&t.own->wanted, false, memory_order_relaxed);
    do
        run_own(&t);
    while (find_share(&t));
    return t.items;
}

int ps_shares_init(struct ps_shares *s, const struct ps_near *near, double tick_ns)
{
    unsigned workers = near->count;

    *s = (struct ps_shares){aligned_alloc(PS_LINE, workers * sizeof *s->of), near, workers,
                            (uint64_t)(BATCH_NS / tick_ns)};
    if (!s->of)
        return -ENOMEM;
    for (unsigned i = 0; i < workers; i++) {
        s->of[i].rng = (struct ps_rng){i};
        s->of[i].batch = 1;
        atomic_init(&s->of[i].left, 0);
        atomic_init(&s->of[i].batching, false);
        atomic_init(&s->of[i].wanted, false);
    }
    return 0;
}

void ps_shares_finish(struct ps_shares *s)
{
    free(s->of);
}
