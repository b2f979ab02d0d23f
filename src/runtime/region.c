#include "region.h"

#include <errno.h>

uint64_t ps_do_equal_share(const struct ps_instance *in, struct parscope_worker *w, uint64_t n,
                           parscope_range_fn *body, void *arg)
{
    struct ps_items share = ps_equal_share(n, w->slot, in->workers);
    struct ps_slot *slot = &in->slots[w->slot];
    uint64_t start, busy;

    ps_probe_begin(in, w->slot);
    start = ps_ticks();
    if (share.begin < share.end)
        body(arg, share.begin, share.end, w);
    busy = ps_ticks_between(start, ps_ticks());
    slot->busy += busy;
    slot->items += share.end - share.begin;
    slot->shares++;
    ps_probe_end(in, w->slot);
    return busy;
}

int ps_no_range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    return -ENOTSUP;
}

int ps_no_root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    return -ENOTSUP;
}

void ps_join_serial(struct parscope_worker *w, parscope_task_fn *f, void *f_arg,
                    parscope_task_fn *g, void *g_arg)
{
    f(f_arg, w);
    g(g_arg, w);
}

static uint32_t region_of(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static bool anyone_inside(uint64_t word)
{
    return (uint32_t)word >= PS_GATE_INSIDE;
}

void ps_gate_init(struct ps_gate *g)
{
    atomic_init(&g->word, 0);
    atomic_init(&g->caller.state, PS_PARKER_AWAKE);
    atomic_init(&g->since, 0);
    atomic_init(&g->unopened, 0);
    atomic_init(&g->end, 0);
}

void ps_account_init(struct ps_account *a, struct ps_instance *in, unsigned number)
{
    *a = (struct ps_account){.instance = in, .slot = &in->slots[number], .number = number};
}

static void open_as(struct ps_gate *g, uint32_t region, bool probed, uint64_t since)
{
    uint64_t number = (uint64_t)region << 32;

    /* relaxed: comes with the word. */
    atomic_store_explicit(&g->since, since, memory_order_relaxed);
    /* release: workers that see the region open see the probe that belongs to it, and when it
     * began. A plain store is enough: nobody is inside, and nobody enters a closed gate. */
    atomic_store_explicit(&g->word, number | PS_GATE_OPEN | (probed ? PS_GATE_PROBED : 0),
                          memory_order_release);
}

void ps_gate_open(struct ps_gate *g, bool probed, uint64_t since)
{
    uint64_t word = atomic_load_explicit(&g->word, memory_order_relaxed);

    open_as(g, region_of(word) + 1, probed, since);
}

void ps_gate_open_until(struct ps_gate *g, uint32_t region, bool probed, uint64_t since,
                        uint64_t end)
{
    open_as(g, region, probed, since);
    /* release: who sees this end sees its region, and doesn't take the last one for open. */
    atomic_store_explicit(&g->end, end, memory_order_release);
}

void ps_gate_not_opened(struct ps_gate *g, uint64_t ticks)
{
    uint64_t before = atomic_load_explicit(&g->unopened, memory_order_relaxed);

    /* relaxed, both: a time alone, which the caller alone writes. */
    atomic_store_explicit(&g->unopened, before + ticks, memory_order_relaxed);
}

bool ps_gate_is_open(const struct ps_gate *g)
{
    /* relaxed: what a worker may rely on it finds out by the work. */
    return atomic_load_explicit(&g->word, memory_order_relaxed) & PS_GATE_OPEN;
}

static bool left_soon(struct ps_gate *g, uint64_t spin_ticks)
{
    uint64_t start = ps_ticks();

    while (ps_ticks_between(start, ps_ticks()) < spin_ticks) {
        /* acquire: pairs with leave_gate. */
        if (!anyone_inside(atomic_load_explicit(&g->word, memory_order_acquire)))
            return true;
        ps_cpu_relax();
    }
    return false;
}

static void await_leaving(struct ps_gate *g)
{
    for (;;) {
        ps_parker_take(&g->caller);
        /* seq_cst: after taking the parker, pairs with leave_gate. */
        if (!anyone_inside(atomic_load_explicit(&g->word, memory_order_seq_cst)))
            break;
        ps_parker_sleep(&g->caller);
    }
    ps_parker_leave(&g->caller);
}

void ps_gate_close(struct ps_gate *g, uint64_t spin_ticks)
{
    uint64_t word = atomic_load_explicit(&g->word, memory_order_relaxed);

    if (!(word & PS_GATE_PROBED)) {
        /* relaxed: tells workers only that looking on is in vain. */
        atomic_store_explicit(&g->word, word & ~(uint64_t)PS_GATE_OPEN, memory_order_relaxed);
        return;
    }
    /* acquire: what workers that left by now did in the probe; pairs with leave_gate. The release
     * half has nothing to publish (tests/models). */
    word = atomic_fetch_and_explicit(&g->word, ~(uint64_t)PS_GATE_OPEN, memory_order_acq_rel);
    if (anyone_inside(word) && !left_soon(g, spin_ticks))
        await_leaving(g);
}

/* False where the region is closed by now, or not probed. */
static bool enter_gate(struct ps_gate *g)
{
    uint64_t word = atomic_load_explicit(&g->word, memory_order_relaxed);

    while ((word & PS_GATE_OPEN) && (word & PS_GATE_PROBED))
        /* acquire: pairs with the release in open_as, for the probe. */
        if (atomic_compare_exchange_weak_explicit(&g->word, &word, word + PS_GATE_INSIDE,
                                                  memory_order_acquire, memory_order_relaxed))
            return true;
    return false;
}

static void leave_gate(struct ps_gate *g)
{
    /* seq_cst: before looking at the parker, pairs with await_leaving; its release half publishes
     * what the probe did. */
    uint64_t word =
        atomic_fetch_sub_explicit(&g->word, PS_GATE_INSIDE, memory_order_seq_cst) - PS_GATE_INSIDE;

    if (!(word & PS_GATE_OPEN) && !anyone_inside(word))
        ps_parker_call(&g->caller, PS_PARKER_AWAKE);
}

static void add_spin(struct ps_account *a)
{
    uint64_t now = ps_ticks();

    a->slot->spin += ps_ticks_between(a->mark, now);
    a->mark = now;
}

void ps_account_awake(struct ps_account *a, const struct ps_gate *g)
{
    a->mark = ps_ticks();
    a->unopened = atomic_load_explicit(&g->unopened, memory_order_relaxed);
}

/* Of regions that are over: at most what it has been awake for. */
static void add_unopened(struct ps_account *a, const struct ps_gate *g)
{
    uint64_t unopened = atomic_load_explicit(&g->unopened, memory_order_relaxed), now, awake;

    if (unopened == a->unopened)
        return;
    now = ps_ticks();
    awake = ps_ticks_between(a->mark, now);
    a->slot->spin += unopened - a->unopened < awake ? unopened - a->unopened : awake;
    a->unopened = unopened;
    a->mark = now;
}

/* From the region's beginning on, if it has been awake since. */
static void add_before_opening(struct ps_account *a, const struct ps_gate *g)
{
    uint64_t since = atomic_load_explicit(&g->since, memory_order_relaxed);

    if (since > a->mark)
        a->mark = since;
    add_spin(a);
}

static void activate(struct ps_account *a, struct ps_gate *g, uint32_t region)
{
    a->active = true;
    a->entered = region;
    a->inside = enter_gate(g);
    if (!a->inside) {
        add_before_opening(a, g);
        return;
    }
    ps_probe_begin(a->instance, a->number);
    a->mark = ps_ticks();
}

void ps_account_adopt(struct ps_account *a, const struct ps_gate *g)
{
    a->entered = a->region = region_of(atomic_load_explicit(&g->word, memory_order_relaxed)) + 1;
    a->active = true;
    a->busy = 0;
    a->slot->shares++;
    a->mark = ps_ticks();
}

void ps_account_watch(struct ps_account *a, struct ps_gate *g)
{
    /* acquire: pairs with open_as, for the region's beginning. */
    uint64_t word = atomic_load_explicit(&g->word, memory_order_acquire);

    if (a->active && (!(word & PS_GATE_OPEN) || a->entered != region_of(word)))
        ps_account_leave(a, g);
    if (a->active)
        return;
    add_unopened(a, g);
    if (word & PS_GATE_OPEN)
        activate(a, g, region_of(word));
}

void ps_account_watch_until(struct ps_account *a, struct ps_gate *g, uint64_t count)
{
    /* acquire: pairs with ps_gate_open_until. An old end says that its region is over. */
    if (count >= atomic_load_explicit(&g->end, memory_order_acquire))
        ps_account_leave(a, g);
    else
        ps_account_watch(a, g);
}

static bool first_in(struct ps_account *a, uint32_t region)
{
    if (a->region == region)
        return false;
    a->region = region;
    a->busy = 0;
    a->slot->shares++;
    return true;
}

bool ps_account_begin(struct ps_account *a, struct ps_gate *g)
{
    bool watched = a->active;

    ps_account_watch(a, g);
    if (watched)
        add_spin(a);
    return first_in(a, a->entered);
}

bool ps_account_begin_in(struct ps_account *a, struct ps_gate *g, uint32_t region)
{
    if (a->active && a->entered == region) {
        add_spin(a);
    } else {
        ps_account_leave(a, g);
        a->active = true;
        a->entered = region;
        a->mark = ps_ticks();
    }
    return first_in(a, region);
}

void ps_account_resume(struct ps_account *a)
{
    add_spin(a);
}

void ps_account_end(struct ps_account *a)
{
    ps_account_end_at(a, ps_ticks());
}

void ps_account_end_at(struct ps_account *a, uint64_t now)
{
    uint64_t ticks = ps_ticks_between(a->mark, now);

    a->slot->busy += ticks;
    a->busy += ticks;
    a->mark = now;
}

void ps_account_leave(struct ps_account *a, struct ps_gate *g)
{
    if (!a->active)
        return;
    add_spin(a);
    a->active = false;
    if (!a->inside)
        return;
    a->inside = false;
    ps_probe_end(a->instance, a->number);
    leave_gate(g);
}
