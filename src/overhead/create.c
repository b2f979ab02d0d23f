/*
 * New threads. As programs create them they and their creator float over the CPUs, and most often
 * the new one starts on its creator's, which waits for it. A thread pinned to another CPU has to be
 * woken there.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "park.h"
#include "parts.h"
#include "stats.h"
#include "ticks.h"

#define STATE_BYTES (64 << 10)

/* Arenas of glibc: at least 8 for the process, the main one included. */
#define ARENAS 6
#define WARM   8 /* threads before those that are timed */

struct creator {
    const pthread_attr_t *attr; /* of new threads; NULL: none */
    void *(*main)(void *arg);
    int err;
};

static void *do_nothing(void *arg)
{
    return NULL;
}

static void *touch_state(void *arg)
{
    long page = sysconf(_SC_PAGESIZE);
    volatile char *state =
        mmap(NULL, STATE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (state == MAP_FAILED)
        return arg;
    for (long at = 0; at < STATE_BYTES; at += page)
        state[at] = 1;
    munmap((void *)state, STATE_BYTES);
    return NULL;
}

static double create_and_join(void *arg, uint64_t reps)
{
    struct creator *c = arg;
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps && !c->err; i++) {
        pthread_t thread;
        void *failed = NULL;

        c->err = pthread_create(&thread, c->attr, c->main, c);
        if (!c->err)
            pthread_join(thread, &failed);
        if (failed)
            c->err = ENOMEM;
    }
    return (double)(ps_now_ns() - start) / (double)reps;
}

static int outcome(const struct creator *c, struct ps_err *e)
{
    return c->err ? ps_fail(e, c->err, "can't create a thread: %s", strerror(c->err)) : 0;
}

static int measure(const struct bench *bench, void *(*main)(void *), struct sample *out,
                   struct ps_err *e)
{
    struct creator c = {.main = main};
    int err = bench_float(bench, e);

    if (err < 0)
        return err;
    bench_compare(create_and_join, bench_empty, &c, out);
    return outcome(&c, e);
}

int part_thread(const struct bench *bench, const struct part *p, struct sample *out,
                struct ps_err *e)
{
    return measure(bench, do_nothing, out, e);
}

/* The place is that of a team's member; the team itself sleeps. */
int part_thread_pinned(const struct bench *bench, const struct part *p, struct sample *out,
                       struct ps_err *e)
{
    struct creator c = {.main = do_nothing};
    pthread_attr_t *attrs;
    struct ps_team *places;
    int err = bench_pin(bench, 0, e);

    if (!err)
        err = bench_team(bench, 2, &places, e);
    if (err < 0)
        return err;
    err = ps_team_attrs(places, 2, &attrs);
    if (!err) {
        c.attr = &attrs[1];
        bench_compare(create_and_join, bench_empty, &c, out);
        ps_team_attrs_free(attrs, 2);
    }
    ps_team_destroy(places);
    return err < 0 ? ps_fail(e, -err, "can't place a thread: %s", strerror(-err)) : outcome(&c, e);
}

int part_thread_touch(const struct bench *bench, const struct part *p, struct sample *out,
                      struct ps_err *e)
{
    return measure(bench, touch_state, out, e);
}

/* ---- the first malloc ---- */

static void *allocate(void *arg)
{
    void *volatile block = malloc(64);

    free(block);
    return block ? NULL : arg;
}

/* Takes the arena that the last thread left, and keeps it, so that the next one gets a new one. */
struct holders {
    _Atomic uint32_t ready, leave;
    pthread_t threads[ARENAS];
    unsigned count;
};

static void *hold_arena(void *arg)
{
    struct holders *h = arg;
    void *volatile block = malloc(64);

    /* release: pairs with the acquire in add_holder. */
    atomic_fetch_add_explicit(&h->ready, 1, memory_order_release);
    ps_futex_wake(&h->ready, 1);
    while (!atomic_load_explicit(&h->leave, memory_order_acquire))
        ps_futex_wait(&h->leave, 0, PS_FUTEX_NO_LIMIT);
    free(block);
    return NULL;
}

static int add_holder(struct creator *c, struct holders *h)
{
    int err = pthread_create(&h->threads[h->count], c->attr, hold_arena, h);

    if (err)
        return err;
    while (atomic_load_explicit(&h->ready, memory_order_acquire) == h->count)
        ps_futex_wait(&h->ready, h->count, PS_FUTEX_NO_LIMIT);
    h->count++;
    return 0;
}

static void dismiss(struct holders *h)
{
    atomic_store_explicit(&h->leave, 1, memory_order_release);
    ps_futex_wake(&h->leave, ARENAS);
    for (unsigned i = 0; i < h->count; i++)
        pthread_join(h->threads[i], NULL);
}

/* One thread with and one without an allocation, after some that bring caches and stacks back. All
 * are on one CPU, so that where the scheduler puts them makes no difference between the two. */
static void allocate_once(struct creator *c, double *with, double *without)
{
    c->main = do_nothing;
    create_and_join(c, WARM);
    *without = create_and_join(c, 1);
    c->main = allocate;
    *with = create_and_join(c, 1);
}

int part_thread_malloc(const struct bench *bench, const struct part *p, struct sample *out,
                       struct ps_err *e)
{
    struct creator c = {.main = do_nothing};
    struct holders h = {.count = 0};
    double with[ARENAS], without[ARENAS], scratch[ARENAS];
    int err = bench_pin(bench, 0, e);

    if (err < 0)
        return err;
    for (unsigned i = 0; i < ARENAS && !c.err; i++) {
        allocate_once(&c, &with[i], &without[i]);
        if (!c.err)
            c.err = add_holder(&c, &h);
    }
    dismiss(&h);
    if (!c.err) {
        out->test = ps_median(with, ARENAS, scratch);
        out->reference = ps_median(without, ARENAS, scratch);
    }
    return outcome(&c, e);
}
