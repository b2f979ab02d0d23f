/*
 * From the waker's call to the first instruction of the woken thread, which has slept in the kernel
 * for a given time, on a CPU of its own. The waker looks at the clock meanwhile.
 *
 * A wake-up counts once the kernel says that it found the sleeper; until then the waker calls
 * again. So "asleep for 0" means from the moment at which it is in the kernel's queue.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cacheline.h"
#include "park.h"
#include "parts.h"
#include "stats.h"
#include "ticks.h"

#define MOST_REPS 1024

struct pair {
    PS_ALIGNED _Atomic uint32_t round;     /* slept on; raised after each wake-up */
    PS_ALIGNED _Atomic uint64_t asleep_ns; /* when it went to sleep; 0: not yet */
    PS_ALIGNED _Atomic uint64_t woken_ns;  /* 0: not yet */
    PS_ALIGNED _Atomic bool end;
    uint64_t idle_ns;
    double latencies[MOST_REPS], scratch[MOST_REPS];
    struct sample *out;
};

static bool wake_found(_Atomic uint32_t *word)
{
    return syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1) == 1;
}

static uint64_t await_time(_Atomic uint64_t *when)
{
    uint64_t ns;

    /* acquire: pairs with the release stores. */
    while (!(ns = atomic_load_explicit(when, memory_order_acquire)))
        ps_cpu_relax();
    return ns;
}

static void sleep_and_tell(struct pair *p)
{
    for (;;) {
        uint32_t round = atomic_load_explicit(&p->round, memory_order_acquire);

        /* acquire: pairs with the waker's store of round, before which it stores end. */
        if (atomic_load_explicit(&p->end, memory_order_acquire))
            return;
        atomic_store_explicit(&p->asleep_ns, ps_now_ns(), memory_order_release);
        while (ps_futex_wait(&p->round, round, PS_FUTEX_NO_LIMIT) == -EINTR)
            ;
        atomic_store_explicit(&p->woken_ns, ps_now_ns(), memory_order_release);
        while (atomic_load_explicit(&p->round, memory_order_acquire) == round)
            ps_cpu_relax();
    }
}

static double wake_one(struct pair *p)
{
    uint64_t asleep = await_time(&p->asleep_ns), call, woken;

    while (ps_now_ns() < asleep + p->idle_ns)
        ps_cpu_relax();
    do
        call = ps_now_ns();
    while (!wake_found(&p->round));
    woken = await_time(&p->woken_ns);
    /* relaxed: published with round. */
    atomic_store_explicit(&p->asleep_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&p->woken_ns, 0, memory_order_relaxed);
    return woken > call ? (double)(woken - call) : 0;
}

static void next_round(struct pair *p)
{
    /* release: pairs with sleep_and_tell. */
    atomic_fetch_add_explicit(&p->round, 1, memory_order_release);
}

static double wake_some(void *arg, uint64_t reps)
{
    struct pair *p = arg;
    uint64_t count = reps < MOST_REPS ? reps : MOST_REPS;

    for (uint64_t i = 0; i < count; i++) {
        p->latencies[i] = wake_one(p);
        next_round(p);
    }
    return ps_median(p->latencies, count, p->scratch);
}

static void run(void *arg, unsigned member)
{
    struct pair *p = arg;

    if (member == 1) {
        sleep_and_tell(p);
        return;
    }
    bench_compare(wake_some, bench_clock, p, p->out);
    wake_one(p);
    atomic_store_explicit(&p->end, true, memory_order_release);
    next_round(p);
}

int part_wake(const struct bench *bench, const struct part *part, struct sample *out,
              struct ps_err *e)
{
    struct pair *p = aligned_alloc(PS_LINE, sizeof *p);
    int err;

    if (!p)
        return ps_fail(e, ENOMEM, "out of memory");
    *p = (struct pair){.idle_ns = (uint64_t)part->idle, .out = out};
    err = bench_run(bench, 2, run, p, e);
    free(p);
    return err;
}
