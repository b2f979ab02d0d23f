/* What every C and C++ peer shares: the serial loops, the timing, and the lines that it prints (see
 * README.md). A peer fills in a struct peer and hands it to peer_main(); a hook that is NULL is
 * reported as skipped, with `why_not` as the reason. Needs GNU C or C++ and _GNU_SOURCE. */
#ifndef PARSCOPE_BENCH_PEER_H
#define PARSCOPE_BENCH_PEER_H

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEER_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PEER_LINE         128 /* two cache lines: some CPUs fetch them in pairs */
#define PEER_MOST         256 /* workers */

/* Keeps the compiler from seeing through a value, and with that from composing steps. */
#define PEER_OPAQUE(x) __asm__ volatile("" : "+r"(x))
/* Keeps it from merging calls of a function that it can see to be pure. */
#define PEER_AGAIN() __asm__ volatile("" ::: "memory")

struct meeting;
struct handing;
struct peer_op;
struct peer_node;

/* Two, unless the command line says otherwise (peer_read_workers). */
static unsigned peer_workers = 2;
/* Whether it does: what depends on their number is then measured, and no more. */
static bool peer_scales;

/* Hooks that say nothing of their number use peer_workers of them. */
struct peer {
    const char *name;
    void *self;          /* given to each hook */
    const char *why_not; /* why some hooks are NULL */
    /* Calls client(arg) where the hooks below may be called: inside a parallel region, say. NULL:
     * anywhere. */
    void (*enter)(void *self, void (*client)(void *), void *arg);
    /* a: calls meet(m, 0), meet(m, 1) ... each on a worker of its own, and returns when all have
     * returned. */
    void (*team)(void *self, struct meeting *m);
    /* b: Fibonacci's n, with a task at each call that forks. */
    uint64_t (*fib)(void *self, unsigned n, unsigned workers);
    /* c: inverts a tree with two workers; the `forks` uppermost levels fork. */
    void (*invert)(void *self, struct peer_node *root, unsigned forks);
    /* d: weighted_sum() of all elements, an equal share for each worker. */
    uint64_t (*reduce)(void *self, const uint64_t *elements, uint64_t count);
    /* e: has a worker other than the caller call peer_op_run(op), and waits until it has. */
    void (*submit)(void *self, struct peer_op *op);
    /* f: `count` iterations, handed out dynamically, one by one; each adds 1 to a counter of its
     * worker. The sum of the counters. */
    uint64_t (*iterate)(void *self, uint64_t count);
    /* g: peer_op_run() of as many operations as there are workers; returns when all are done. */
    void (*grains)(void *self, struct peer_op *ops);
    /* h: forks peer_take(h) for an idle worker, and calls peer_give(h) meanwhile. */
    void (*hand)(void *self, struct handing *h);
};

/* ---- Time and figures ---- */

static inline uint64_t peer_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t peer_now(void)
{
    return peer_clock(CLOCK_MONOTONIC);
}

static inline void peer_pause(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("isb");
#endif
}

static inline void peer_figure(const char *bench, const char *variant, double value,
                               const char *unit)
{
    printf("%s %s %.6g %s\n", bench, variant, value, unit);
    fflush(stdout);
}

static inline void peer_skip(const char *bench, const char *variant, const char *reason)
{
    printf("%s %s skip %s\n", bench, variant, reason);
    fflush(stdout);
}

/* Workers may be anywhere, so nothing of theirs is waited for. */
__attribute__((noreturn)) static inline void peer_die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    fflush(stderr);
    _Exit(1);
}

static inline void peer_check(bool right, const char *what)
{
    if (!right)
        peer_die(what);
}

static inline void *peer_alloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    peer_check(memory != NULL, "out of memory");
    return memory;
}

static inline int peer_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The smallest sample that `share` of them do not exceed. Sorts them. */
static inline double peer_quantile(double *samples, size_t count, double share)
{
    size_t rank = (size_t)(share * (double)count);

    qsort(samples, count, sizeof *samples, peer_ascending);
    return samples[rank < count ? rank : count - 1];
}

static inline double peer_median(double *samples, size_t count)
{
    return peer_quantile(samples, count, 0.5);
}

/* The median time of a call in ns. The first call warms up, unless it is so long that it must do.
 */
