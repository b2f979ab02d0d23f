#include "draws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES     PS_MOST_RESAMPLES
#define MIN_RESAMPLES 400
#define DRAWS         800000  /* rounds times resamples, beyond which there are fewer resamples */
#define MOST_KEPT     2000000 /* bytes of one table */

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

double ps_expanded_tail(size_t n)
{
    double t = ps_student_t(PS_LEVEL, n - 1);

    return 0.5 * erfc(t * sqrt((double)n / (double)(n - 1)) / sqrt(2));
}

size_t ps_resamples(size_t n)
{
    size_t count = n ? DRAWS / n : RESAMPLES;

    return count > RESAMPLES ? RESAMPLES : count < MIN_RESAMPLES ? MIN_RESAMPLES : count;
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

struct ps_draws ps_draws_of(uint64_t seed)
{
    return (struct ps_draws){.seed = seed};
}

void ps_draws_finish(struct ps_draws *d)
{
    for (size_t i = 0; i < d->count; i++)
        free(d->kept[i].times);
    d->count = 0;
}

static void draw(struct ps_rng *rng, uint8_t *times, size_t n, size_t stride)
{
    for (size_t i = 0; i < n; i++)
        times[ps_rng_below(rng, n) * stride]++;
}

static void draw_all(struct ps_drawn *x, uint64_t seed)
{
    struct ps_rng rng = {seed};

    x->times = calloc(x->n, x->stride);
    for (size_t r = 0; x->times && r < x->count; r++)
        draw(&rng, x->times + r, x->n, x->stride);
}

static struct ps_drawn *find(struct ps_draws *d, size_t n)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->kept[i].n == n)
            return &d->kept[i];
    return NULL;
}

static struct ps_drawn *add(struct ps_draws *d, size_t n)
{
    size_t place = d->count < PS_KEPT_DRAWS ? d->count++ : d->next++ % PS_KEPT_DRAWS;
    struct ps_drawn *x = &d->kept[place];

    free(x->times);
    *x = (struct ps_drawn){.n = n, .count = ps_resamples(n), .tail = ps_expanded_tail(n)};
    x->stride = (x->count + PS_LANES - 1) / PS_LANES * PS_LANES;
    if (n > PS_LARGEST_DRAWN) {
        x->lower = position_reaching(n, (n + 1) / 2, x->tail);
        x->upper = position_reaching(n, n / 2 + 1, x->tail);
    } else {
        draw_all(x, d->seed);
    }
    return x;
}

static struct ps_drawn *get(struct ps_draws *d, size_t n)
{
    struct ps_drawn *x = find(d, n);

    return x ? x : add(d, n);
}

const struct ps_drawn *ps_draws_find(struct ps_draws *d, size_t n)
{
    const struct ps_drawn *x = get(d, n);

    return x->times || n > PS_LARGEST_DRAWN ? x : NULL;
}

struct ps_draw_walk ps_draw_walk_of(struct ps_draws *d, size_t n)
{
    struct ps_drawn *x = get(d, n);

    if (!x->times && x->stride <= MOST_KEPT / n)
        draw_all(x, d->seed);
    return (struct ps_draw_walk){x, {d->seed}, 0};
}

void ps_draw_lanes(struct ps_draw_walk *w, uint8_t *out)
{
    const struct ps_drawn *x = w->drawn;

    if (x->times) {
        for (size_t i = 0; i < x->n; i++)
            memcpy(out + i * PS_LANES, x->times + i * x->stride + w->next, PS_LANES);
        w->next += PS_LANES;
        return;
    }
    memset(out, 0, x->n * PS_LANES);
    for (size_t lane = 0; lane < PS_LANES && w->next < x->count; lane++, w->next++)
        draw(&w->rng, out + lane, x->n, PS_LANES);
}

/* The `most` smallest of sign * values, ascending; NaN is none of them. */
static void smallest(const double *values, size_t count, double sign, double *out, size_t most)
{
    for (size_t i = 0; i < most; i++)
        out[i] = INFINITY;
    for (size_t i = 0; i < count; i++) {
        double x = sign * values[i];
        size_t k = most - 1;

        if (!(x < out[k]))
            continue;
        for (; k && out[k - 1] > x; k--)
            out[k] = out[k - 1];
        out[k] = x;
    }
}

/* Type 7, between two neighbours. */
static double between(double x, double next, double part, bool logs)
{
    if (logs) {
        x = exp(x);
        next = exp(next);
    }
    return part > 0 && next > x ? x + part * (next - x) : x;
}

static double lower_end(const double *values, size_t count, double h, bool logs, double *room)
{
    size_t k = (size_t)h;

    smallest(values, count, 1, room, k + 2);
    return between(room[k], room[k + 1], h - (double)k, logs);
}

/* m: values that are not NaN. */
static double upper_end(const double *values, size_t count, size_t m, double h, bool logs,
                        double *room)
{
    size_t k = (size_t)h, above = m - 1 - k; /* of the k-th */

    smallest(values, count, -1, room, above + 1);
    return between(-room[above], above ? -room[above - 1] : INFINITY, above ? h - (double)k : 0,
                   logs);
}

struct ps_interval ps_percentiles(double value, const double *values, size_t count, double tail,
                                  bool logs)
{
    struct ps_interval i = {logs ? exp(value) : value, NAN, NAN};
    double *room = malloc((count + 2) * sizeof *room);
    size_t m = 0;

    for (size_t k = 0; k < count; k++)
        m += !isnan(values[k]);
    if (room && m > count / 2) {
        i.low = fmin(i.value, lower_end(values, count, (double)(m - 1) * tail, logs, room));
        i.high =
            fmax(i.value, upper_end(values, count, m, (double)(m - 1) * (1 - tail), logs, room));
    }
    free(room);
    return i;
}
