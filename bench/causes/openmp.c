/* One planted cause each, as OpenMP programs have them: openmp CAUSE THREADS. See bench/causes.py.
 */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile double sink;

__attribute__((noinline)) static double crunch(long n)
{
    double sum = 0;

    for (long i = 1; i <= n; i++)
        sum += sqrt(1.0 / (double)i);
    return sum;
}

/* A critical section that holds most of the work. */
__attribute__((noinline)) static void critical_sum(void)
{
    double sum = 0;

#pragma omp parallel for
    for (int i = 0; i < 4000; i++) {
        double x = crunch(5000);

#pragma omp critical
        sum += x + crunch(40000);
    }
    sink = sum;
}

/* Pieces of one iteration, handed out by one counter. */
__attribute__((noinline)) static void dynamic_one(void)
{
    static double a[1000];

    for (int k = 0; k < 1000; k++) {
#pragma omp parallel for schedule(dynamic, 1)
        for (int i = 0; i < 1000; i++)
            a[i] += i;
    }
    sink = a[7];
}

/* What all threads found is added up by one of them. */
__attribute__((noinline)) static double add_up(const double *x, long n)
{
    double sum = 0;

    for (long k = 0; k < 40; k++)
        for (long i = 0; i < n; i++)
            sum += exp(-x[i]);
    return sum;
}

__attribute__((noinline)) static void reduction(void)
{
    const long n = 400000;
    double *x = malloc((size_t)n * sizeof *x);

#pragma omp parallel for
    for (long i = 0; i < n; i++)
        x[i] = crunch(200) / (double)(i + 1);
    sink = add_up(x, n);
    free(x);
}

/* A task for each of many small additions. */
static long fib(int n)
{
    long a, b;

    if (n < 2)
        return n;
#pragma omp task shared(a)
    a = fib(n - 1);
#pragma omp task shared(b)
    b = fib(n - 2);
#pragma omp taskwait
    return a + b;
}

__attribute__((noinline)) static void tiny_tasks(void)
{
    long x = 0;

#pragma omp parallel
#pragma omp single
    x = fib(24);
    sink = (double)x;
}

/* Rows of a triangle, in shares of as many rows. */
__attribute__((noinline)) static void triangle(void)
{
    double sum = 0;

#pragma omp parallel for schedule(static) reduction(+ : sum)
    for (long i = 0; i < 1200; i++)
        sum += crunch(300 * i);
    sink = sum;
}

/* An atomic update of one number by all. */
__attribute__((noinline)) static void atomic_sum(void)
{
    double sum = 0;

#pragma omp parallel for
    for (long i = 0; i < 50000000; i++) {
#pragma omp atomic
        sum += (double)i;
    }
    sink = sum;
}

/* A section in the region that one thread does while all wait at its end. */
__attribute__((noinline)) static void prepare(void)
{
    sink = crunch(60000000);
}

__attribute__((noinline)) static void single(void)
{
#pragma omp parallel
    {
#pragma omp single
        prepare();
#pragma omp for
        for (int i = 0; i < 60; i++)
            sink = crunch(1000000);
    }
}

/* Many steps of a loop and a part for one thread that is far shorter than a sampling period. */
__attribute__((noinline)) static void settle(void)
{
    double sum = 0;

    for (long i = 1; i <= 40000; i++)
        sum += 1 / sqrt((double)i);
    sink = sum;
}

static void steps(void)
{
#pragma omp parallel
    for (int step = 0; step < 3000; step++) {
#pragma omp for
        for (int i = 0; i < 8; i++)
            sink = crunch(12000);
#pragma omp single
        settle();
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } causes[] = {
        {"critical", critical_sum}, {"dynamic1", dynamic_one}, {"reduction", reduction},
        {"tasks", tiny_tasks},      {"triangle", triangle},    {"atomic", atomic_sum},
        {"single", single},         {"steps", steps},
    };

    for (size_t i = 0; argc == 3 && i < sizeof causes / sizeof *causes; i++) {
        if (strcmp(argv[1], causes[i].name))
            continue;
        omp_set_num_threads(atoi(argv[2]));
        causes[i].run();
        return 0;
    }
    fprintf(stderr, "usage: openmp CAUSE THREADS\n");
    return 2;
}
