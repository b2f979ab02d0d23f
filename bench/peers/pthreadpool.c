#include <pthreadpool.h>

#include "peer.h"

static void meet_one(void *m, size_t who)
{
    meet((struct meeting *)m, (unsigned)who);
}

static void team(void *self, struct meeting *m)
{
    pthreadpool_parallelize_1d((pthreadpool_t)self, meet_one, m, peer_workers, 0);
}

struct parts {
    const uint64_t *elements;
    uint64_t count, of;
    struct peer_counter sums[PEER_MOST];
};

static void sum_part(void *arg, size_t who)
{
    struct parts *p = arg;

    p->sums[who].count =
        weighted_sum(p->elements, p->count * who / p->of, p->count * (who + 1) / p->of);
}

static uint64_t reduce(void *self, const uint64_t *elements, uint64_t count)
{
    static struct parts p;
    uint64_t sum = 0;

    p.elements = elements;
    p.count = count;
    p.of = peer_workers;
    pthreadpool_parallelize_1d((pthreadpool_t)self, sum_part, &p, peer_workers, 0);
    for (unsigned i = 0; i < peer_workers; i++)
        sum += p.sums[i].count;
    return sum;
}

struct counters {
    uint64_t
        loop; /* which loop it is, so that a thread's own counter is not that of the last one */
    unsigned used;
    struct peer_counter of[PEER_MOST];
};

/* The pool does not tell an item which thread runs it. */
static _Thread_local struct {
    uint64_t loop;
    uint64_t *counter;
} own;

static void count_one(void *arg, size_t i)
{
    struct counters *c = arg;

    if (own.loop != c->loop) {
        own.loop = c->loop;
        own.counter = &c->of[__atomic_fetch_add(&c->used, 1, __ATOMIC_RELAXED)].count;
    }
    peer_count_one(own.counter);
}

static uint64_t iterate(void *self, uint64_t count)
{
    struct counters c = {.loop = own.loop + 1};
    uint64_t sum = 0;

    pthreadpool_parallelize_1d((pthreadpool_t)self, count_one, &c, count, 0);
    for (unsigned i = 0; i < c.used; i++)
        sum += c.of[i].count;
    return sum;
}

static void run_op(void *ops, size_t i)
{
    peer_op_run((struct peer_op *)ops + i);
}

static void grains(void *self, struct peer_op *ops)
{
    pthreadpool_parallelize_1d((pthreadpool_t)self, run_op, ops, peer_workers, 0);
}

int main(int argc, char **argv)
{
    struct peer peer = {
        .name = "pthreadpool",
        .why_not = "the pool has parallel loops only, and runs a loop of one item on the caller",
        .team = team,
        .reduce = reduce,
        .iterate = iterate,
        .grains = grains,
    };
    pthreadpool_t pool;
    int status;

    peer_read_workers(argc, argv);
    peer.self = pool = pthreadpool_create(peer_workers);
    peer_check(pool != NULL, "can't create the pool");
    status = peer_main(&peer, argc, argv);
    pthreadpool_destroy(pool);
    return status;
}
