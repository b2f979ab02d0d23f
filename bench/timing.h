/* What the plain programs measure with. */
#ifndef PS_BENCH_TIMING_H
#define PS_BENCH_TIMING_H

#include <stdlib.h>
#include <time.h>

/* s, CLOCK_MONOTONIC. */
static inline double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The upper one of an even number; sorts them. */
static inline double median(double *x, size_t count)
{
    qsort(x, count, sizeof *x, ascending);
    return x[count / 2];
}

#endif
