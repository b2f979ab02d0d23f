#include "correlated.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define MOST         0.95
#define SIGNIFICANCE 1.2816 /* of a standard normal deviate, one in ten is above it */
#define LEAST_ROUNDS 4      /* that many are left of few ones */

static const double pi = 3.14159265358979323846;

/* A value, and its place in the order of rounds. */
struct placed {
    double x;
    size_t place;
};

static void merge(const struct placed *x, size_t middle, size_t n, struct placed *out)
{
    size_t i = 0, k = middle;

    for (size_t to = 0; to < n; to++) {
        bool second = i == middle || (k < n && x[k].x < x[i].x);

        out[to] = x[second ? k : i];
        k += second;
        i += !second;
    }
}

/* By value. What qsort() takes is mostly its calls for each comparison. Returns which of the two
 * has the result. */
static struct placed *sort(struct placed *x, struct placed *room, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        struct placed *sorted = room;

        for (size_t i = 0; i < n; i += 2 * width) {
            size_t left = n - i, count = left < 2 * width ? left : 2 * width;

            merge(x + i, width < count ? width : count, count, room + i);
        }
        room = x;
        x = sorted;
    }
    return x;
}

/* From their mean on; equal values share the mean of their ranks. */
static void set_ranks(const struct placed *sorted, size_t n, double *ranks)
{
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end].x == sorted[i].x;)
            end++;
        for (size_t k = i; k < end; k++)
            ranks[sorted[k].place] = (double)(i + end - 1) / 2 - (double)(n - 1) / 2;
    }
}

/* Of the ranks, as what it is of normal values (Pearson 1907). */
static double correlation_of(const double *ranks, size_t n)
{
    double products = 0, squares = 0, of_ranks;

    for (size_t i = 0; i < n; i++) {
        products += i ? ranks[i] * ranks[i - 1] : 0;
        squares += ranks[i] * ranks[i];
    }
    of_ranks = squares > 0 ? products / squares : 0;
    if (of_ranks <= (SIGNIFICANCE * sqrt((double)n) - 1) / (double)n)
        return 0;
    return 2 * sin(pi / 6 * of_ranks);
}

double ps_round_correlation(const double *x, size_t n)
{
    struct placed *known = calloc(n + 1, 2 * sizeof *known + sizeof(double)), *room;
    double *ranks, correlation = 0;
    size_t m = 0;

    if (!known)
        return NAN;
    room = known + n;
    ranks = (double *)(room + n);
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            known[m] = (struct placed){x[i], m};
            m++;
        }
    }
    if (m >= PS_MIN_ROUNDS) {
        set_ranks(sort(known, room, m), m, ranks);
        correlation = correlation_of(ranks, m);
    }
    free(known);
    return correlation > 0 ? fmin(correlation + (1 + 3 * correlation) / (double)m, MOST) : 0;
}

/* Of the variance of a median: that of the mean of indicators, whose correlation at a distance of k
 * rounds is 2/pi asin(c^k) where the values are normal. */
static double variance_factor(double correlation)
{
    double sum = 1;

    for (double c = correlation; c > 1e-4; c *= correlation)
        sum += 4 / pi * asin(c);
    return sum;
}

double ps_correlated_factor(double correlation, size_t n)
{
    double variance = variance_factor(correlation), left = floor((double)n / variance);
    size_t rounds = left > LEAST_ROUNDS ? (size_t)left : LEAST_ROUNDS;

    if (!(correlation > 0) || n < PS_MIN_ROUNDS)
        return 1;
    return sqrt(variance) * ps_student_t(PS_LEVEL, rounds - 1) / ps_student_t(PS_LEVEL, n - 1);
}

static double widened(double value, double end, double factor, double limit)
{
    double to = value + factor * (end - value);

    return !isfinite(to) || fabs(end - value) >= fabs(limit - value) ? end
           : fabs(to - value) > fabs(limit - value)                  ? limit
                                                                     : to;
}

int ps_widen_correlated(const double *x, size_t n, struct ps_interval *i)
{
    double correlation, factor, least = INFINITY, most = -INFINITY;
    size_t m = 0;

    if (isnan(i->low) || isnan(i->high))
        return 0;
    correlation = ps_round_correlation(x, n);
    if (!(correlation > 0))
        return isnan(correlation) ? -ENOMEM : 0;
    for (size_t k = 0; k < n; k++) {
        m += !isnan(x[k]);
        least = fmin(least, x[k]);
        most = fmax(most, x[k]);
    }
    factor = ps_correlated_factor(correlation, m);
    i->low = widened(i->value, i->low, factor, least);
    i->high = widened(i->value, i->high, factor, most);
    return 0;
}
