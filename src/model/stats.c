#include "stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "rng.h"

#define RESAMPLES     PS_MOST_RESAMPLES
#define MIN_RESAMPLES 400
#define DRAWS         800000 /* rounds times resamples, beyond which there are fewer resamples */
#define LARGEST_DRAWN 100    /* rounds, up to which the bootstrap of a median is drawn */

static void swap(double *a, double *b)
{
    double t = *a;

    *a = *b;
    *b = t;
}

/* The middle of the first, the middle and the last. */
static double pivot_of(const double *x, ptrdiff_t low, ptrdiff_t high)
{
    double a = x[low], b = x[low + (high - low) / 2], c = x[high];

    if (a > b)
        swap(&a, &b);
    return c < a ? a : c > b ? b : c;
}

/* Reorders x[0..n-1] so that x[k] is the k-th smallest, with none larger before it and none smaller
 * behind it (Hoare 1961, algorithm 65, FIND). No NaN. */
static void select_kth(double *x, size_t n, size_t kth)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, k = (ptrdiff_t)kth;

    while (low < high) {
        double pivot = pivot_of(x, low, high);
        ptrdiff_t i = low, j = high;

        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i <= j)
                swap(&x[i++], &x[j--]);
        }
        /* x[low..j] <= pivot <= x[i..high], and what is between them equals it. */
        if (j < k)
            low = i;
        if (k < i)
            high = j;
    }
}

/* Type 7, of m > 0 values without NaN; reorders them. */
static double quantile_of(double *x, size_t m, double q)
{
    double h = (double)(m - 1) * q, next;
    size_t k = (size_t)h;

    select_kth(x, m, k);
    if (k + 1 >= m || h <= (double)k)
        return x[k];
    next = x[k + 1];
    for (size_t i = k + 2; i < m; i++)
        next = x[i] < next ? x[i] : next;
    return next > x[k] ? x[k] + (h - (double)k) * (next - x[k]) : next;
}

static size_t copy_numbers(const double *x, size_t n, double *to)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i]))
            to[m++] = x[i];
    }
    return m;
}

double ps_quantile(const double *x, size_t n, double q, double *scratch)
{
    size_t m = copy_numbers(x, n, scratch);

    return m && q >= 0 && q <= 1 ? quantile_of(scratch, m, q) : NAN;
}

double ps_known_mean(const double *x, size_t n, size_t *known)
{
    double sum = 0;

    *known = 0;
    for (size_t i = 0; i < n; i++) {
        sum += isnan(x[i]) ? 0 : x[i];
        *known += !isnan(x[i]);
    }
    return *known ? sum / (double)*known : NAN;
}

double ps_median(const double *x, size_t n, double *scratch)
{
    return ps_quantile(x, n, 0.5, scratch);
}

/* P(|T| < t) of Student's t with whole degrees of freedom (Abramowitz and Stegun 26.7.3, 26.7.4).
 */
static double student_inside(double t, size_t freedom)
{
    const double pi = 3.14159265358979323846;
    double theta = atan(t / sqrt((double)freedom));
    double square = cos(theta) * cos(theta);
    double term = freedom % 2 ? cos(theta) : 1, sum = 0;

    for (size_t k = freedom % 2 ? 3 : 2; k <= freedom; k += 2) {
        sum += term;
        term *= square * (double)(k - 1) / (double)k;
    }
    return freedom % 2 ? 2 / pi * (theta + sin(theta) * sum) : sin(theta) * sum;
}

