#include "grain.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Logarithms that stand for thresholds beyond the points: finite, so that percentiles between them
 * and others can be formed, and further away than any logarithm of a double. */
#define BEYOND 1e6

static size_t sort_usable(const double *x, const double *y, size_t n, size_t *order)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        size_t at = count;

        if (!(x[i] > 0 && y[i] > 0 && isfinite(x[i]) && isfinite(y[i])))
            continue;
        for (; at && x[order[at - 1]] > x[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
        count++;
    }
    return count;
}

/* The logarithm of the threshold, -BEYOND or BEYOND. */
static double find_log(const double *x, const double *y, size_t n, double level, size_t *order)
{
    size_t count = sort_usable(x, y, n, order), k = count, a, b;

    if (count < 2)
        return NAN;
    while (k && y[order[k - 1]] > level)
        k--;
    if (k == 0)
        return -BEYOND;
    if (k == count)
        return BEYOND;
    a = order[k - 1];
    b = order[k];
    return log(x[a]) + log(x[b] / x[a]) * log(level / y[a]) / log(y[b] / y[a]);
}

static double from_log(double u)
{
    return u <= -BEYOND ? 0 : u >= BEYOND ? INFINITY : exp(u);
}

double ps_threshold_find(const double *x, const double *y, size_t n, double level, size_t *order)
{
    return from_log(find_log(x, y, n, level, order));
}

/* What one resample takes: its medians make a curve. */
struct draw {
    const struct ps_grain_times *t;
    const double *x;           /* of the crossover; NULL: the grain is found in each resample */
    const double *tasks;       /* of the grain */
    double p, level;           /* y is base / (p * time) */
    double *curve_x, *curve_y; /* points */
    double *ratios, *times, *scratch; /* rounds */
    size_t *order;
};

static void draw_point(struct draw *d, size_t point, const uint32_t *pick, size_t n)
{
    const double *time = d->t->time + point * d->t->rounds;
    const double *base = d->t->base + point * d->t->rounds;

    for (size_t i = 0; i < n; i++) {
        double ratio = base[pick[i]] / (d->p * time[pick[i]]);

        /* A time without its reference is no point of the curve. */
        d->ratios[i] = ratio;
        d->times[i] = isnan(ratio) ? NAN : time[pick[i]];
    }
    d->curve_y[point] = ps_median(d->ratios, n, d->scratch);
    d->curve_x[point] =
        d->x ? d->x[point] : ps_median(d->times, n, d->scratch) * d->p / d->tasks[point];
}

static double draw_pick(void *arg, const uint32_t *pick, size_t n)
{
    struct draw *d = arg;

    for (size_t i = 0; i < d->t->points; i++)
        draw_point(d, i, pick, n);
    return find_log(d->curve_x, d->curve_y, d->t->points, d->level, d->order);
}

/* The range of a curve. */
struct range {
    double first, last;
};

/* That of the whole sample's curve. */
static struct range find_range(struct draw *d, uint32_t *all)
{
    struct range r = {NAN, NAN};
    size_t count;

    for (size_t i = 0; i < d->t->rounds; i++)
        all[i] = (uint32_t)i;
    draw_pick(d, all, d->t->rounds);
    count = sort_usable(d->curve_x, d->curve_y, d->t->points, d->order);
    if (count)
        r = (struct range){d->curve_x[d->order[0]], d->curve_x[d->order[count - 1]]};
    return r;
}

/* A percentile between BEYOND and another value lies beyond too. */
static double end_of(double u, const struct range *r)
{
    if (u < log(r->first))
        return 0;
    return u > log(r->last) ? INFINITY : exp(u);
}

static struct ps_threshold judge(struct ps_interval u, const struct range *r)
{
    struct ps_threshold out = {PS_THRESHOLD_OK, {NAN, end_of(u.low, r), end_of(u.high, r)}};

    if (isnan(u.value))
        out.status = PS_THRESHOLD_TOO_FEW;
    else if (out.at.low == 0 && out.at.high == INFINITY)
        out.status = PS_THRESHOLD_OPEN;
    else if (u.value <= -BEYOND)
        out.status = PS_THRESHOLD_BELOW;
    else if (u.value >= BEYOND)
        out.status = PS_THRESHOLD_ABOVE;
    else
        out.at.value = exp(u.value);
    /* An interval that lies beyond as a whole begins at the range's end. */
    if (out.status == PS_THRESHOLD_BELOW && out.at.high == 0)
        out.at.high = r->first;
    if (out.status == PS_THRESHOLD_ABOVE && out.at.low == INFINITY)
        out.at.low = r->last;
    return out;
}

static int estimate(struct draw *d, uint64_t seed, struct ps_threshold *out)
{
    size_t points = d->t->points, rounds = d->t->rounds;
    double *doubles = calloc(2 * points + 3 * rounds + 1, sizeof *doubles);
    size_t *order = calloc(points + 1, sizeof *order);
    uint32_t *all = calloc(rounds + 1, sizeof *all);
    struct ps_interval u;
    struct range range;
    int err = -ENOMEM;

    if (doubles && order && all) {
        d->curve_x = doubles;
        d->curve_y = d->curve_x + points;
        d->ratios = d->curve_y + points;
        d->times = d->ratios + rounds;
        d->scratch = d->times + rounds;
        d->order = order;
        range = find_range(d, all);
        err = ps_bootstrap(draw_pick, d, rounds, seed, &u);
    }
    if (!err)
        *out = judge(u, &range);
    free(doubles);
    free(order);
    free(all);
    return err;
}

int ps_crossover_rounds(const struct ps_grain_times *t, const double *x, uint64_t seed,
                        struct ps_threshold *out)
{
    struct draw d = {.t = t, .x = x, .p = 1, .level = 1};

    return estimate(&d, seed, out);
}

int ps_metg_rounds(const struct ps_grain_times *t, const double *tasks, double p, uint64_t seed,
                   struct ps_threshold *out)
{
    /* "At least", where the crossover has "above". */
    struct draw d = {.t = t, .tasks = tasks, .p = p, .level = nextafter(0.5, 0)};

    return estimate(&d, seed, out);
}
