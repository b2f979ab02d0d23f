/*
 * Trees on the event loop: they run in the pool. A fork is a submission: its worker leaves it to
 * the loop, which alone may put work into the pool's queue, and goes on with the other branch. At
 * the join it does itself what nobody has begun; for the rest it blocks. That can't deadlock: who
 * waits, waits for a thread that runs a part of its own subtree. With as many forks under way as
 * `inflight` allows, a fork is a call. With compute=loop all forks are.
 */
#ifdef PS_HAVE_LIBUV
#include "event_loop.h"

#include <stdlib.h>

enum fork_state { FORKED, TAKEN, DONE };

/* A branch that was forked. It is freed by the later of two: who joins it, and the loop, when the
 * pool is through with it. */
struct fork {
    uv_work_t work;
    struct loop *loop;
    struct worker *owner;
    parscope_task_fn *task;
    void *arg;
    _Atomic enum fork_state state;
    atomic_bool left;  /* by the first of the two */
    struct fork *next; /* of those that the loop has not seen */
};

static void drop(struct fork *f)
{
    /* acq_rel: the first gives the second all that it did with it. */
    if (!atomic_exchange_explicit(&f->left, true, memory_order_acq_rel))
        return;
    /* relaxed: a count. */
    atomic_fetch_sub_explicit(&f->loop->flying, 1, memory_order_relaxed);
    free(f);
}

/* For whoever runs it. */
static bool take_fork(struct fork *f)
{
    enum fork_state state = FORKED;

    /* acquire: what the owner did before, pairs with the release in leave_to_loop. */
    return atomic_compare_exchange_strong_explicit(&f->state, &state, TAKEN, memory_order_acquire,
                                                   memory_order_relaxed);
}

static void begin_task(struct loop *l, struct worker *w)
{
    ps_probe_begin(&l->base, w->abi.slot);
    w->mark = ps_ticks();
}

static void end_task(struct loop *l, struct worker *w)
{
    ps_loop_account(l, w, w->mark);
    ps_probe_end(&l->base, w->abi.slot);
}

static void on_fork(uv_work_t *work)
{
    struct fork *f = work->data;
    struct worker *w;

    if (!take_fork(f))
        return;
    w = ps_loop_self(f->loop);
    begin_task(f->loop, w);
    f->task(f->arg, &w->abi);
    end_task(f->loop, w);
    /* seq_cst: before looking at the parker; the release half gives the owner all that was done. */
    atomic_store_explicit(&f->state, DONE, memory_order_seq_cst);
    ps_parker_call(&f->owner->parker, PS_PARKER_AWAKE);
}

/* The loop has nothing more to do when the root and all forks are through. */
static void stop_listening(struct loop *l)
{
    if (!l->tree && !atomic_load_explicit(&l->forks, memory_order_acquire))
        uv_unref((uv_handle_t *)&l->forked);
}

static void on_fork_done(uv_work_t *work, int status)
{
    drop(work->data);
}

static void on_forked(uv_async_t *async)
{
    struct loop *l = async->data;
    /* acquire: pairs with leave_to_loop, for the forks and their links. */
    struct fork *f = atomic_exchange_explicit(&l->forks, NULL, memory_order_acquire), *next;

    for (; f; f = next) {
        next = f->next;
        f->work.data = f;
        if (uv_queue_work(&l->loop, &f->work, on_fork, on_fork_done) < 0)
            drop(f);
    }
    stop_listening(l);
}

static void leave_to_loop(struct loop *l, struct fork *f)
{
    f->next = atomic_load_explicit(&l->forks, memory_order_relaxed);
    /* release: publishes the fork. */
    while (!atomic_compare_exchange_weak_explicit(&l->forks, &f->next, f, memory_order_release,
                                                  memory_order_relaxed))
        ;
    uv_async_send(&l->forked);
}

/* NULL where it has to be called. */
static struct fork *fork_task(struct worker *w, parscope_task_fn *task, void *arg)
{
    struct loop *l = w->loop;
    struct fork *f;

    /* relaxed: how many there are may be told late. */
    if (atomic_load_explicit(&l->flying, memory_order_relaxed) >= l->inflight)
        return NULL;
    f = malloc(sizeof *f);
    if (!f)
        return NULL;
    *f = (struct fork){.loop = l, .owner = w, .task = task, .arg = arg};
    atomic_init(&f->state, FORKED);
    atomic_init(&f->left, false);
    atomic_fetch_add_explicit(&l->flying, 1, memory_order_relaxed);
    leave_to_loop(l, f);
    return f;
}

static bool is_done(const struct fork *f)
{
    /* seq_cst: after taking the parker, pairs with on_fork; the acquire half is for what it did. */
    return atomic_load_explicit(&f->state, memory_order_seq_cst) == DONE;
}

static void await_fork(struct worker *w, const struct fork *f)
{
    ps_loop_account(w->loop, w, w->mark);
    for (;;) {
        ps_parker_take(&w->parker);
        if (is_done(f))
            break;
        ps_parker_sleep(&w->parker);
    }
    ps_parker_leave(&w->parker);
    w->mark = ps_ticks();
}

void ps_loop_join(struct parscope_worker *abi, parscope_task_fn *f, void *f_arg,
                  parscope_task_fn *g, void *g_arg)
{
    struct worker *w = (struct worker *)abi;
    struct fork *fork = w->loop->compute == POOL ? fork_task(w, g, g_arg) : NULL;

    w->loop->base.slots[abi->slot].items++;
    f(f_arg, abi);
    if (!fork || take_fork(fork))
        g(g_arg, abi);
    else
        await_fork(w, fork);
    if (fork)
        drop(fork);
}

static void on_root(uv_work_t *work)
{
    struct flight *f = work->data;
    struct loop *l = f->loop;
    struct worker *w = l->compute == POOL ? ps_loop_self(l) : &l->workers[0];

    begin_task(l, w);
    l->task(l->arg, &w->abi);
    end_task(l, w);
}

static void on_root_done(uv_work_t *work, int status)
{
    struct flight *f = work->data;

    f->loop->tree = false;
    stop_listening(f->loop);
}

static int run_root(struct loop *l)
{
    struct flight root = {.loop = l};
    int err;

    root.work.data = &root;
    if (l->compute == LOOP) {
        on_root(&root.work);
        return 0;
    }
    err = uv_queue_work(&l->loop, &root.work, on_root, on_root_done);
    if (err < 0)
        return err;
    l->tree = true;
    uv_ref((uv_handle_t *)&l->forked);
    return uv_run(&l->loop, UV_RUN_DEFAULT);
}

int ps_loop_root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct loop *l = (struct loop *)x;
    uint64_t start = ps_ticks();
    int err;

    ps_loop_begin(l, 1, arg);
    l->task = task;
    err = run_root(l);
    ps_region_add(&l->base, ps_ticks_between(start, ps_ticks()), ps_loop_max_busy(l));
    return err;
}

int ps_loop_listen(struct loop *l)
{
    int err = uv_async_init(&l->loop, &l->forked, on_forked);

    if (err < 0)
        return err;
    l->forked.data = l;
    l->tree = false;
    atomic_init(&l->forks, NULL);
    atomic_init(&l->flying, 0);
    uv_unref((uv_handle_t *)&l->forked);
    return 0;
}
#else

/* ISO C wants a declaration. */
struct ps_no_event_loop;

#endif
