/* An OpenMP program with a serial tenth: some arithmetic on an array, over and over.
 * usage: omp_loop THREADS [STEPS] */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#define ITEMS 100000

static void step(double *x, long count)
{
    for (long i = 0; i < count; i++)
        x[i] = x[i] * 0.999 + 1.0 / (1.0 + x[i] * x[i]);
}

int main(int argc, char **argv)
{
    double *x = calloc(ITEMS, sizeof *x), sum = 0;
    long threads = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    long steps = argc > 2 ? strtol(argv[2], NULL, 10) : 30000;

    if (!x || threads < 1 || steps < 1) {
        fputs("usage: omp_loop THREADS [STEPS]\n", stderr);
        return 2;
    }
    omp_set_num_threads((int)threads);
    for (long s = 0; s < steps; s++) {
        step(x, ITEMS / 10);
#pragma omp parallel for schedule(static)
        for (long block = ITEMS / 100; block < ITEMS / 10; block++)
            step(x + block * 10, 10);
    }
    for (long i = 0; i < ITEMS; i++)
        sum += x[i];
    printf("%.6f\n", sum);
    free(x);
    return 0;
}
