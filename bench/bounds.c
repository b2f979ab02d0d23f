/* What no runtime can go below here: prints what its single steps cost on the first two CPUs that
 * this program may use, in ns. Medians of BATCHES batches; every other line of bench/runtimes.py
 * is made of these. */
#include <inttypes.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bounds.h"

#define LINE    128
#define BATCHES 21
#define TURNS   100000
#define WAKES   200

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void relax(void)
{
#if defined __x86_64__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

static uint64_t ticks(void)
{
#if defined __x86_64__
    return __builtin_ia32_rdtsc();
#else
    return now_ns();
#endif
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *x, size_t n)
{
    qsort(x, n, sizeof *x, compare);
    return x[n / 2];
}

/* What the two threads share, each in lines of its own. */
struct shared {
    _Alignas(LINE) _Atomic uint32_t ball;
    _Alignas(LINE) _Atomic uint64_t count;
    _Alignas(LINE) _Atomic uint64_t own;
    _Alignas(LINE) _Atomic uint32_t gate;
    _Alignas(LINE) _Atomic uint64_t woken; /* ns */
    _Alignas(LINE) struct {
        uint64_t what[7];
        _Atomic uint32_t done; /* the turn in which it was */
    } task;
    _Alignas(LINE) struct {
        _Atomic uint64_t sequence; /* the turn that put it */
        _Atomic uint64_t what[3];
    } cell;
    _Alignas(LINE) _Atomic uint64_t head;      /* taken */
    _Alignas(LINE) volatile uint64_t taken[5]; /* what, and when */
    _Alignas(LINE) _Atomic uint64_t finished;
    void (*play)(struct shared *s); /* what the second thread does */
    int cpu;
};

/* One line goes there and comes back TURNS times. */
static void answer(struct shared *s)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        while (atomic_load_explicit(&s->ball, memory_order_acquire) != 2 * i + 1)
            relax();
        atomic_store_explicit(&s->ball, 2 * i + 2, memory_order_release);
    }
}

static void serve(struct shared *s)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        atomic_store_explicit(&s->ball, 2 * i + 1, memory_order_release);
        while (atomic_load_explicit(&s->ball, memory_order_acquire) != 2 * i + 2)
            relax();
    }
}

/* A region of work stealing at its least: a task in a line of its own is shown by the ball, whoever
 * sees that has to win the ball first, and tells in the task that it is done. */
static void take(struct shared *s)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        uint32_t shown = 2 * i + 1;

        while (atomic_load_explicit(&s->ball, memory_order_relaxed) != shown)
            relax();
        __builtin_prefetch(&s->task, 1);
        atomic_compare_exchange_strong(&s->ball, &shown, shown + 1);
        s->task.what[1] = s->task.what[0];
        atomic_store_explicit(&s->task.done, i + 1, memory_order_release);
    }
}

static void show(struct shared *s)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        s->task.what[0] = i;
        atomic_store(&s->ball, 2 * i + 1);
        while (atomic_load_explicit(&s->task.done, memory_order_acquire) != i + 1)
            relax();
    }
}

/* An operation through a queue at its least: put into a cell, won by an exchange, as others might
 * take it too, timed at both ends, and counted, as others might finish one. */
static void take_queued(struct shared *s)
{
    for (uint64_t i = 0; i < TURNS; i++) {
        uint64_t head = i;

        while (atomic_load_explicit(&s->cell.sequence, memory_order_acquire) != i + 1)
            relax();
        for (int k = 0; k < 3; k++)
            s->taken[k] = atomic_load_explicit(&s->cell.what[k], memory_order_relaxed);
        atomic_compare_exchange_strong(&s->head, &head, i + 1);
        s->taken[3] = ticks();
        s->taken[4] = ticks();
        atomic_fetch_add(&s->finished, 1);
    }
}

static void put_queued(struct shared *s)
{
    for (uint64_t i = 0; i < TURNS; i++) {
        ticks();
        for (int k = 0; k < 3; k++)
            atomic_store_explicit(&s->cell.what[k], i, memory_order_relaxed);
        atomic_store_explicit(&s->cell.sequence, i + 1, memory_order_release);
        while (atomic_load_explicit(&s->finished, memory_order_acquire) != i + 1)
            relax();
        ticks();
    }
}

