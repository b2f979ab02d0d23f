/* New threads for every region, created one by one, each with an equal share. */
#include <stdio.h>

#include "spawned.h"
#include "thread_limits.h"

struct spawn {
    struct ps_spawned spawned;
    char fault[240];
};

static void *thread_main(void *arg)
{
    ps_spawned_share(arg);
    return NULL;
}

/* While those that were made are there. */
static void explain(struct spawn *s, unsigned made)
{
    char why[200];

    snprintf(s->fault, sizeof s->fault, "thread number %u: %s", made + 1,
             ps_limit_of_threads("", why, sizeof why));
    s->spawned.base.fault = s->fault;
}

/* Returns the number of threads made; fewer than all where the system refused one. */
static unsigned create_threads(struct spawn *s, int *err)
{
    for (unsigned i = 0; i < s->spawned.base.workers; i++) {
        *err = ps_spawned_create(&s->spawned, i, thread_main);
        if (*err) {
            explain(s, i);
            return i;
        }
    }
    return s->spawned.base.workers;
}

static uint64_t join_threads(struct ps_spawned_worker *workers, unsigned made)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < made; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].max_busy > max)
            max = workers[i].max_busy;
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
    s->spawned.body = body;
    s->spawned.arg = arg;
    s->spawned.n = n;
    max_busy = join_threads(s->spawned.workers, create_threads(s, &err));
    ps_region_add(&s->spawned.base, ps_ticks_between(start, ps_ticks()), max_busy);
    return err;
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_spawn = {
    .name = "spawn",
    .summary = "a new thread per worker, created one by one on every run",
    .stands_for = "simple multithreading, with launch overhead",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "its threads are created before the work and get equal shares: they can't take up "
               "what forks later",
    .caller = PS_CALLER_WAITS,
    .creates_threads = true,
    .instance_size = sizeof(struct spawn),
    .init = ps_spawned_init,
    .finish = ps_spawned_finish,
    .ops = &ops,
};