static inline double peer_time_calls(void (*call)(void *), void *arg)
{
    enum { CALLS = 5 };
    const double long_ns = 0.25e9;
    double samples[CALLS];

    for (int i = -1; i < CALLS; i++) {
        uint64_t start = peer_now();
        call(arg);
        double ns = (double)(peer_now() - start);
        if (ns >= long_ns)
            return ns;
        if (i >= 0)
            samples[i] = ns;
    }
    return peer_median(samples, CALLS);
}

/* ---- a: bodies that must see each other ---- */

struct meeting_side {
    uint64_t met; /* regions that this side has taken part in */
    int cpu;
    uint64_t begun, ended; /* where they are timed */
} __attribute__((aligned(PEER_LINE)));

struct meeting {
    struct meeting_side sides[PEER_MOST];
    struct {
        uint64_t count; /* sides that came, in all regions; where there are more than two */
    } came __attribute__((aligned(PEER_LINE)));
    bool timed;
};

static inline void peer_wait_for(const uint64_t *count, uint64_t least)
{
    const uint64_t forever = UINT64_C(1) << 27;

    for (uint64_t i = 0; __atomic_load_n(count, __ATOMIC_ACQUIRE) < least; i++) {
        peer_pause();
        if (i == forever)
            peer_die("the bodies never met: they run one after the other");
    }
}

static inline void peer_meet_all(struct meeting *m, unsigned who)
{
    struct meeting_side *mine = &m->sides[who];
    uint64_t region = mine->met + 1;

    mine->cpu = sched_getcpu();
    /* Each side's release pairs with the others' acquire: none goes on before all are here. */
    if (peer_workers == 2) {
        __atomic_store_n(&mine->met, region, __ATOMIC_RELEASE);
        peer_wait_for(&m->sides[1 - who].met, region);
        return;
    }
    mine->met = region;
    __atomic_fetch_add(&m->came.count, 1, __ATOMIC_ACQ_REL);
    peer_wait_for(&m->came.count, region * peer_workers);
}

static inline void meet(struct meeting *m, unsigned who)
{
    if (m->timed)
        m->sides[who].begun = peer_now();
    peer_meet_all(m, who);
    if (m->timed)
        m->sides[who].ended = peer_now();
}

enum { PEER_WARM = 200, PEER_HOT = 2000, PEER_COLD = 200 };

struct peer_a {
    const struct peer *peer;
    struct meeting meeting;
    double hot[PEER_HOT], cold[PEER_COLD], launch[PEER_HOT], barrier[PEER_HOT];
    uint64_t slept, burnt; /* ns: wall time of the sleeps, CPU time of the process in them */
    unsigned apart;        /* regions whose bodies ran on two CPUs */
};

static inline double peer_region(struct peer_a *a)
{
    uint64_t start = peer_now(), end;

    a->peer->team(a->peer->self, &a->meeting);
    end = peer_now();
    a->apart += a->meeting.sides[0].cpu != a->meeting.sides[1].cpu;
    return (double)(end - start);
}

/* Launch: until the last body has begun. Barrier: from the last one's end to the return. */
static inline void peer_timed_region(struct peer_a *a, double *launch, double *barrier)
{
    uint64_t start = peer_now(), begun = start, ended = start, end;

    a->peer->team(a->peer->self, &a->meeting);
    end = peer_now();
    for (unsigned i = 0; i < peer_workers; i++) {
        const struct meeting_side *side = &a->meeting.sides[i];

        begun = side->begun > begun ? side->begun : begun;
        ended = side->ended > ended ? side->ended : ended;
    }
    *launch = (double)(begun - start);
    *barrier = (double)(end - (ended < end ? ended : end));
}

