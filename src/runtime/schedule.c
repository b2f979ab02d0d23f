#include "schedule.h"

#include "region.h"

static uint64_t run_items(const struct ps_loop *l, struct parscope_worker *w, uint64_t begin,
                          uint64_t end)
{
    l->body(l->arg, begin, end, w);
    return end - begin;
}

static uint64_t run_share(const struct ps_schedule *s, const struct ps_loop *l,
                          struct parscope_worker *w)
{
    struct ps_items share = ps_equal_share(l->n, w->slot, s->workers);

    return share.begin < share.end ? run_items(l, w, share.begin, share.end) : 0;
}

static uint64_t chunk_end(const struct ps_loop *l, uint64_t begin, uint64_t count)
{
    return l->n - begin < count ? l->n : begin + count;
}

/* Every workers-th chunk. */
static uint64_t run_cyclic(const struct ps_schedule *s, const struct ps_loop *l,
                           struct parscope_worker *w)
{
    uint64_t chunks = l->n / s->chunk + (l->n % s->chunk > 0), items = 0;

    for (uint64_t i = w->slot; i < chunks; i += s->workers)
        items += run_items(l, w, i * s->chunk, chunk_end(l, i * s->chunk, s->chunk));
    return items;
}

/* Half of an equal share of what is left, so that the first takers leave enough to even out. */
static uint64_t guided_count(const struct ps_schedule *s, uint64_t left)
{
    uint64_t count = left / (2 * (uint64_t)s->workers);

    return count > s->chunk ? count : s->chunk;
}

static uint64_t run_guided(struct ps_schedule *s, const struct ps_loop *l,
                           struct parscope_worker *w)
{
    uint64_t begin = atomic_load_explicit(&s->next, memory_order_relaxed), items = 0;

    while (begin < l->n) {
        uint64_t end = chunk_end(l, begin, guided_count(s, l->n - begin));

        /* relaxed: only shares out numbers. */
        if (!atomic_compare_exchange_weak_explicit(&s->next, &begin, end, memory_order_relaxed,
                                                   memory_order_relaxed))
            continue;
        items += run_items(l, w, begin, end);
        begin = atomic_load_explicit(&s->next, memory_order_relaxed);
    }
    return items;
}

uint64_t ps_schedule_run(struct ps_schedule *s, const struct ps_loop *loop,
                         struct parscope_worker *w)
{
    if (s->kind == PS_SCHEDULE_GUIDED)
        return run_guided(s, loop, w);
    if (s->kind == PS_SCHEDULE_DYNAMIC)
        return ps_shares_run(&s->shares, loop, w);
    return s->chunk ? run_cyclic(s, loop, w) : run_share(s, loop, w);
}

void ps_schedule_start(struct ps_schedule *s)
{
    /* relaxed: published with the loop. */
    if (s->kind == PS_SCHEDULE_GUIDED)
        atomic_store_explicit(&s->next, 0, memory_order_relaxed);
}

int ps_schedule_init(struct ps_schedule *s, enum ps_schedule_kind kind, uint64_t chunk,
                     const struct ps_near *near, double tick_ns)
{
    s->kind = kind;
    s->workers = near->count;
    s->chunk = !chunk && kind != PS_SCHEDULE_STATIC ? 1 : chunk;
    atomic_init(&s->next, 0);
    return ps_shares_init(&s->shares, near, tick_ns);
}

void ps_schedule_finish(struct ps_schedule *s)
{
    ps_shares_finish(&s->shares);
}
