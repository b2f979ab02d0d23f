#include "stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "correlated.h"
#include "rng.h"

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

/* Resamples of the differences of medians spread by so much too far (Hall and Martin 1988), which
 * is as much again as the expansion would add. */
static double medians_tail(size_t n)
{
    double excess = n < 20 ? 1.1 : 1 + 2.0 / (double)n;

    return 0.5 * erfc(1.959964 / excess / sqrt(2));
}

static int bootstrap(ps_statistic_fn *f, void *arg, size_t n, uint64_t seed, double tail,
                     struct ps_interval *out)
{
    struct ps_rng rng = {seed};
    uint32_t *pick;
    size_t count = ps_resamples(n);
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
        *out = ps_percentiles(value, values, count, tail, false);
    free(pick);
    free(values);
    return 0;
}

int ps_bootstrap(ps_statistic_fn *f, void *arg, size_t n, uint64_t seed, struct ps_interval *out)
{
    return bootstrap(f, arg, n, seed, n < PS_MIN_ROUNDS ? 0 : ps_expanded_tail(n), out);
}

int ps_bootstrap_medians(ps_statistic_fn *f, void *arg, size_t n, uint64_t seed,
                         struct ps_interval *out)
{
    return bootstrap(f, arg, n, seed, medians_tail(n), out);
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
static struct ps_interval exact_median(const struct ps_drawn *d, double *x, size_t n)
{
    struct ps_interval i = {.value = quantile_of(x, n, 0.5)};

    i.low = fmin(i.value, middle_of(x, n, d->lower, d->upper));
    i.high = fmax(i.value, middle_of(x, n, n + 1 - d->upper, n + 1 - d->lower));
    return i;
}

/* A value, and where it stood. */
struct ranked {
    double x;
    size_t at;
};

/* Of at most PS_LARGEST_DRAWN values. */
static void rank(const double *x, size_t n, struct ranked *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = i;

        for (; k && out[k - 1].x > x[i]; k--)
            out[k] = out[k - 1];
        out[k] = (struct ranked){x[i], i};
    }
}

/* Room for the ranks of each resample's two middle values, the same of an odd number. */
struct middles {
    uint8_t *seen, *low, *high;
};

/* All resamples at once: of each, how many of its values are among the smallest so far. */
static void find_middles(const struct ps_drawn *d, const struct ranked *ranked, struct middles *m)
{
    const uint8_t before = (uint8_t)((d->n - 1) / 2), behind = (uint8_t)(d->n / 2);
    uint8_t *restrict seen = m->seen, *restrict low = m->low, *restrict high = m->high;

    for (size_t k = 0; k < d->n; k++) {
        const uint8_t *restrict times = d->times + ranked[k].at * d->stride;

        for (size_t r = 0; r < d->stride; r++) {
            seen[r] = (uint8_t)(seen[r] + times[r]);
            low[r] = (uint8_t)(low[r] + (seen[r] <= before));
            high[r] = (uint8_t)(high[r] + (seen[r] <= behind));
        }
    }
}

static double middle_value(const struct ranked *ranked, size_t low, size_t high)
{
    double x = ranked[low].x, next = ranked[high].x;

    return next > x ? x + 0.5 * (next - x) : x;
}

static int drawn_median(const struct ps_drawn *d, const double *x, struct ps_interval *out)
{
    struct ranked ranked[PS_LARGEST_DRAWN] = {{0}};
    double value, *values = calloc(d->stride, sizeof *values + 3);
    struct middles m = {(uint8_t *)(values + d->stride)};

    if (!values)
        return -ENOMEM;
    m.low = m.seen + d->stride;
    m.high = m.low + d->stride;
    rank(x, d->n, ranked);
    value = middle_value(ranked, (d->n - 1) / 2, d->n / 2);
    find_middles(d, ranked, &m);
    for (size_t r = 0; r < d->count; r++)
        values[r] = middle_value(ranked, m.low[r], m.high[r]);
    *out = ps_percentiles(value, values, d->count, d->tail, false);
    free(values);
    return 0;
}

static bool all_equal(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return false;
    return true;
}

/* Of numbers, which are reordered. */
static int median_of(struct ps_draws *draws, double *x, size_t n, struct ps_interval *out)
{
    const struct ps_drawn *d;

    if (n < PS_MIN_ROUNDS) {
        *out = (struct ps_interval){n ? quantile_of(x, n, 0.5) : NAN, NAN, NAN};
        return 0;
    }
    if (all_equal(x, n)) {
        *out = (struct ps_interval){x[0], x[0], x[0]};
        return 0;
    }
    d = ps_draws_find(draws, n);
    if (!d)
        return -ENOMEM;
    if (n <= PS_LARGEST_DRAWN)
        return drawn_median(d, x, out);
    *out = exact_median(d, x, n);
    return 0;
}

int ps_median_interval(struct ps_draws *draws, const double *x, size_t n, struct ps_interval *out)
{
    double *numbers = malloc((n + 1) * sizeof *numbers);
    int err = -ENOMEM;

    if (numbers)
        err = median_of(draws, numbers, copy_numbers(x, n, numbers), out);
    free(numbers);
    return err < 0 ? err : ps_widen_correlated(x, n, out);
}

int ps_bootstrap_median(const double *x, size_t n, uint64_t seed, struct ps_interval *out)
{
    struct ps_draws draws = ps_draws_of(seed);
    int err = ps_median_interval(&draws, x, n, out);

    ps_draws_finish(&draws);
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
