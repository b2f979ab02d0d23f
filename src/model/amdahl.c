#include "amdahl.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "correlated.h"

#define FAR_BELOW_0 0.05
#define FAR_ABOVE_1 1.2 /* likewise: of too few rounds for an interval */

double ps_karp_flatt(double speedup, double p)
{
    if (!(p > 1) || !(speedup > 0))
        return NAN;
    return (1 / speedup - 1 / p) / (1 - 1 / p);
}

/* Whether a point says anything about the serial fraction. */
static bool is_usable(double p, double speedup)
{
    return p > 1 && speedup > 0;
}

double ps_amdahl_fit(const double *p, const double *speedup, size_t n)
{
    double uv = 0, uu = 0;

    for (size_t i = 0; i < n; i++) {
        double u = 1 - 1 / p[i], v = 1 / speedup[i] - 1 / p[i];

        if (!is_usable(p[i], speedup[i]))
            continue;
        uv += u * v;
        uu += u * u;
    }
    return uu > 0 ? uv / uu : NAN;
}

double ps_gustafson_fraction(double speedup, double p)
{
    return p > 1 && speedup > 0 ? (p - speedup) / (p - 1) : NAN;
}

double ps_gustafson_fit(const double *p, const double *speedup, size_t n)
{
    double uv = 0, uu = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_usable(p[i], speedup[i]))
            continue;
        uv += (p[i] - 1) * (p[i] - speedup[i]);
        uu += (p[i] - 1) * (p[i] - 1);
    }
    return uu > 0 ? uv / uu : NAN;
}

static double residual(const double *p, const double *speedup, size_t n, double s, bool grown)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        double error = grown ? speedup[i] - p[i] + s * (p[i] - 1)
                             : 1 / speedup[i] - 1 / p[i] - s * (1 - 1 / p[i]);

        if (!is_usable(p[i], speedup[i]))
            continue;
        sum += error * error;
        count++;
    }
    return sqrt(sum / (double)count);
}

static enum ps_fit_status judge(const double *p, const double *speedup, size_t n)
{
    double first = NAN;

    for (size_t i = 0; i < n; i++) {
        if (!is_usable(p[i], speedup[i]))
            continue;
        if (isnan(first))
            first = p[i];
        else if (p[i] != first)
            return PS_FIT_OK;
    }
    return isnan(first) ? PS_FIT_TOO_FEW : PS_FIT_UNVERIFIED;
}

/* Speedups by point and round, NaN where there is none; only rounds that have one with p > 1. */
struct rounds {
    const double *p;
    double *speedup; /* [point * stride + round] */
    size_t points, stride, count;
    double *medians; /* one a point */
    double *drawn, *scratch;
    bool grown;
};

static double *row_of(const struct rounds *x, size_t point)
{
    return x->speedup + point * x->stride;
}

/* Adds round r, unless it says nothing. */
static void add_round(struct rounds *x, const double *times, double base, size_t r)
{
    bool usable = false;

    for (size_t i = 0; i < x->points; i++) {
        double s = base / times[i * x->stride + r];

        s = s > 0 && isfinite(s) ? s : NAN;
        usable |= is_usable(x->p[i], s);
        row_of(x, i)[x->count] = s;
    }
    x->count += usable;
}

static double fit_medians(const struct rounds *x)
{
    return (x->grown ? ps_gustafson_fit : ps_amdahl_fit)(x->p, x->medians, x->points);
}

static double fit_pick(void *arg, const uint32_t *pick, size_t n)
{
    struct rounds *x = arg;

    for (size_t i = 0; i < x->points; i++) {
        const double *row = row_of(x, i);

        for (size_t j = 0; j < n; j++)
            x->drawn[j] = row[pick[j]];
        x->medians[i] = ps_median(x->drawn, n, x->scratch);
    }
    return fit_medians(x);
}

static double limit_of(double s)
{
    return s <= 0 ? INFINITY : 1 / s;
}

static void set_medians(struct rounds *x)
{
    for (size_t i = 0; i < x->points; i++)
        x->medians[i] = ps_median(row_of(x, i), x->count, x->scratch);
}

/* The fits to single rounds tell whether they resemble each other. */
static int widen(struct rounds *x, struct ps_interval *s)
{
    double *fits = calloc(x->count + 1, sizeof *fits);
    int err = -ENOMEM;

    for (uint32_t r = 0; fits && r < x->count; r++)
        fits[r] = fit_pick(x, &r, 1);
    if (fits)
        err = ps_widen_correlated(fits, x->count, s);
    free(fits);
    return err;
}

