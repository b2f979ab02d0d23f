/*
 * Barriers of a team of our own, one after the other. The others take part until the first one,
 * which measures, says which is the last. While it measures the reference they wait.
 *
 * The spinning barrier counts arrivals in one word: the last one to come starts the count again and
 * raises `phase`, for which the others look.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "cacheline.h"
#include "parts.h"
#include "ticks.h"

struct barrier {
    PS_ALIGNED _Atomic uint32_t arrived;
    PS_ALIGNED _Atomic uint32_t phase;
    PS_ALIGNED _Atomic uint64_t last; /* number of the last crossing; 0: not known yet */
    uint64_t crossed;                 /* by the first */
    unsigned threads;
    bool spins;
    pthread_barrier_t sleeping; /* used where spins is false */
    struct sample *out;
};

static void cross_spinning(struct barrier *b)
{
    uint32_t phase = atomic_load_explicit(&b->phase, memory_order_acquire);

    /* acq_rel: the last one to come has seen what all did before, and passes it on with phase. */
    if (atomic_fetch_add_explicit(&b->arrived, 1, memory_order_acq_rel) + 1 == b->threads) {
        /* relaxed: nobody counts before the new phase. */
        atomic_store_explicit(&b->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&b->phase, phase + 1, memory_order_release);
        return;
    }
    while (atomic_load_explicit(&b->phase, memory_order_acquire) == phase)
        ps_cpu_relax();
}

static void cross(struct barrier *b)
{
    if (b->spins)
        cross_spinning(b);
    else
        pthread_barrier_wait(&b->sleeping);
}

static double crossings(void *arg, uint64_t reps)
{
    struct barrier *b = arg;
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++)
        cross(b);
    b->crossed += reps;
    return (double)(ps_now_ns() - start) / (double)reps;
}

static void run(void *arg, unsigned member)
{
    struct barrier *b = arg;
    uint64_t crossed = 0;

    if (member == 0) {
        bench_compare(crossings, bench_empty, b, b->out);
        /* relaxed: passed on by the crossing. Some may see it before they have crossed for the last
         * time but one, and must come once more all the same. */
        atomic_store_explicit(&b->last, b->crossed + 1, memory_order_relaxed);
        cross(b);
        return;
    }
    do
        cross(b);
    while (++crossed != atomic_load_explicit(&b->last, memory_order_relaxed));
}

static int measure(const struct bench *bench, bool spins, struct sample *out, struct ps_err *e)
{
    struct barrier b = {.threads = bench->threads, .spins = spins, .out = out};
    int err = pthread_barrier_init(&b.sleeping, NULL, b.threads);

    if (err)
        return ps_fail(e, err, "no barrier: %s", strerror(err));
    err = bench_run(bench, b.threads, run, &b, e);
    pthread_barrier_destroy(&b.sleeping);
    return err;
}

int part_barrier_spin(const struct bench *bench, const struct part *p, struct sample *out,
                      struct ps_err *e)
{
    return measure(bench, true, out, e);
}

int part_barrier_sleep(const struct bench *bench, const struct part *p, struct sample *out,
                       struct ps_err *e)
{
    return measure(bench, false, out, e);
}
