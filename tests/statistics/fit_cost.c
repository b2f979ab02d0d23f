/* What the fits of a large sweep cost, with all of their resamples.
 *
 * usage: fit_cost [COUNTS [ROUNDS]]     (128 thread counts of 50 rounds)
 *
 * Printed is the CPU time of Amdahl's law, the USL, and the speedups' intervals, and the most
 * memory that the process had. The exit status is 1 beyond a second or 100 MB: for a machine that
 * is not busy otherwise. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "noise.h"
#include "usl.h"

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* s since *before, which becomes now. */
static double spent(double *before)
{
    double now = cpu_seconds(), s = now - *before;

    *before = now;
    return s;
}

static void make(double *p, double *base, double *times, size_t counts, size_t rounds)
{
    const struct ps_usl_fit law = {1, 0.02, 0.0001};
    struct ps_rng rng = {1};

    for (size_t r = 0; r < rounds; r++)
        base[r] = exp(0.02 * noise_normal(&rng));
    for (size_t i = 0; i < counts; i++) {
        p[i] = (double)(i + 1);
        for (size_t r = 0; r < rounds; r++)
            times[i * rounds + r] = exp(0.02 * noise_normal(&rng)) / ps_usl(&law, p[i]);
    }
}

static int intervals(const struct ps_point_times *t)
{
    double *x = calloc(t->rounds, sizeof *x);
    struct ps_interval i;
    int err = x ? 0 : -1;

    for (size_t k = 0; !err && k < t->points; k++) {
        for (size_t r = 0; r < t->rounds; r++)
            x[r] = t->base[r] / t->times[k * t->rounds + r];
        err = ps_bootstrap_median(x, t->rounds, 1, &i);
    }
    free(x);
    return err;
}

static int measure(const struct ps_point_times *t)
{
    double before = cpu_seconds(), amdahl, usl, medians;
    struct rusage usage;
    struct ps_amdahl a;
    struct ps_usl u = {0};
    int err = ps_amdahl_rounds(t, false, 1, &a);

    amdahl = spent(&before);
    if (!err)
        err = ps_usl_rounds(t, 1, &u);
    usl = spent(&before);
    if (!err)
        err = intervals(t);
    medians = spent(&before);
    if (err)
        return 2;
    getrusage(RUSAGE_SELF, &usage);
    printf(
        "%zu thread counts x %zu rounds: Amdahl %.2f s, USL %.2f s, intervals of speedups %.2f s; %.1f MB\n",
        t->points, t->rounds, amdahl, usl, medians, (double)usage.ru_maxrss / 1024);
    return amdahl + usl + medians > 1 || usage.ru_maxrss > 100 * 1024;
}

int main(int argc, char **argv)
{
    size_t counts = argc > 1 ? strtoul(argv[1], NULL, 10) : 128;
    size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 50;
    double *p = calloc(counts + 1, sizeof *p), *base = calloc(rounds + 1, sizeof *base);
    double *times = calloc(counts * rounds + 1, sizeof *times);
    int status = 2;

    if (p && base && times && counts && rounds) {
        make(p, base, times, counts, rounds);
        status = measure(&(struct ps_point_times){p, times, base, counts, rounds});
    }
    free(p);
    free(base);
    free(times);
    return status;
}
