/* A program that marks two nested regions in four threads: regions FILE. It appends to FILE what it
 * measured itself: times of the regions by the clock that they are marked by, and the CPU time of
 * each thread. Only of executions that are observed. */
#include <parscope/region.h>

#include <pthread.h>
#include <stdio.h>

#define THREADS 4
#define ROUNDS  40

struct worker {
    pthread_t thread;
    long tid;
    double outer, inner, cpu;
};

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void compute(double time)
{
    const double end = seconds(CLOCK_MONOTONIC) + time;

    while (seconds(CLOCK_MONOTONIC) < end)
        ;
}

static void *work(void *arg)
{
    struct worker *w = arg;

    w->tid = syscall(SYS_gettid);
    for (int i = 0; i < ROUNDS; i++) {
        const struct timespec pause = {0, 4000000};
        double outer = seconds(CLOCK_MONOTONIC), inner;

        parscope_region_begin("outer");
        compute(2e-3);
        inner = seconds(CLOCK_MONOTONIC);
        parscope_region_begin("inner");
        compute(1e-3);
        nanosleep(&pause, NULL);
        parscope_region_end("inner");
        w->inner += seconds(CLOCK_MONOTONIC) - inner;
        parscope_region_end("outer");
        w->outer += seconds(CLOCK_MONOTONIC) - outer;
    }
    w->cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

int main(int argc, char **argv)
{
    struct worker workers[THREADS] = {{0}};
    FILE *f = argc == 2 ? fopen(argv[1], "a") : NULL;

    if (!f)
        return 2;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            return 3;
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; getenv("PARSCOPE_REGIONS") && i < THREADS; i++)
        fprintf(f, "%ld %.9f %.9f %.9f\n", workers[i].tid, workers[i].outer, workers[i].inner,
                workers[i].cpu);
    return fclose(f) != 0;
}
