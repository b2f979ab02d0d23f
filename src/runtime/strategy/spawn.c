/* New threads for every region, created one by one, each with an equal share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "region.h"
#include "thread_limits.h"

struct region {
    parscope_range_fn *body;
    void *arg;
    uint64_t n;
};

struct worker {
    PS_ALIGNED struct parscope_worker abi;
    struct spawn *spawn;
    pthread_t thread;
    uint64_t busy; /* ticks of the region; read after joining the thread */
};

struct spawn {
    struct ps_instance base;
    struct worker *workers;
    pthread_attr_t *attrs; /* per worker */
    struct region region;
    char fault[240];
};

static void *thread_main(void *arg)
{
    struct worker *w = arg;
    const struct region *r = &w->spawn->region;

    w->busy = ps_do_equal_share(&w->spawn->base, &w->abi, r->n, r->body, r->arg);
    return NULL;
}

/* While those that were made are there. */
static void explain(struct spawn *s, unsigned made)
{
    char why[200];

    snprintf(s->fault, sizeof s->fault, "thread number %u: %s", made + 1,
             ps_limit_of_threads("", why, sizeof why));
    s->base.fault = s->fault;
}

/* Returns the number of threads made; fewer than all where the system refused one. */
static unsigned create_threads(struct spawn *s, int *err)
{
    for (unsigned i = 0; i < s->base.workers; i++) {
        struct worker *w = &s->workers[i];

        *err = -pthread_create(&w->thread, &s->attrs[i], thread_main, w);
        if (*err) {
            explain(s, i);
            return i;
        }
    }
    return s->base.workers;
}

static uint64_t join_threads(struct spawn *s, unsigned made)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < made; i++) {
        pthread_join(s->workers[i].thread, NULL);
        if (s->workers[i].busy > max)
            max = s->workers[i].busy;
    }
    return max;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct spawn *s = (struct spawn *)x;
    uint64_t start = ps_ticks(), max_busy;
    int err = 0;

    if (!n)
        return 0;
    s->region = (struct region){body, arg, n};
    max_busy = join_threads(s, create_threads(s, &err));
    ps_region_add(&s->base, ps_ticks_between(start, ps_ticks()), max_busy);
    return err;
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct spawn *s = (struct spawn *)base;
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
    struct spawn *s = (struct spawn *)base;

    ps_team_attrs_free(s->attrs, base->workers);
    free(s->workers);
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_spawn = {
    .name = "spawn",
    .summary = "a new thread per worker, created one by one on every run",
    .stands_for = "simple multithreading, launch overhead",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "its threads are created before the work and get equal shares: they can't take up "
               "what forks later",
    .caller = PS_CALLER_WAITS,
    .creates_threads = true,
    .instance_size = sizeof(struct spawn),
    .init = init,
    .finish = finish,
    .ops = &ops,
};
