/* A program with a known serial fraction, of CPU time by construction:
 *
 *     phases threads|processes|openmp FRACTION MS CYCLES   serial, then on two threads at once
 *     phases source|sink FRACTION MS CYCLES                likewise, by two processes and a pipe
 *     phases work MS                                       one thread computes for so long
 *
 * The longer of the two phases takes MS of CPU time of each thread in it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct phases {
    double serial, parallel; /* s of CPU time, of each thread */
    long cycles;
    pthread_barrier_t barrier;
};

static double cpu_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

__attribute__((noinline)) static void burn(double seconds)
{
    static _Thread_local volatile double sink;
    const double end = cpu_time() + seconds;

    while (seconds > 0 && cpu_time() < end)
        for (int i = 1; i < 20000; i++)
            sink += 1.0 / (double)i;
}

__attribute__((noinline)) static void serial(const struct phases *p)
{
    burn(p->serial);
}

__attribute__((noinline)) static void parallel(const struct phases *p)
{
    burn(p->parallel);
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
        parallel(p);
        pthread_barrier_wait(&p->barrier);
    }
    return NULL;
}

static void first(struct phases *p)
{
    for (long i = 0; i < p->cycles; i++) {
        serial(p);
        pthread_barrier_wait(&p->barrier);
        parallel(p);
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
}

static void openmp(struct phases *p)
{
    for (long i = 0; i < p->cycles; i++) {
        serial(p);
#ifdef _OPENMP
#pragma omp parallel num_threads(2)
#endif
        parallel(p);
    }
}

static void source(struct phases *p)
{
    for (long i = 0; i < p->cycles; i++) {
        serial(p);
        if (write(STDOUT_FILENO, "x", 1) != 1)
            abort();
        parallel(p);
    }
}

static void sink(struct phases *p)
{
    char c;

    while (read(STDIN_FILENO, &c, 1) == 1)
        parallel(p);
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
    if (argc != 5)
        return 2;
    set(p, strtod(argv[2], NULL), strtod(argv[3], NULL) * 1e-3);
    p->cycles = strtol(argv[4], NULL, 10);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(argv[1], kinds[i].name))
            kinds[i].run(p);
    return 0;
}