static inline void peer_sleep_1ms(struct peer_a *a)
{
    const struct timespec ms = {0, 1000000};
    uint64_t cpu = peer_clock(CLOCK_PROCESS_CPUTIME_ID), wall = peer_now();

    nanosleep(&ms, NULL);
    a->slept += peer_now() - wall;
    a->burnt += peer_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

static inline void peer_regions(void *arg)
{
    struct peer_a *a = (struct peer_a *)arg;

    for (int i = 0; i < PEER_WARM; i++)
        peer_region(a);
    a->apart = 0;
    for (int i = 0; i < PEER_HOT; i++)
        a->hot[i] = peer_region(a);
    if (peer_scales) {
        a->meeting.timed = true;
        for (int i = 0; i < PEER_HOT; i++)
            peer_timed_region(a, &a->launch[i], &a->barrier[i]);
        return;
    }
    for (int i = 0; i < PEER_COLD; i++) {
        peer_sleep_1ms(a);
        a->cold[i] = peer_region(a);
    }
}

static inline void peer_enter(const struct peer *p, void (*client)(void *), void *arg)
{
    if (p->enter != NULL)
        p->enter(p->self, client, arg);
    else
        client(arg);
}

static inline void peer_bench_a(const struct peer *p)
{
    struct peer_a *a;

    if (p->team == NULL) {
        peer_skip("a", "all", p->why_not);
        return;
    }
    a = (struct peer_a *)aligned_alloc(PEER_LINE, sizeof *a);
    peer_check(a != NULL, "out of memory");
    memset(a, 0, sizeof *a);
    a->peer = p;
    peer_enter(p, peer_regions, a);
    peer_figure("a", "hot_median", peer_median(a->hot, PEER_HOT), "ns");
    if (peer_scales) {
        peer_figure("a", "launch_median", peer_median(a->launch, PEER_HOT), "ns");
        peer_figure("a", "barrier_median", peer_median(a->barrier, PEER_HOT), "ns");
        free(a);
        return;
    }
    peer_figure("a", "hot_p99", peer_quantile(a->hot, PEER_HOT, 0.99), "ns");
    peer_figure("a", "cold_median", peer_median(a->cold, PEER_COLD), "ns");
    peer_figure("a", "cold_p99", peer_quantile(a->cold, PEER_COLD, 0.99), "ns");
    peer_figure("a", "idle_cpus", (double)a->burnt / (double)a->slept, "cpus");
    peer_figure("a", "two_cpus", (double)a->apart / (PEER_HOT + PEER_COLD), "share");
    free(a);
}

/* ---- b: Fibonacci ---- */

enum { PEER_FIB = 32 };

static __attribute__((noinline)) uint64_t peer_fib_serial(unsigned n)
{
    return n < 2 ? n : peer_fib_serial(n - 1) + peer_fib_serial(n - 2);
}

struct peer_b {
    const struct peer *peer;
    unsigned workers; /* 0: serial */
    uint64_t result;
};

static inline void peer_fib_call(void *arg)
{
    struct peer_b *b = (struct peer_b *)arg;
    unsigned n = PEER_FIB;

    PEER_OPAQUE(n);
    b->result = b->workers == 0 ? peer_fib_serial(n) : b->peer->fib(b->peer->self, n, b->workers);
    peer_check(b->result == 2178309, "fib(32) is not 2178309");
}

static inline double peer_fib_per_task(const struct peer *p, unsigned workers)
{
    const double forking_calls = 3524577; /* fib(33) - 1 of them have n > 1 */
    struct peer_b b = {p, workers, 0};

    return peer_time_calls(peer_fib_call, &b) / forking_calls;
}

static inline void peer_fib_figure(const struct peer *p, unsigned workers)
{
    char variant[40];

    snprintf(variant, sizeof variant, "workers_%u", workers);
    if (p->fib == NULL)
        peer_skip("b", variant, p->why_not);
    else
        peer_figure("b", variant, peer_fib_per_task(p, workers), "ns");
}

static inline void peer_bench_b(const struct peer *p)
{
    peer_figure("b", "serial", peer_fib_per_task(p, 0), "ns");
    if (!peer_scales)
        peer_fib_figure(p, 1);
    peer_fib_figure(p, peer_workers);
}

/* ---- c: inversion of a perfect binary tree ---- */

enum { PEER_DEPTH = 23, PEER_PROBE = 17, PEER_CUTOFF = 6 };

/* In preorder: the near child of a node whose subtree has h levels is the next one, the far child
 * lies 2^(h-1) on. Both are NULL in a leaf; the far child is the right one in the tree as built. */
struct peer_node {
    struct peer_node *left, *right;
};

struct peer_children {
    struct peer_node *near, *far;
};

/* The walk goes on in memory order, whichever way the tree stands. */
static inline struct peer_children peer_swap(struct peer_node *node)
{
    struct peer_node *left = node->left, *right = node->right;
    struct peer_children ascending = {left, right}, descending = {right, left};

    node->left = right;
    node->right = left;
    return left < right ? ascending : descending;
}

static inline void peer_invert_serial(struct peer_node *node)
{
    struct peer_children c = peer_swap(node);

    if (c.near == NULL)
        return;
    peer_invert_serial(c.near);
    peer_invert_serial(c.far);
}

static inline void peer_tree_build(struct peer_node *node, unsigned levels)
{
    node->left = node->right = NULL;
    if (levels == 1)
        return;
    node->left = node + 1;
    node->right = node + (UINT64_C(1) << (levels - 1));
    peer_tree_build(node->left, levels - 1);
    peer_tree_build(node->right, levels - 1);
}

static inline bool peer_tree_stands(const struct peer_node *node, unsigned levels, bool mirrored)
{
    const struct peer_node *near = levels > 1 ? node + 1 : NULL;
    const struct peer_node *far = levels > 1 ? node + (UINT64_C(1) << (levels - 1)) : NULL;

    return node->left == (mirrored ? far : near) && node->right == (mirrored ? near : far) &&
           (levels == 1 || (peer_tree_stands(near, levels - 1, mirrored) &&
                            peer_tree_stands(far, levels - 1, mirrored)));
}

struct peer_c {
    const struct peer *peer;
    struct peer_node *root;
    unsigned forks; /* 0: serial */
    unsigned runs;
};

static inline void peer_invert_call(void *arg)
{
    struct peer_c *c = (struct peer_c *)arg;

    if (c->forks == 0)
        peer_invert_serial(c->root);
    else
        c->peer->invert(c->peer->self, c->root, c->forks);
    c->runs++;
}

static inline double peer_invert_ms(const struct peer *p, struct peer_node *root, unsigned levels,
                                    unsigned forks)
{
    struct peer_c c = {p, root, forks, 0};
    double ms = peer_time_calls(peer_invert_call, &c) / 1e6;

    peer_check(peer_tree_stands(root, levels, c.runs % 2 == 1), "the tree is not inverted");
    if (c.runs % 2 == 1)
        peer_invert_serial(root);
    return ms;
}

/* The whole tree is tried only where a 64th of it says that it takes less than ten seconds. */
static inline void peer_invert_every(const struct peer *p, struct peer_node *root)
{
    struct peer_node *part = root + (PEER_DEPTH - PEER_PROBE); /* down the near children */
    double expected_ms =
        peer_invert_ms(p, part, PEER_PROBE, PEER_PROBE) * (double)(1 << (PEER_DEPTH - PEER_PROBE));

    if (expected_ms > 10e3)
        peer_skip("c", "every_2", "would take more than 10 s");
    else
        peer_figure("c", "every_2", peer_invert_ms(p, root, PEER_DEPTH, PEER_DEPTH), "ms");
}

static inline void peer_bench_c(const struct peer *p)
{
    size_t nodes = ((size_t)1 << PEER_DEPTH) - 1;
    struct peer_node *root = (struct peer_node *)peer_alloc(nodes, sizeof *root);

    peer_tree_build(root, PEER_DEPTH);
    peer_figure("c", "serial", peer_invert_ms(p, root, PEER_DEPTH, 0), "ms");
    if (p->invert == NULL) {
        peer_skip("c", "cutoff6_2", p->why_not);
        peer_skip("c", "every_2", p->why_not);
    } else {
        peer_figure("c", "cutoff6_2", peer_invert_ms(p, root, PEER_DEPTH, PEER_CUTOFF), "ms");
        peer_invert_every(p, root);
    }
    free(root);
}

/* ---- d: map-reduce ---- */

static inline uint64_t peer_draw(uint64_t i)
{
    uint64_t z = i * UINT64_C(0x9e3779b97f4a7c15);

    return (z ^ (z >> 32)) * UINT64_C(0xd6e8feb86659fd93);
}

/* Never inlined: whatever calls it, the loop is the same machine code. */
static __attribute__((noinline, aligned(64))) uint64_t weighted_sum(const uint64_t *elements,
                                                                    uint64_t begin, uint64_t end)
{
    uint64_t sum = 0;

    for (uint64_t i = begin; i < end; i++)
        sum += elements[i] * peer_draw(i);
    return sum;
}

struct peer_d {
    const struct peer *peer;
    const uint64_t *elements;
};

static inline uint64_t peer_sum(const struct peer_d *d, uint64_t count, bool parallel)
{
    PEER_AGAIN();
    return parallel ? d->peer->reduce(d->peer->self, d->elements, count)
                    : weighted_sum(d->elements, 0, count);
}

static inline double peer_batch(const struct peer_d *d, uint64_t count, bool parallel,
                                uint64_t sums)
{
    uint64_t wrong = 0, expected = peer_sum(d, count, false), start = peer_now();

    for (uint64_t i = 0; i < sums; i++)
        wrong |= peer_sum(d, count, parallel) ^ expected;
    double ns = (double)(peer_now() - start);
    peer_check(wrong == 0, "a sum is wrong");
    return ns;
}

/* The median time of a sum, from batches long enough for the clock. */
static inline double peer_sum_ns(const struct peer_d *d, uint64_t count, bool parallel)
{
    enum { BATCHES = 31 };
    const double batch_ns = 3e5;
    double samples[BATCHES];
    uint64_t sums = 1;

    while (peer_batch(d, count, parallel, sums) < batch_ns)
        sums *= 2;
    for (int i = 0; i < BATCHES; i++)
        samples[i] = peer_batch(d, count, parallel, sums) / (double)sums;
    return peer_median(samples, BATCHES);
}

static inline void peer_size_figure(const char *what, uint64_t size, double ns)
{
    char variant[40];

    snprintf(variant, sizeof variant, "%s_%" PRIu64, what, size);
    peer_figure("d", variant, ns, "ns");
}

static inline void peer_sizes(void *arg)
{
    static const uint64_t sizes[] = {100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000};
    const struct peer_d *d = (const struct peer_d *)arg;

    for (size_t i = 0; i < PEER_COUNT(sizes); i++) {
        peer_size_figure("serial", sizes[i], peer_sum_ns(d, sizes[i], false));
        if (d->peer->reduce != NULL)
            peer_size_figure("parallel", sizes[i], peer_sum_ns(d, sizes[i], true));
    }
}

static inline void peer_bench_d(const struct peer *p)
{
    const uint64_t most = 100000;
    uint64_t *elements = (uint64_t *)peer_alloc(most, sizeof *elements);
    struct peer_d d = {p, elements};

    for (uint64_t i = 0; i < most; i++)
        elements[i] = peer_draw(i + 1);
    peer_enter(p, peer_sizes, &d);
    if (p->reduce == NULL)
        peer_skip("d", "parallel", p->why_not);
    free(elements);
}

/* ---- e: one operation at a time, from outside ---- */

/* A chain of dependent multiplications and additions: bound by latency, whatever runs it. */
struct peer_op {
    uint64_t x, steps, runs;
    pthread_t runner; /* of the last run */
} __attribute__((aligned(PEER_LINE)));

static __attribute__((noinline)) void peer_op_run(struct peer_op *op)
{
    uint64_t x = op->x, a = UINT64_C(6364136223846793005), c = UINT64_C(1442695040888963407);

    PEER_OPAQUE(a);
    PEER_OPAQUE(c);
    for (uint64_t i = 0; i < op->steps; i++) {
        x *= a;
        PEER_OPAQUE(x);
        x += c;
        PEER_OPAQUE(x);
    }
    op->x = x;
    op->runs++;
    op->runner = pthread_self();
}

/* By the fastest of several runs: the others were disturbed. */
static inline uint64_t peer_steps_in(double ns)
{
    enum { RUNS = 50 };
    struct peer_op op = {1, 100000, 0, pthread_self()};
    double samples[RUNS];

    for (int i = 0; i < RUNS; i++) {
        uint64_t start = peer_now();
        peer_op_run(&op);
        samples[i] = (double)(peer_now() - start);
    }
    return (uint64_t)(ns * (double)op.steps / peer_quantile(samples, RUNS, 0));
}

enum { PEER_OPS = 1000, PEER_OPS_WARM = 50, PEER_OP_BATCHES = 15 };

struct peer_e {
    const struct peer *peer;
    struct peer_op op;
    double inline_rate, waited_rate; /* operations a second */
};

/* The first operations find workers that the batch before left idle, and are not timed. */
static inline double peer_op_rate(struct peer_e *e, bool waited)
{
    uint64_t start = 0, runs = e->op.runs + PEER_OPS_WARM + PEER_OPS;
    bool elsewhere = true;

    for (int i = -PEER_OPS_WARM; i < PEER_OPS; i++) {
        if (i == 0)
            start = peer_now();
        if (waited)
            e->peer->submit(e->peer->self, &e->op);
        else
            peer_op_run(&e->op);
        elsewhere = elsewhere && !pthread_equal(e->op.runner, pthread_self());
    }
    double ns = (double)(peer_now() - start);
    peer_check(e->op.runs == runs, "operations are missing");
    peer_check(elsewhere == waited, "the caller runs operations that it submits");
    return PEER_OPS * 1e9 / ns;
}

static inline void peer_operations(void *arg)
{
    struct peer_e *e = (struct peer_e *)arg;
    double inline_rates[PEER_OP_BATCHES], waited_rates[PEER_OP_BATCHES];

    for (int i = 0; i < PEER_OP_BATCHES; i++) {
        inline_rates[i] = peer_op_rate(e, false);
        waited_rates[i] = e->peer->submit != NULL ? peer_op_rate(e, true) : 0;
    }
    e->inline_rate = peer_median(inline_rates, PEER_OP_BATCHES);
    e->waited_rate = peer_median(waited_rates, PEER_OP_BATCHES);
}

static inline void peer_bench_e(const struct peer *p)
{
    struct peer_e e = {p, {1, peer_steps_in(2600), 0, pthread_self()}, 0, 0};

    peer_enter(p, peer_operations, &e);
    peer_figure("e", "inline", e.inline_rate, "ops");
    if (p->submit != NULL)
        peer_figure("e", "waited", e.waited_rate, "ops");
    else
        peer_skip("e", "waited", p->why_not);
}

/* ---- f: trivial iterations ---- */

enum { PEER_ITERATIONS = 1000000 };

struct peer_counter {
    uint64_t count;
} __attribute__((aligned(PEER_LINE)));

static inline void peer_count_one(uint64_t *counter)
{
    uint64_t next = *counter + 1;

    PEER_OPAQUE(next);
    *counter = next;
}

struct peer_f {
    const struct peer *peer;
    bool parallel;
};

static __attribute__((noinline)) uint64_t peer_iterate_serial(uint64_t count)
{
    uint64_t counter = 0;

    for (uint64_t i = 0; i < count; i++)
        peer_count_one(&counter);
    return counter;
}

static inline void peer_iterate_call(void *arg)
{
    const struct peer_f *f = (const struct peer_f *)arg;
    uint64_t counted = f->parallel ? f->peer->iterate(f->peer->self, PEER_ITERATIONS)
                                   : peer_iterate_serial(PEER_ITERATIONS);

    peer_check(counted == PEER_ITERATIONS, "iterations are missing");
}

static inline void peer_bench_f(const struct peer *p)
{
    struct peer_f serial = {p, false}, parallel = {p, true};

    peer_figure("f", "serial", peer_time_calls(peer_iterate_call, &serial) / PEER_ITERATIONS, "ns");
    if (p->iterate != NULL)
        peer_figure("f", "dynamic1",
                    peer_time_calls(peer_iterate_call, &parallel) / PEER_ITERATIONS, "ns");
    else
        peer_skip("f", "dynamic1", p->why_not);
}

/* ---- g: how short operations may be ---- */

struct peer_g {
    const struct peer *peer;
    struct peer_op *ops;
    double metg; /* ns; NaN: less than half of the time is work at any length tried */
};

enum { PEER_GRAINS = 19, PEER_GRAIN_MOST = 32000 };

/* The median time of a region in which each worker has one operation, or of one operation by the
 * caller, from batches long enough for the clock. */
static inline double peer_grain_ns(const struct peer_g *g, bool parallel)
{
    enum { BATCHES = 21 };
    double samples[BATCHES];
    uint64_t reps = (uint64_t)(3e5 / (double)(g->ops->steps + 200)) + 1;

    for (int i = -1; i < BATCHES; i++) {
        uint64_t start = peer_now();
        for (uint64_t k = 0; k < reps; k++) {
            if (parallel)
                g->peer->grains(g->peer->self, g->ops);
            else
                peer_op_run(g->ops);
        }
        double ns = (double)(peer_now() - start) / (double)reps;
        if (i >= 0)
            samples[i] = ns;
    }
    return peer_median(samples, BATCHES);
}

/* Between two lengths, from the efficiencies there. */
static inline double peer_half_efficient(const double *length, const double *share)
{
    double above = share[1] - 0.5, below = 0.5 - share[0];

    return (length[0] * above + length[1] * below) / (above + below);
}

/* From long operations to short ones, until half of the time goes elsewhere. */
static inline void peer_find_metg(void *arg)
{
    struct peer_g *g = (struct peer_g *)arg;
    uint64_t longest = peer_steps_in(PEER_GRAIN_MOST);
    double length[2] = {0, 0}, share[2] = {0, 0}, factor = 1;

    g->metg = 0.0 / 0.0;
    for (int i = 0; i < PEER_GRAINS; i++, factor /= 1.41421356) {
        for (unsigned k = 0; k < peer_workers; k++)
            g->ops[k].steps = (uint64_t)((double)longest * factor) + 1;
        length[0] = peer_grain_ns(g, false);
        share[0] = length[0] / peer_grain_ns(g, true);
        if (share[0] < 0.5) {
            g->metg = share[1] > 0 ? peer_half_efficient(length, share) : 0.0 / 0.0;
            return;
        }
        length[1] = length[0];
        share[1] = share[0];
    }
    g->metg = length[0];
}

static inline void peer_metg_figure(const struct peer *p, const char *variant)
{
    struct peer_g g = {p, NULL, 0};

    g.ops = (struct peer_op *)aligned_alloc(PEER_LINE, peer_workers * sizeof *g.ops);
    peer_check(g.ops != NULL, "out of memory");
    memset(g.ops, 0, peer_workers * sizeof *g.ops);
    peer_enter(p, peer_find_metg, &g);
    if (g.metg != g.metg)
        peer_skip("g", variant, "more than half of the time goes elsewhere at 32 us");
    else
        peer_figure("g", variant, g.metg, "ns");
    free(g.ops);
}

static inline void peer_bench_g(const struct peer *p)
{
    if (p->grains != NULL)
        peer_metg_figure(p, "metg");
    else
        peer_skip("g", "metg", p->why_not);
}

/* ---- h: from a fork until an idle worker has the task ---- */

struct handing {
    uint64_t forked;
    struct {
        uint64_t taken; /* ns of the clock; 0: not yet */
    } by_thief __attribute__((aligned(PEER_LINE)));
};

static inline void peer_take(struct handing *h)
{
    __atomic_store_n(&h->by_thief.taken, peer_now(), __ATOMIC_RELEASE);
}

static inline void peer_give(struct handing *h)
{
    peer_wait_for(&h->by_thief.taken, 1);
}

enum { PEER_HANDS = 2000 };

struct peer_h {
    const struct peer *peer;
    struct handing handing;
    double ns[PEER_HANDS];
};

static inline void peer_hand_all(void *arg)
{
    struct peer_h *h = (struct peer_h *)arg;

    for (int i = -200; i < PEER_HANDS; i++) {
        h->handing.by_thief.taken = 0;
        h->handing.forked = peer_now();
        h->peer->hand(h->peer->self, &h->handing);
        if (i >= 0)
            h->ns[i] = (double)(h->handing.by_thief.taken - h->handing.forked);
    }
}

static inline void peer_bench_h(const struct peer *p)
{
    struct peer_h *h;

    if (p->hand == NULL) {
        peer_skip("h", "steal_median", p->why_not);
        return;
    }
    h = (struct peer_h *)aligned_alloc(PEER_LINE, sizeof *h);
    peer_check(h != NULL, "out of memory");
    memset(h, 0, sizeof *h);
    h->peer = p;
    peer_enter(p, peer_hand_all, h);
    peer_figure("h", "steal_median", peer_median(h->ns, PEER_HANDS), "ns");
    free(h);
}

/* ---- The command line ---- */

/* First of all; what can't be read is refused by peer_main. */
static inline void peer_read_workers(int argc, char **argv)
{
    peer_scales = argc == 3;
    if (peer_scales)
        peer_workers = (unsigned)strtoul(argv[2], NULL, 10);
}

static inline int peer_main(const struct peer *p, int argc, char **argv)
{
    static void (*const benches[])(const struct peer *) = {
        peer_bench_a, peer_bench_b, peer_bench_c, peer_bench_d,
        peer_bench_e, peer_bench_f, peer_bench_g, peer_bench_h,
    };

    if ((argc != 2 && argc != 3) || strlen(argv[1]) != 1 || argv[1][0] < 'a' || argv[1][0] > 'h' ||
        peer_workers < 2 || peer_workers > PEER_MOST) {
        fprintf(stderr, "usage: %s a|b|c|d|e|f|g|h [WORKERS]\n", p->name);
        return 2;
    }
    benches[argv[1][0] - 'a'](p);
    return 0;
}

#endif
