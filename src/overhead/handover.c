/* A word to another thread, and one back. Each direction has a cache line of its own. */
#include <stdatomic.h>
#include <stdbool.h>

#include "cacheline.h"
#include "park.h"
#include "parts.h"
#include "ticks.h"

#define END UINT32_MAX

struct line {
    PS_ALIGNED _Atomic uint32_t word;
};

struct pair {
    struct line there, back;
    PS_ALIGNED uint32_t turn; /* of the side that asks */
    bool sleeps;
    struct sample *out;
};

static void put(const struct pair *p, struct line *l, uint32_t value)
{
    /* release: as a hand-over publishes what it is about. */
    atomic_store_explicit(&l->word, value, memory_order_release);
    if (p->sleeps)
        ps_futex_wake(&l->word, 1);
}

/* Waits until it is no longer `old`. */
static uint32_t await(const struct pair *p, struct line *l, uint32_t old)
{
    uint32_t value;

    while ((value = atomic_load_explicit(&l->word, memory_order_acquire)) == old) {
        if (p->sleeps)
            ps_futex_wait(&l->word, old, PS_FUTEX_NO_LIMIT);
        else
            ps_cpu_relax();
    }
    return value;
}

static double there_and_back(void *arg, uint64_t reps)
{
    struct pair *p = arg;
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++) {
        put(p, &p->there, ++p->turn);
        await(p, &p->back, p->turn - 1);
    }
    return (double)(ps_now_ns() - start) / (double)reps;
}

/* The same stores and loads without anyone to wait for. */
static double alone(void *arg, uint64_t reps)
{
    struct line there = {0}, back = {0};
    uint64_t start = ps_now_ns();

    for (uint64_t i = 1; i <= reps; i++) {
        atomic_store_explicit(&there.word, (uint32_t)i, memory_order_release);
        atomic_load_explicit(&there.word, memory_order_acquire);
        atomic_store_explicit(&back.word, (uint32_t)i, memory_order_release);
        atomic_load_explicit(&back.word, memory_order_acquire);
    }
    return (double)(ps_now_ns() - start) / (double)reps;
}

static void answer(struct pair *p)
{
    for (uint32_t seen = 0; (seen = await(p, &p->there, seen)) != END;)
        put(p, &p->back, seen);
}

static void run(void *arg, unsigned member)
{
    struct pair *p = arg;

    if (member == 1) {
        answer(p);
        return;
    }
    bench_compare(there_and_back, alone, p, p->out);
    put(p, &p->there, END);
}

int part_handover_spin(const struct bench *bench, const struct part *part, struct sample *out,
                       struct ps_err *e)
{
    struct pair p = {.out = out};

    return bench_run(bench, 2, run, &p, e);
}

int part_handover_sleep(const struct bench *bench, const struct part *part, struct sample *out,
                        struct ps_err *e)
{
    struct pair p = {.out = out, .sleeps = true};

    return bench_run(bench, 2, run, &p, e);
}
