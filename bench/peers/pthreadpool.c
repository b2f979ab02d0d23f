#include <pthreadpool.h>

#include "peer.h"

static void meet_one(void *m, size_t who)
{
    meet((struct meeting *)m, (unsigned)who);
}

static void pair(void *self, struct meeting *m)
{
    pthreadpool_parallelize_1d((pthreadpool_t)self, meet_one, m, 2, 0);
}

struct halves {
    const uint64_t *elements;
    uint64_t count;
    struct peer_counter sums[2];
};

static void sum_half(void *arg, size_t who)
{
    struct halves *h = arg;

    h->sums[who].count = weighted_sum(h->elements, h->count * who / 2, h->count * (who + 1) / 2);
}

static uint64_t reduce(void *self, const uint64_t *elements, uint64_t count)
{
    struct halves h = {.elements = elements, .count = count};

    pthreadpool_parallelize_1d((pthreadpool_t)self, sum_half, &h, 2, 0);
    return h.sums[0].count + h.sums[1].count;
}

struct counters {
    uint64_t
        loop; /* which loop it is, so that a thread's own counter is not that of the last one */
    unsigned used;
    struct peer_counter of[2];
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

    pthreadpool_parallelize_1d((pthreadpool_t)self, count_one, &c, count, 0);
    return c.of[0].count + c.of[1].count;
}

int main(int argc, char **argv)
{
    pthreadpool_t pool = pthreadpool_create(2);
    struct peer peer = {
        "pthreadpool",
        pool,
        "the pool has parallel loops only, and runs a loop of one item on the caller",
        NULL,
        pair,
        NULL,
        NULL,
        reduce,
        NULL,
        iterate,
    };
    int status;

    peer_check(pool != NULL, "can't create the pool");
    status = peer_main(&peer, argc, argv);
    pthreadpool_destroy(pool);
    return status;
}
