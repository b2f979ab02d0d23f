/* What a fork and its join need at least, written by hand: the task's words, a comparison of each
 * with a bound that others may change, and for those by function pointers the parameters, the
 * results and the stack's head in memory. Nobody ever takes a task. In ns a fork, as in benchmark b
 * of bench/runtimes.py, and over the same recursion by plain calls. */
#include "bounds.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N       30
#define FORKS   1346268.0 /* calls with n > 1 */
#define BATCHES 21
#define DEPTH   64
#define APART   128

struct worker;

struct task {
    void (*run)(struct task *t, struct worker *w);
    void (*fn)(void *arg, struct worker *w);
    void *arg;
    unsigned n;
    char apart[64 - 3 * sizeof(void *) - sizeof(unsigned)];
};

struct worker {
    struct task *head;
    char apart[APART];
    struct task *limit, *fence; /* others write them, relaxed */
    struct task stack[DEPTH];
};

struct fib {
    unsigned n;
    uint64_t result;
};

/* The compiler knows nothing of the worker after this: see parscope_same_(). */
#define OPAQUE(w) __asm__("" : "+r"(w))

static __attribute__((noinline, cold, noreturn)) void slowly(void)
{
    abort();
}

static int is_slow(const struct worker *w, const struct task *t)
{
    return __builtin_expect(t >= __atomic_load_n(&w->limit, __ATOMIC_RELAXED), 0);
}

static int is_taken(const struct worker *w, const struct task *t)
{
    return __builtin_expect(t < __atomic_load_n(&w->fence, __ATOMIC_RELAXED), 0);
}

static void run(struct task *t, struct worker *w)
{
    slowly();
}

/* ---- Parameters and results in registers ---- */

static __attribute__((noinline)) uint64_t called(unsigned n)
{
    return n < 2 ? n : called(n - 1) + called(n - 2);
}

static __attribute__((noinline)) uint64_t forked(struct worker *w, struct task *t, unsigned n)
{
    uint64_t a;

    if (n < 2)
        return n;
    OPAQUE(w);
    if (is_slow(w, t))
        slowly();
    t->run = run;
    t->n = n - 2;
    a = forked(w, t + 1, n - 1);
    if (is_taken(w, t))
        slowly();
    return a + forked(w, t, n - 2);
}

/* ---- In memory ---- */

static __attribute__((noinline)) void called_in_memory(void *arg, struct worker *w)
{
    struct fib *f = arg, a, b;

    if (f->n < 2) {
        f->result = f->n;
        return;
    }
    a.n = f->n - 1;
    b.n = f->n - 2;
    called_in_memory(&a, w);
    called_in_memory(&b, w);
    f->result = a.result + b.result;
}

static __attribute__((noinline)) void forked_in_memory(void *arg, struct worker *w)
{
    struct fib *f = arg, a, b;
    struct task *t;

    if (f->n < 2) {
        f->result = f->n;
        return;
    }
    a.n = f->n - 1;
    b.n = f->n - 2;
    t = w->head;
    if (is_slow(w, t))
        slowly();
    t->run = run;
    t->fn = forked_in_memory;
    t->arg = &b;
    w->head = t + 1;
    forked_in_memory(&a, w);
    w->head = t;
    if (is_taken(w, t))
        slowly();
    forked_in_memory(&b, w);
    f->result = a.result + b.result;
}

/* ---- Each of them, one after the other ---- */

static uint64_t by_calls(struct worker *w, unsigned n)
{
    return called(n);
}

static uint64_t by_forks(struct worker *w, unsigned n)
{
    return forked(w, w->head, n);
}

static uint64_t calls_in_memory(struct worker *w, unsigned n)
{
    struct fib f = {n, 0};

    called_in_memory(&f, w);
    return f.result;
}

static uint64_t forks_in_memory(struct worker *w, unsigned n)
{
    struct fib f = {n, 0};

    forked_in_memory(&f, w);
    return f.result;
}

static const struct way {
    const char *name;
    uint64_t (*fib)(struct worker *w, unsigned n);
} ways[] = {
    {"calls", by_calls},
    {"forks", by_forks},
    {"calls_in_memory", calls_in_memory},
    {"forks_in_memory", forks_in_memory},
};

enum { WAYS = sizeof ways / sizeof *ways };

static double ns_a_fork(const struct way *way, struct worker *w)
{
    struct timespec begin, end;
    unsigned n = N;

    OPAQUE(n);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (way->fib(w, n) != 832040)
        abort();
    clock_gettime(CLOCK_MONOTONIC, &end);
    return ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
           FORKS;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *x)
{
    qsort(x, BATCHES, sizeof *x, compare);
    return x[BATCHES / 2];
}

void bounds_forks(void)
{
    static struct worker w;
    double ns[WAYS][BATCHES], over[WAYS][BATCHES];

    w.head = w.fence = w.stack;
    w.limit = w.stack + DEPTH;
    for (int i = 0; i < BATCHES; i++)
        for (int k = 0; k < WAYS; k++) {
            ns[k][i] = ns_a_fork(&ways[k], &w);
            over[k][i] = ns[k][i] / ns[0][i];
        }
    for (int k = 0; k < WAYS; k++)
        printf("%s %.2f ns, %.2f of calls\n", ways[k].name, median(ns[k]), median(over[k]));
}
