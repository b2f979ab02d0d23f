/* A program with a known serial fraction, of CPU time by construction:
 *
 *     phases threads|processes|openmp FRACTION MS CYCLES   serial, then on two threads at once
 *     phases source|sink FRACTION MS CYCLES                likewise, by two processes and a pipe
 *     phases work MS                                       one thread computes for so long
 *     phases ends COUNT MB    of as many processes with so much memory: ms of CPU time that the
 *                             kernel takes for each after its last instruction
 *
 * The longer of the two phases takes MS of CPU time of each thread in it. What the first three did
 * is appended to the file PHASES_TRUTH, where that is set: the time in which one thread computed
 * alone, by their own clocks, over the time that both computed. */
#ifdef _OPENMP
#include <omp.h>
#endif
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_CYCLES 4096

struct span {
    double begin, end; /* s */
};

struct phases {
    double serial, parallel; /* s of CPU time, of each thread */
    long cycles;
    pthread_barrier_t barrier;
    struct span alone[MOST_CYCLES], both[2][MOST_CYCLES];
};

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Looks at the clock, which is a system call, rarely until the end is near. */
__attribute__((noinline)) static void burn(double time)
{
    static _Thread_local volatile double sink;
    const double end = seconds(CLOCK_THREAD_CPUTIME_ID) + time;
    double left = time;

    while (left > 0) {
        const int count = left > 2e-3 ? 200000 : left > 200e-6 ? 20000 : 2000;

        for (int i = 1; i < count; i++)
            sink += 1.0 / (double)i;
        left = end - seconds(CLOCK_THREAD_CPUTIME_ID);
    }
}

__attribute__((noinline)) static void serial(struct phases *p, long cycle)
{
    struct span *s = &p->alone[cycle % MOST_CYCLES];

    s->begin = seconds(CLOCK_MONOTONIC);
    burn(p->serial);
    s->end = seconds(CLOCK_MONOTONIC);
}

__attribute__((noinline)) static void parallel(struct phases *p, long cycle, int thread)
{
    struct span *s = &p->both[thread][cycle % MOST_CYCLES];

    s->begin = seconds(CLOCK_MONOTONIC);
    burn(p->parallel);
    s->end = seconds(CLOCK_MONOTONIC);
}

static double length(struct span s)
{
    return s.end > s.begin ? s.end - s.begin : 0;
}

static double overlap(struct span a, struct span b)
{
    return length(
        (struct span){a.begin > b.begin ? a.begin : b.begin, a.end < b.end ? a.end : b.end});
}

static void tell(const struct phases *p)
{
    const char *path = getenv("PHASES_TRUTH");
    FILE *f = path && p->cycles <= MOST_CYCLES ? fopen(path, "a") : NULL;
    double alone = 0, all = 0;

    for (long i = 0; f && i < p->cycles; i++) {
        const double a = length(p->both[0][i]), b = length(p->both[1][i]);

        alone += length(p->alone[i]) + a + b - 2 * overlap(p->both[0][i], p->both[1][i]);
        all += length(p->alone[i]) + a + b;
    }
    if (f) {
        fprintf(f, "%.6f\n", alone / all);
        fclose(f);
    }
}

static void set(struct phases *p, double fraction, double longest)
{
    const double ratio = 2 * fraction / (1 - fraction); /* serial over parallel */

    p->serial = ratio > 1 ? longest : longest * ratio;
    p->parallel = ratio > 1 ? longest / ratio : longest;
}

static void *second(void *arg)
{
    struct phases *p = arg;

    for (long i = 0; i < p->cycles; i++) {
        pthread_barrier_wait(&p->barrier);
        parallel(p, i, 1);
        pthread_barrier_wait(&p->barrier);
    }
    return NULL;
}

static void first(struct phases *p)
{
    for (long i = 0; i < p->cycles; i++) {
        serial(p, i);
        pthread_barrier_wait(&p->barrier);
        parallel(p, i, 0);
        pthread_barrier_wait(&p->barrier);
    }
}

static void threads(struct phases *p)
{
    pthread_t other;

    if (pthread_create(&other, NULL, second, p))
        abort();
    first(p);
    pthread_join(other, NULL);
    tell(p);
}

static void processes(struct phases *p)
{
    const pid_t child = fork();

    if (!child) {
        second(p);
        _exit(0);
    }
    first(p);
    waitpid(child, NULL, 0);
    tell(p);
}

static void openmp(struct phases *p)
{
    for (long i = 0; i < p->cycles; i++) {
        serial(p, i);
#ifdef _OPENMP
#pragma omp parallel num_threads(2)
        parallel(p, i, omp_get_thread_num());
#endif
    }
    tell(p);
}

static void source(struct phases *p)
{
    for (long i = 0; i < p->cycles; i++) {
        serial(p, i);
        if (write(STDOUT_FILENO, "x", 1) != 1)
            abort();
        parallel(p, i, 0);
    }
}

static void sink(struct phases *p)
{
    char c;

    while (read(STDIN_FILENO, &c, 1) == 1)
        parallel(p, 0, 1);
}

/* Says how much CPU time it has used until now, and ends. */
static int tell_and_end(size_t megabytes)
{
    volatile unsigned char *memory = malloc(megabytes << 20);
    double told;

    for (size_t i = 0; memory && i < megabytes << 20; i += 4096)
        memory[i] = 1;
    told = seconds(CLOCK_PROCESS_CPUTIME_ID);
    _exit(write(STDOUT_FILENO, &told, sizeof told) != sizeof told);
}

static double one_end(const char *megabytes)
{
    struct rusage usage;
    double told;
    int ends[2], status;
    pid_t child;

    if (pipe(ends))
        abort();
    child = fork();
    if (!child) {
        dup2(ends[1], STDOUT_FILENO);
        execl("/proc/self/exe", "phases", "end", megabytes, (char *)NULL);
        _exit(1);
    }
    if (wait4(child, &status, 0, &usage) != child || status ||
        read(ends[0], &told, sizeof told) != sizeof told)
        abort();
    close(ends[0]);
    close(ends[1]);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6 - told;
}

static int print_ends(long count, const char *megabytes)
{
    for (long i = 0; i < count; i++)
        printf("%.3f\n", 1e3 * one_end(megabytes));
    return 0;
}

static struct phases *shared(void)
{
    void *map = mmap(NULL, sizeof(struct phases), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct phases *p = map;
    pthread_barrierattr_t attr;

    if (map == MAP_FAILED)
        abort();
    pthread_barrierattr_init(&attr);
    pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&p->barrier, &attr, 2);
    return p;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct phases *p);
    } kinds[] = {{"threads", threads},
                 {"processes", processes},
                 {"openmp", openmp},
                 {"source", source},
                 {"sink", sink}};
    struct phases *p = shared();

    if (argc == 3 && !strcmp(argv[1], "work")) {
        burn(strtod(argv[2], NULL) * 1e-3);
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "end"))
        return tell_and_end(strtoul(argv[2], NULL, 10));
    if (argc == 4 && !strcmp(argv[1], "ends"))
        return print_ends(strtol(argv[2], NULL, 10), argv[3]);
    if (argc != 5)
        return 2;
    set(p, strtod(argv[2], NULL), strtod(argv[3], NULL) * 1e-3);
    p->cycles = strtol(argv[4], NULL, 10);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(argv[1], kinds[i].name))
            kinds[i].run(p);
    return 0;
}