static void add_to(_Atomic uint64_t *count)
{
    for (int i = 0; i < TURNS; i++)
        atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

static void add_shared(struct shared *s)
{
    add_to(&s->count);
}

static void add_own(struct shared *s)
{
    add_to(&s->own);
}

static void pauses(struct shared *s)
{
    for (int i = 0; i < TURNS; i++)
        relax();
}

static void read_ticks(struct shared *s)
{
    for (int i = 0; i < TURNS; i++)
        ticks();
}

static void read_clock(struct shared *s)
{
    for (int i = 0; i < TURNS; i++)
        now_ns();
}

static void futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
    syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL);
}

static void be_woken(struct shared *s)
{
    for (uint32_t i = 0; i < WAKES; i++) {
        while (atomic_load(&s->gate) == i)
            futex(&s->gate, FUTEX_WAIT, i);
        atomic_store(&s->woken, now_ns());
    }
}

static void *second(void *arg)
{
    struct shared *s = arg;

    s->play(s);
    return NULL;
}

static int pinned(const struct shared *s, pthread_t *thread)
{
    pthread_attr_t attr;
    cpu_set_t set;
    int err;

    CPU_ZERO(&set);
    CPU_SET((size_t)s->cpu, &set);
    pthread_attr_init(&attr);
    pthread_attr_setaffinity_np(&attr, sizeof set, &set);
    err = pthread_create(thread, &attr, second, (void *)(uintptr_t)s);
    pthread_attr_destroy(&attr);
    return err;
}

/* ns a turn of what this thread does, while the other does the same or answers; NULL: alone. */
static double time_turns(struct shared *s, void (*mine)(struct shared *),
                         void (*other)(struct shared *))
{
    double samples[BATCHES];

    for (int i = 0; i < BATCHES; i++) {
        pthread_t thread;
        uint64_t start;

        atomic_store(&s->ball, 0);
        atomic_store(&s->task.done, 0);
        atomic_store(&s->cell.sequence, 0);
        atomic_store(&s->head, 0);
        atomic_store(&s->finished, 0);
        s->play = other;
        if (other && pinned(s, &thread))
            exit(1);
        start = now_ns();
        mine(s);
        samples[i] = (double)(now_ns() - start) / TURNS;
        if (other)
            pthread_join(thread, NULL);
    }
    return median(samples, BATCHES);
}

/* From the call that wakes until the other thread, which slept for 1 ms, runs; and the call. */
static void time_wakes(struct shared *s, double *until, double *call)
{
    const struct timespec ms = {0, 1000000};
    double untils[WAKES], calls[WAKES];
    pthread_t thread;

    s->play = be_woken;
    atomic_store(&s->gate, 0);
    if (pinned(s, &thread))
        exit(1);
    for (uint32_t i = 0; i < WAKES; i++) {
        uint64_t start, called;

        nanosleep(&ms, NULL);
        atomic_store(&s->woken, 0);
        start = now_ns();
        atomic_store(&s->gate, i + 1);
        futex(&s->gate, FUTEX_WAKE, 1);
        called = now_ns();
        while (!atomic_load(&s->woken))
            relax();
        untils[i] = (double)(atomic_load(&s->woken) - start);
        calls[i] = (double)(called - start);
    }
    pthread_join(thread, NULL);
    *until = median(untils, WAKES);
    *call = median(calls, WAKES);
}

/* This thread on the first CPU, the other on the second. */
static bool place(struct shared *s)
{
    int cpus[2], found = 0;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set))
        return false;
    for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
        if (CPU_ISSET(i, &set))
            cpus[found++] = i;
    if (found < 2)
        return false;
    s->cpu = cpus[1];
    CPU_ZERO(&set);
    CPU_SET((size_t)cpus[0], &set);
    return !sched_setaffinity(0, sizeof set, &set);
}

int main(void)
{
    static struct shared s;
    double until, call;

    if (!place(&s)) {
        fprintf(stderr, "bounds: needs two CPUs\n");
        return 1;
    }
    printf("line_there_and_back %.1f ns\n", time_turns(&s, serve, answer));
    printf("task_taken_and_done %.1f ns\n", time_turns(&s, show, take));
    printf("queued_and_finished %.1f ns\n", time_turns(&s, put_queued, take_queued));
    printf("pause %.1f ns\n", time_turns(&s, pauses, NULL));
    printf("ticks %.1f ns\n", time_turns(&s, read_ticks, NULL));
    printf("clock %.1f ns\n", time_turns(&s, read_clock, NULL));
    printf("add_alone %.1f ns\n", time_turns(&s, add_own, NULL));
    printf("add_shared %.1f ns\n", time_turns(&s, add_shared, add_shared));
    time_wakes(&s, &until, &call);
    printf("wake_call %.0f ns\n", call);
    printf("wake_until_it_runs %.0f ns\n", until);
    bounds_forks();
    return 0;
}
