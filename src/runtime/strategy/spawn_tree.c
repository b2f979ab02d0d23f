/*
 * New threads for every region, each of which creates two more before it does its share, along the
 * tree of near.h, and joins them after its share. The depth of the launch is logarithmic in the
 * number of workers, where `spawn` is linear.
 */
#include "spawned.h"

static void join_thread(struct ps_spawned_worker *parent, struct ps_spawned_worker *w)
{
    pthread_join(w->thread, NULL);
    if (w->max_busy > parent->max_busy)
        parent->max_busy = w->max_busy;
    if (!parent->err)
        parent->err = w->err;
}

static void *thread_main(void *arg)
{
    struct ps_spawned_worker *w = arg;
    struct ps_spawned *s = w->spawned;
    const struct ps_near_worker *near = &s->base.near.workers[w->abi.slot];
    unsigned made = 0;

    w->err = 0;
    while (made < near->child_count && !w->err) {
        w->err = ps_spawned_create(s, near->children[made], thread_main);
        made += !w->err;
    }
    ps_spawned_share(w);
    for (unsigned i = 0; i < made; i++)
        join_thread(w, &s->workers[near->children[i]]);
    return NULL;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct ps_spawned *s = (struct ps_spawned *)x;
    uint64_t start = ps_ticks();
    int err;

    if (!n)
        return 0;
    s->body = body;
    s->arg = arg;
    s->n = n;
    err = ps_spawned_create(s, 0, thread_main);
    if (err < 0)
        return err;
    pthread_join(s->workers[0].thread, NULL);
    ps_region_add(&s->base, ps_ticks_between(start, ps_ticks()), s->workers[0].max_busy);
    return s->workers[0].err;
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_spawn_tree = {
    .name = "spawn-tree",
    .summary = "new threads on every run, each creating two more",
    .stands_for = "a launch that scales to thousands of CPUs",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "its threads are created before the work and get equal shares: they can't take up "
               "what forks later",
    .caller = PS_CALLER_WAITS,
    .creates_threads = true,
    .instance_size = sizeof(struct ps_spawned),
    .init = ps_spawned_init,
    .finish = ps_spawned_finish,
    .ops = &ops,
};
