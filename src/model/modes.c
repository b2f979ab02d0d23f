#include "modes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats.h"

#define TRIMMED       10 /* one of so many values at an end of a mode is left out of account */
#define FACTOR        1.5
#define FACTOR_BY_N   20.0
#define MAD_TO_SIGMA  1.4826
#define MEAN_TO_SIGMA 1.2533

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double middle(const double *sorted, size_t n)
{
    return sorted[(n - 1) / 2] + (sorted[n / 2] - sorted[(n - 1) / 2]) / 2;
}

/* The sum of the distances of sorted values from their median, by prefix sums: sums[i] is that of
 * the first i values. */
static double distances(const double *sums, size_t begin, size_t end)
{
    size_t half = (end - begin) / 2;

    return sums[end] - sums[end - half] - (sums[begin + half] - sums[begin]);
}

/* How many values the lower part holds. */
static size_t best_split(const double *sorted, size_t n, size_t least, double *sums)
{
    double best = INFINITY;
    size_t split = least;

    sums[0] = 0;
    for (size_t i = 0; i < n; i++)
        sums[i + 1] = sums[i] + (sorted[i] - sorted[0]);
    for (size_t k = least; k + least <= n; k++) {
        double sum = distances(sums, 0, k) + distances(sums, k, n);

        if (sum < best) {
            best = sum;
            split = k;
        }
    }
    return split;
}

/* In standard deviations of a normal distribution; scratch holds 2n doubles. */
static double spread(const double *sorted, size_t n, double *scratch)
{
    size_t cut = n / TRIMMED;
    double centre = middle(sorted, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        scratch[i] = fabs(sorted[i] - centre);
    for (size_t i = cut; i < n - cut; i++)
        sum += scratch[i];
    return fmax(MAD_TO_SIGMA * ps_median(scratch, n, scratch + n),
                MEAN_TO_SIGMA * sum / (double)(n - 2 * cut) / 2);
}

static bool apart(const double *sorted, size_t n, size_t split, double *scratch)
{
    size_t below = split - 1 - split / TRIMMED, above = split + (n - split) / TRIMMED;
    double spreads = spread(sorted, split, scratch) + spread(sorted + split, n - split, scratch);

    return sorted[above] - sorted[below] > (FACTOR + FACTOR_BY_N / (double)n) * spreads;
}

static void set_mode(struct ps_modes *m, size_t mode, const double *sorted, size_t count, size_t n)
{
    m->centre[mode] = middle(sorted, count);
    m->count[mode] = count;
    m->share[mode] = (double)count / (double)n;
}

static struct ps_modes find(double *x, size_t n, double *scratch)
{
    size_t least = (size_t)ceil(PS_MODES_MIN_SHARE * (double)n), split;
    struct ps_modes m = {.found = false};

    if (least < PS_MODES_MIN_COUNT)
        least = PS_MODES_MIN_COUNT;
    if (n < 2 * least)
        return m;
    qsort(x, n, sizeof *x, compare);
    split = best_split(x, n, least, scratch);
    m.found = apart(x, n, split, scratch);
    set_mode(&m, 0, x, split, n);
    set_mode(&m, 1, x + split, n - split, n);
    return m;
}

int ps_modes_find(const double *x, size_t n, struct ps_modes *out)
{
    double *copy = calloc(n + 1, 3 * sizeof *copy);
    size_t m = 0;

    if (!copy)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            copy[m++] = x[i];
    *out = find(copy, m, copy + n);
    free(copy);
    return 0;
}
