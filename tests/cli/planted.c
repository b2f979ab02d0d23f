/* A program with one planted cause of lost speedup: planted CAUSE THREADS. What it computes takes
 * as long on every machine that is as fast; what it loses is in the function planted_CAUSE(). */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 60
#define UNIT   1000000
#define PAGES  64
#define CALLS  120000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile double sink;
static long threads;

__attribute__((noinline)) static void work(long n)
{
    double sum = 0;

    for (long i = 1; i <= n; i++)
        sum += 1.0 / (double)i;
    sink = sum;
}

__attribute__((noinline)) static void *work_share(void *arg)
{
    for (long i = 0; i < ROUNDS / threads; i++)
        work(UNIT);
    return arg;
}

__attribute__((noinline)) static void planted_serial(void)
{
    double sum = 0;

    for (long i = 1; i <= ROUNDS * (long)UNIT; i++)
        sum += 1.0 / (double)i;
    sink = sum;
}

__attribute__((noinline)) static void *planted_lock(void *arg)
{
    for (long i = 0; i < ROUNDS / threads; i++) {
        pthread_mutex_lock(&mutex);
        work(UNIT);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

__attribute__((noinline)) static void *planted_sleep(void *arg)
{
    const struct timespec pause = {0, 8000000};

    for (long i = 0; i < ROUNDS / threads; i++) {
        work(UNIT);
        nanosleep(&pause, NULL);
    }
    return arg;
}

/* The first thread has nearly all of it. */
__attribute__((noinline)) static void *planted_uneven(void *arg)
{
    const long shares = threads == 1 ? ROUNDS : *(long *)arg ? ROUNDS / 10 : ROUNDS - ROUNDS / 10;

    for (long i = 0; i < shares; i++)
        work(UNIT);
    return arg;
}

/* Counters that several threads write, in one cache line. */
__attribute__((noinline)) static void *planted_shared(void *arg)
{
    static volatile long counters[64];
    volatile long *own = &counters[*(long *)arg];

    for (long i = 0; i < 2 * ROUNDS / threads * UNIT; i++)
        ++*own;
    return arg;
}

/* Memory that is touched once and given back. */
__attribute__((noinline)) static void *planted_faults(void *arg)
{
    for (long i = 0; i < 20 * ROUNDS / threads; i++) {
        char *block =
            mmap(NULL, PAGES * 4096L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (block == MAP_FAILED)
            abort();
        for (long k = 0; k < PAGES; k++)
            block[k * 4096L] = 1;
        munmap(block, PAGES * 4096L);
    }
    return arg;
}

__attribute__((noinline)) static void *planted_calls(void *arg)
{
    const int file = open("/dev/zero", O_RDONLY);
    char block[4096];

    for (long i = 0; i < CALLS / threads; i++)
        if (pread(file, block, sizeof block, 0) != sizeof block)
            abort();
    close(file);
    return arg;
}

static void run(void *(*body)(void *))
{
    pthread_t ids[64];
    long numbers[64];

    for (long i = 0; i < threads; i++) {
        numbers[i] = i;
        if (pthread_create(&ids[i], NULL, body, &numbers[i]))
            abort();
    }
    for (long i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void *(*body)(void *);
    } causes[] = {{"serial", work_share},     {"lock", planted_lock},
                  {"sleep", planted_sleep},   {"uneven", planted_uneven},
                  {"shared", planted_shared}, {"faults", planted_faults},
                  {"calls", planted_calls}};

    threads = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (threads < 1 || threads > 64) {
        fprintf(stderr, "usage: planted serial|lock|sleep|uneven|shared|faults|calls THREADS\n");
        return 2;
    }
    if (!strcmp(argv[1], "serial"))
        planted_serial();
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (!strcmp(argv[1], causes[i].name))
            run(causes[i].body);
    return 0;
}
