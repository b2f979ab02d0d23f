/*
 * New threads for every region, each of which creates two more before it does its share: worker i
 * creates the workers 2i + 1 and 2i + 2 and joins them after its share. The depth of the launch is
 * logarithmic in the number of workers, where `spawn` is linear.
 */
#include <errno.h>
#include <stdlib.h>

#include "region.h"

#define CHILDREN 2

struct region {
    parscope_range_fn *body;
    void *arg;
    uint64_t n;
};

struct worker {
    PS_ALIGNED struct parscope_worker abi;
    struct spawn_tree *spawn;
    pthread_t thread;
    /* Of the region and of all that this worker created; read after joining the thread. */
    uint64_t max_busy; /* ticks */
    int err;
};

struct spawn_tree {
    struct ps_instance base;
    struct worker *workers;
    pthread_attr_t *attrs; /* per worker */
    struct region region;
};

static void *thread_main(void *arg);

static int create_thread(struct spawn_tree *s, unsigned i)
{
    return -pthread_create(&s->workers[i].thread, &s->attrs[i], thread_main, &s->workers[i]);
}

static void join_thread(struct worker *parent, struct worker *w)
{
    pthread_join(w->thread, NULL);
    if (w->max_busy > parent->max_busy)
        parent->max_busy = w->max_busy;
    if (!parent->err)
        parent->err = w->err;
}

static void *thread_main(void *arg)
{
    struct worker *w = arg;
    struct spawn_tree *s = w->spawn;
    unsigned first = CHILDREN * w->abi.slot + 1, made = 0;

    w->err = 0;
    while (made < CHILDREN && first + made < s->base.workers && !w->err) {
        w->err = create_thread(s, first + made);
        made += !w->err;
    }
    w->max_busy = ps_do_equal_share(&s->base, &w->abi, s->region.n, s->region.body, s->region.arg);
    for (unsigned i = 0; i < made; i++)
        join_thread(w, &s->workers[first + i]);
    return NULL;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct spawn_tree *s = (struct spawn_tree *)x;
    uint64_t start = ps_ticks();
    int err;

    if (!n)
        return 0;
    s->region = (struct region){body, arg, n};
    err = create_thread(s, 0);
    if (err < 0)
        return err;
    pthread_join(s->workers[0].thread, NULL);
    ps_region_add(&s->base, ps_ticks_between(start, ps_ticks()), s->workers[0].max_busy);
    return s->workers[0].err;
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct spawn_tree *s = (struct spawn_tree *)base;
    int err;

    s->workers = aligned_alloc(PS_LINE, base->workers * sizeof *s->workers);
    if (!s->workers)
        return -ENOMEM;
    err = ps_team_attrs(base->team, base->workers, &s->attrs);
    if (err < 0) {
        free(s->workers);
        return err;
    }
    for (unsigned i = 0; i < base->workers; i++)
        s->workers[i] = (struct worker){.abi = {ps_join_serial, i}, .spawn = s};
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct spawn_tree *s = (struct spawn_tree *)base;

    ps_team_attrs_free(s->attrs, base->workers);
    free(s->workers);
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_spawn_tree = {
    .name = "spawn-tree",
    .summary = "new threads on every run, each of which creates two more",
    .stands_for = "launch that scales to thousands of CPUs",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "its threads are created before the work and get equal shares: they can't take up "
               "what forks later",
    .caller = PS_CALLER_WAITS,
    .creates_threads = true,
    .instance_size = sizeof(struct spawn_tree),
    .init = init,
    .finish = finish,
    .ops = &ops,
};