double ps_student_t(double level, size_t freedom)
{
    double low = 0, high = 1;

    if (freedom == 0 || !(level > 0 && level < 1))
        return NAN;
    while (student_inside(high, freedom) < level && high < 1e9)
        high *= 2;
    for (int i = 0; i < 100; i++) {
        double middle = low + (high - low) / 2;

        if (student_inside(middle, freedom) < level)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The share of resamples to leave out at each end: Phi(-sqrt(n / (n-1)) t). */
static double expanded_tail(size_t n)
{
    double t = ps_student_t(PS_LEVEL, n - 1);

    return 0.5 * erfc(t * sqrt((double)n / (double)(n - 1)) / sqrt(2));
}

static struct ps_interval widened(struct ps_interval i)
{
    i.low = i.value < i.low ? i.value : i.low;
    i.high = i.value > i.high ? i.value : i.high;
    return i;
}

/* The interval from the resampled values, which are reordered; without limits where too many of
 * them are NaN. */
static struct ps_interval percentiles(double value, double *values, size_t count, size_t n)
{
    struct ps_interval i = {value, NAN, NAN};
    size_t m = copy_numbers(values, count, values);
    double tail = expanded_tail(n);

    if (m <= count / 2)
        return i;
    i.low = quantile_of(values, m, tail);
    i.high = quantile_of(values, m, 1 - tail);
    return widened(i);
}

static size_t resamples(size_t n)
{
    size_t count = n ? DRAWS / n : RESAMPLES;

    return count > RESAMPLES ? RESAMPLES : count < MIN_RESAMPLES ? MIN_RESAMPLES : count;
}

int ps_bootstrap(ps_statistic_fn *f, void *arg, size_t n, uint64_t seed, struct ps_interval *out)
{
    struct ps_rng rng = {seed};
    uint32_t *pick;
    size_t count = resamples(n);
    double *values, value;

    if (n > UINT32_MAX)
        return -EINVAL;
    pick = calloc(n + 1, sizeof *pick);
    values = calloc(count, sizeof *values);
    if (!pick || !values) {
        free(pick);
        free(values);
        return -ENOMEM;
    }
    for (size_t i = 0; i < n; i++)
        pick[i] = (uint32_t)i;
    value = n ? f(arg, pick, n) : NAN;
    *out = (struct ps_interval){value, NAN, NAN};
    for (size_t r = 0; n >= PS_MIN_ROUNDS && r < count; r++) {
        for (size_t i = 0; i < n; i++)
            pick[i] = (uint32_t)ps_rng_below(&rng, n);
        values[r] = f(arg, pick, n);
    }
    if (n >= PS_MIN_ROUNDS && !isnan(value))
        *out = percentiles(value, values, count, n);
    free(pick);
    free(values);
    return 0;
}

/* Values without NaN, and room to draw as many. */
struct series {
    double *x, *drawn;
};

static double median_of_pick(void *arg, const uint32_t *pick, size_t n)
{
    struct series *s = arg;

    for (size_t i = 0; i < n; i++)
        s->drawn[i] = s->x[pick[i]];
    return quantile_of(s->drawn, n, 0.5);
}

/* P(B >= least) for B binomial of n trials with chance p, where 0 < p < 1 and least >= np - 1 or
 * so: summed from the largest term on. */
static double binomial_tail(size_t n, double p, size_t least)
{
    const double k = (double)least, rest = (double)(n - least);
    int sign;
    double term = exp(lgamma_r((double)n + 1, &sign) - lgamma_r(k + 1, &sign) -
                      lgamma_r(rest + 1, &sign) + k * log(p) + rest * log1p(-p));
    double sum = 0;

    for (size_t i = least; i < n && term > sum * 1e-17; i++) {
        sum += term;
        term *= (double)(n - i) / (double)(i + 1) * (p / (1 - p));
    }
    return sum + term;
}

/* The smallest k for which the chance that the rank-th smallest of a resample is at most the k-th
 * smallest of the n values reaches `tail`: at least `rank` of n draws must be among those k. For
 * tails below a half. */
static size_t position_reaching(size_t n, size_t rank, double tail)
{
    size_t low = 1, high = rank + 1; /* there the chance is more than a half */

    while (low < high) {
        size_t k = low + (high - low) / 2;

        if (binomial_tail(n, (double)k / (double)n, rank) >= tail)
            high = k;
        else
            low = k + 1;
    }
    return low;
}

/* Of the k-th smallest of the first and the l-th smallest, from 1; reorders x. */
static double middle_of(double *x, size_t n, size_t k, size_t l)
{
    double a;

    select_kth(x, n, k - 1);
    a = x[k - 1];
    if (k == l)
        return a;
    select_kth(x, n, l - 1);
    return a + (x[l - 1] - a) / 2;
}

/* What ps_bootstrap() tends to with the number of resamples, for n values without NaN, which are
 * reordered. A resample's median is one of the values, with chances that are known (Efron 1979,
 * section 3; Maritz and Jarrett 1978). Of even n it is the mean of two neighbours in the resample,
 * on average one value apart: the means of their quantiles are taken, as if both always had the
 * same place in their distributions. That is off by a part of the distance of neighbouring values,
 * of which the interval spans about 2 sqrt(n). */
static struct ps_interval exact_median(double *x, size_t n)
{
    const double tail = expanded_tail(n);
    const size_t lower = position_reaching(n, (n + 1) / 2, tail);
    const size_t upper = position_reaching(n, n / 2 + 1, tail);
    struct ps_interval i = {.value = quantile_of(x, n, 0.5)};

    i.low = middle_of(x, n, lower, upper);
    i.high = middle_of(x, n, n + 1 - upper, n + 1 - lower);
    return widened(i);
}

int ps_bootstrap_median(const double *x, size_t n, uint64_t seed, struct ps_interval *out)
{
    struct series s;
    size_t m;
    int err = 0;

    s.x = calloc(n + 1, 2 * sizeof *s.x);
    if (!s.x)
        return -ENOMEM;
    s.drawn = s.x + n;
    m = copy_numbers(x, n, s.x);
    if (m > LARGEST_DRAWN)
        *out = exact_median(s.x, m);
    else
        err = ps_bootstrap(median_of_pick, &s, m, seed, out);
    free(s.x);
    return err;
}

double ps_relative_half_width(struct ps_interval i)
{
    double width = (i.high - i.low) / 2 / fabs(i.value);

    return isnan(width) ? INFINITY : width;
}

/* The unit in which deviations are normal with 3.5 as the limit; scratch holds the deviations of m
 * values and is reordered. */
static double spread_of(double *deviations, size_t m)
{
    double median = quantile_of(deviations, m, 0.5), sum = 0;

    if (median > 0)
        return median / 0.6745;
    for (size_t i = 0; i < m; i++)
        sum += deviations[i];
    return 1.253314 * sum / (double)m;
}

size_t ps_outliers(const double *x, size_t n, bool *outlier, double *scratch)
{
    double median = ps_median(x, n, scratch), limit;
    size_t m = copy_numbers(x, n, scratch), count = 0;

    for (size_t i = 0; i < m; i++)
        scratch[i] = fabs(scratch[i] - median);
    limit = m ? 3.5 * spread_of(scratch, m) : 0;
    for (size_t i = 0; i < n; i++) {
        bool far = fabs(x[i] - median) > limit;

        count += far;
        if (outlier)
            outlier[i] = far;
    }
    return count;
}