/* Fits and fills out; x is complete. */
static int fit_rounds(struct rounds *x, uint64_t seed, struct ps_amdahl *out)
{
    struct ps_interval s;
    int err = ps_bootstrap(fit_pick, x, x->count, seed, &s);

    if (!err)
        err = widen(x, &s);

    if (err < 0)
        return err;
    set_medians(x);
    out->status = judge(x->p, x->medians, x->points);
    out->serial_fraction = s;
    out->limit = x->grown ? INFINITY : limit_of(s.value);
    out->residual =
        out->status == PS_FIT_OK ? residual(x->p, x->medians, x->points, s.value, x->grown) : NAN;
    return 0;
}

/* speedup is to be freed. 0 or -ENOMEM. */
static int rounds_open(const struct ps_point_times *t, bool grown, struct rounds *x)
{
    size_t cells, doubles;

    *x = (struct rounds){.p = t->p, .points = t->points, .stride = t->rounds, .grown = grown};
    if (__builtin_mul_overflow(t->points, t->rounds, &cells) ||
        __builtin_add_overflow(cells, t->points + 2 * t->rounds + 1, &doubles))
        return -ENOMEM;
    x->speedup = calloc(doubles, sizeof *x->speedup);
    if (!x->speedup)
        return -ENOMEM;
    x->medians = x->speedup + cells;
    x->drawn = x->medians + t->points;
    x->scratch = x->drawn + t->rounds;
    for (size_t i = 0; i < t->rounds; i++)
        add_round(x, t->times, t->base[i], i);
    return 0;
}

int ps_amdahl_rounds(const struct ps_point_times *t, bool grown, uint64_t seed,
                     struct ps_amdahl *out)
{
    struct rounds x;
    int err = rounds_open(t, grown, &x);

    if (!err)
        err = fit_rounds(&x, seed, out);
    free(x.speedup);
    return err;
}

int ps_amdahl_value(const struct ps_point_times *t, bool grown, double *serial)
{
    struct rounds x;
    int err = rounds_open(t, grown, &x);

    if (!err) {
        set_medians(&x);
        *serial = fit_medians(&x);
    }
    free(x.speedup);
    return err;
}

static enum ps_fit_status outside(const struct ps_interval *s)
{
    bool known = !isnan(s->low) && !isnan(s->high);

    if (known ? s->high < 0 : s->value < -FAR_BELOW_0)
        return PS_FIT_SUPERLINEAR;
    if (!(s->value > 1))
        return PS_FIT_OK;
    return (known ? s->low > 1 : s->value > FAR_ABOVE_1) ? PS_FIT_SLOWER : PS_FIT_NO_FASTER;
}

enum ps_fit_status ps_serial_bound(struct ps_interval *s)
{
    enum ps_fit_status status = outside(s);

    if (status != PS_FIT_OK) {
        *s = (struct ps_interval){NAN, NAN, NAN};
        return status;
    }
    s->value = s->value < 0 ? 0 : s->value;
    s->low = s->low < 0 ? 0 : s->low;
    s->high = s->high > 1 ? 1 : s->high;
    return PS_FIT_OK;
}

enum ps_trend ps_karp_flatt_trend(const struct ps_interval *e, size_t n)
{
    struct ps_interval first, last;

    if (n < 2)
        return PS_TREND_UNKNOWN;
    first = e[0];
    last = e[n - 1];
    if (isnan(first.low) || isnan(first.high) || isnan(last.low) || isnan(last.high))
        return PS_TREND_UNKNOWN;
    if (first.high < last.low)
        return PS_TREND_RISING;
    return last.high < first.low ? PS_TREND_FALLING : PS_TREND_FLAT;
}

size_t ps_best_threads(const double *p, const double *throughput, size_t n, double within)
{
    double most = -INFINITY;
    size_t best = n;

    for (size_t i = 0; i < n; i++)
        most = throughput[i] > most ? throughput[i] : most;
    for (size_t i = 0; i < n; i++) {
        if (!(throughput[i] >= most * (1 - within)))
            continue;
        if (best == n || p[i] < p[best] || (p[i] == p[best] && throughput[i] > throughput[best]))
            best = i;
    }
    return best == n ? 0 : best;
}
