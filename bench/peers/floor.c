/* The least that it can cost: one thread pinned to a CPU of its own that spins for work, and the
 * caller pinned to another. */
#include <pthread.h>

#include "peer.h"

struct spinner {
    /* Written by the caller alone. */
    uint64_t started __attribute__((aligned(PEER_LINE)));
    void (*body)(void *);
    void *arg;
    const uint64_t *elements; /* of d */
    uint64_t begin, end;
    /* Written by the spinner alone. */
    uint64_t done __attribute__((aligned(PEER_LINE)));
    uint64_t sum;
};

/* The acquires pair with the other side's releases: body and arg are there once `started` has
 * moved, and what the body wrote once `done` has. */
static void wait_for(const uint64_t *count, uint64_t value)
{
    while (__atomic_load_n(count, __ATOMIC_ACQUIRE) != value)
        peer_pause();
}

static void start(struct spinner *s, void (*body)(void *), void *arg)
{
    s->body = body;
    s->arg = arg;
    __atomic_store_n(&s->started, s->started + 1, __ATOMIC_RELEASE);
}

static void finish(const struct spinner *s)
{
    wait_for(&s->done, s->started);
}

static void *spin(void *arg)
{
    struct spinner *s = arg;

    for (uint64_t n = 1;; n++) {
        wait_for(&s->started, n);
        s->body(s->arg);
        __atomic_store_n(&s->done, n, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void meet_second(void *m)
{
    meet(m, 1);
}

static void team(void *self, struct meeting *m)
{
    start(self, meet_second, m);
    meet(m, 0);
    finish(self);
}

static void sum_half(void *arg)
{
    struct spinner *s = arg;

    s->sum = weighted_sum(s->elements, s->begin, s->end);
}

/* The half goes there in the line that starts it, and its sum comes back with the end. */
static uint64_t reduce(void *self, const uint64_t *elements, uint64_t count)
{
    struct spinner *s = self;

    s->elements = elements;
    s->begin = count / 2;
    s->end = count;
    start(s, sum_half, s);
    uint64_t first = weighted_sum(elements, 0, count / 2);
    finish(s);
    return first + s->sum;
}

/* b and c without a fork: each side has a half, by plain calls. */
struct fib_half {
    unsigned n;
    uint64_t sum;
};

/* As fib(n) is 2 fib(n - 2) + fib(n - 3); not what is left at the end, fib(n % 3). */
static void fib_half(void *arg)
{
    struct fib_half *h = arg;
    uint64_t sum = 0;

    for (unsigned n = h->n; n > 2; n -= 3)
        sum += peer_fib_serial(n - 2);
    h->sum = sum;
}

static uint64_t fib(void *self, unsigned n, unsigned workers)
{
    struct fib_half first = {n, 0}, second = {n, 0};

    if (workers == 1)
        return peer_fib_serial(n);
    start(self, fib_half, &second);
    fib_half(&first);
    finish(self);
    return first.sum + second.sum + peer_fib_serial(n % 3);
}

static void invert_half(void *node)
{
    peer_invert_serial(node);
}

static void invert(void *self, struct peer_node *root, unsigned forks)
{
    struct peer_children c = peer_swap(root);

    start(self, invert_half, c.far);
    peer_invert_serial(c.near);
    finish(self);
}

static void run_op(void *op)
{
    peer_op_run(op);
}

static void submit(void *self, struct peer_op *op)
{
    start(self, run_op, op);
    finish(self);
}

struct shared_loop {
    uint64_t next __attribute__((aligned(PEER_LINE)));
    uint64_t count;
    struct peer_counter counters[2];
};

static void take_turns(struct shared_loop *loop, unsigned who)
{
    uint64_t *counter = &loop->counters[who].count;

    /* Relaxed: an index is all that is handed over. */
    while (__atomic_fetch_add(&loop->next, 1, __ATOMIC_RELAXED) < loop->count)
        peer_count_one(counter);
}

static void take_turns_second(void *loop)
{
    take_turns(loop, 1);
}

static uint64_t iterate(void *self, uint64_t count)
{
    struct shared_loop loop = {.count = count};

    start(self, take_turns_second, &loop);
    take_turns(&loop, 0);
    finish(self);
    return loop.counters[0].count + loop.counters[1].count;
}

static void grains(void *self, struct peer_op *ops)
{
    start(self, run_op, &ops[1]);
    peer_op_run(&ops[0]);
    finish(self);
}

static void take(void *h)
{
    peer_take(h);
}

static void hand(void *self, struct handing *h)
{
    start(self, take, h);
    peer_give(h);
    finish(self);
}

/* f, without handing anything out: each side has a half of the iterations, and calls a body for
 * each through a pointer, as whoever hands out iterations one by one has to. */
struct apart {
    void (*body)(void *counter);
    uint64_t count;
    struct peer_counter counters[2];
};

static void count_one(void *counter)
{
    peer_count_one(counter);
}

static void run_apart(struct apart *a, unsigned who)
{
    void (*body)(void *) = a->body;

    PEER_OPAQUE(body);
    for (uint64_t i = 0; i < a->count / 2; i++)
        body(&a->counters[who].count);
}

static void run_second(void *a)
{
    run_apart(a, 1);
}

static void call_apart(void *self)
{
    struct apart a = {count_one, PEER_ITERATIONS, {{0}, {0}}};

    start(self, run_second, &a);
    run_apart(&a, 0);
    finish(self);
    peer_check(a.counters[0].count + a.counters[1].count == PEER_ITERATIONS,
               "iterations are missing");
}

/* The n-th of the CPUs that the program may use, or -1. */
static int allowed_cpu(const cpu_set_t *allowed, int n)
{
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, allowed) && n-- == 0)
            return cpu;
    }
    return -1;
}

static void pin(pthread_t thread, int cpu)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    peer_check(pthread_setaffinity_np(thread, sizeof one, &one) == 0, "can't pin a thread");
}

int main(int argc, char **argv)
{
    static struct spinner spinner;
    struct peer floor = {
        .name = "floor",
        .self = &spinner,
        .team = team,
        .fib = fib,
        .invert = invert,
        .reduce = reduce,
        .submit = submit,
        .iterate = iterate,
        .grains = grains,
        .hand = hand,
    };
    const struct peer none = {.name = "floor", .why_not = "floor is one thread beside the caller"};
    cpu_set_t allowed;
    pthread_t thread;

    peer_check(sched_getaffinity(0, sizeof allowed, &allowed) == 0, "can't read the affinity");
    peer_check(allowed_cpu(&allowed, 1) >= 0, "needs two CPUs");
    peer_check(pthread_create(&thread, NULL, spin, &spinner) == 0, "can't create a thread");
    pin(thread, allowed_cpu(&allowed, 1));
    pin(pthread_self(), allowed_cpu(&allowed, 0));
    peer_read_workers(argc, argv);
    if (peer_workers == 2 && argc > 1 && !strcmp(argv[1], "f"))
        peer_figure("f", "apart", peer_time_calls(call_apart, &spinner) / PEER_ITERATIONS, "ns");
    return peer_main(peer_workers == 2 ? &floor : &none, argc, argv);
}
