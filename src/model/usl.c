#include "usl.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "correlated.h"

#define FEWEST_DISTINCT 4
#define STEPS           200
#define SMALLEST_STEP   1e-12

double ps_usl(const struct ps_usl_fit *f, double p)
{
    return f->gamma * p / (1 + f->sigma * (p - 1) + f->kappa * p * (p - 1));
}

double ps_usl_peak(const struct ps_usl_fit *f)
{
    return f->kappa > 0 ? sqrt(fmax(0, 1 - f->sigma) / f->kappa) : isnan(f->kappa) ? NAN : INFINITY;
}

static bool usable(double p, double x)
{
    return p >= 1 && x > 0 && isfinite(x);
}

/* Points, and which of the two parameters may move: the others are 0. */
struct problem {
    const double *p, *x;
    size_t n;
    bool free[2];
};

/* The best g and the squares that are left. */
static void project(const struct problem *q, struct ps_usl_fit *f)
{
    double xf = 0, ff = 0, sum = 0;

    f->gamma = 1;
    for (size_t i = 0; i < q->n; i++) {
        double shape = ps_usl(f, q->p[i]);

        if (!usable(q->p[i], q->x[i]))
            continue;
        xf += q->x[i] * shape;
        ff += shape * shape;
    }
    f->gamma = ff > 0 ? xf / ff : NAN;
    for (size_t i = 0; i < q->n; i++) {
        double error = q->x[i] - ps_usl(f, q->p[i]);

        sum += usable(q->p[i], q->x[i]) ? error * error : 0;
    }
    f->squares = sum;
}

/* Normal equations of g, s and k. */
struct normal {
    double a[3][3], b[3];
};

static void add_point(struct normal *m, const struct ps_usl_fit *f, double p, double x)
{
    double value = ps_usl(f, p), slope = -value * value / (f->gamma * p);
    double d[3] = {value / f->gamma, slope * (p - 1), slope * p * (p - 1)};

    for (size_t i = 0; i < 3; i++) {
        m->b[i] += d[i] * (x - value);
        for (size_t k = 0; k < 3; k++)
            m->a[i][k] += d[i] * d[k];
    }
}

/* What is held is taken out. */
static void hold(struct normal *m, size_t i)
{
    for (size_t k = 0; k < 3; k++)
        m->a[i][k] = m->a[k][i] = 0;
    m->a[i][i] = 1;
    m->b[i] = 0;
}

/* By Cramer's rule, with Marquardt's damping of the diagonal. */
static double determinant(double a[3][3])
{
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
           a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

static bool solve(const struct normal *m, double damping, double step[3])
{
    double a[3][3], all;

    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            a[i][k] = m->a[i][k] * (i == k ? 1 + damping : 1);
    all = determinant(a);
    if (!(fabs(all) > 0))
        return false;
    for (size_t c = 0; c < 3; c++) {
        double with[3][3];

        for (size_t i = 0; i < 3; i++)
            for (size_t k = 0; k < 3; k++)
                with[i][k] = k == c ? m->b[i] : a[i][k];
        step[c] = determinant(with) / all;
    }
    return true;
}

static double bounded(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static struct normal normal_at(const struct problem *q, const struct ps_usl_fit *f)
{
    struct normal m = {0};

    for (size_t i = 0; i < q->n; i++)
        if (usable(q->p[i], q->x[i]))
            add_point(&m, f, q->p[i], q->x[i]);
    for (size_t i = 0; i < 2; i++)
        if (!q->free[i])
            hold(&m, i + 1);
    return m;
}

/* One step that makes the squares less; false where none does. */
static bool improve(const struct problem *q, struct ps_usl_fit *f, double *damping)
{
    struct normal m = normal_at(q, f);
    double step[3];

    for (int tries = 0; tries < 30; tries++) {
        struct ps_usl_fit next = *f;

        if (!solve(&m, *damping, step))
            return false;
        next.sigma = bounded(f->sigma + step[1], 0, 1);
        next.kappa = bounded(f->kappa + step[2], 0, 1);
        project(q, &next);
        if (next.squares < f->squares) {
            bool moved = f->squares - next.squares > SMALLEST_STEP * f->squares;

            *f = next;
            *damping /= 10;
            return moved;
        }
        *damping = *damping * 10 + 1e-9;
    }
    return false;
}

static struct ps_usl_fit descend(const struct problem *q, struct ps_usl_fit f)
{
    double damping = 1e-3;

    f.sigma = q->free[0] ? f.sigma : 0;
    f.kappa = q->free[1] ? f.kappa : 0;
    project(q, &f);
    for (int i = 0; i < STEPS && improve(q, &f, &damping); i++)
        ;
    return f;
}

/* Different p of usable points, counted up to `most`. */
static size_t distinct(const double *p, const double *x, size_t n, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; count < most && i < n; i++) {
        bool seen = !usable(p[i], x[i]);

        for (size_t k = 0; k < i; k++)
            seen |= usable(p[k], x[k]) && p[k] == p[i];
        count += !seen;
    }
    return count;
}

/* A bound that holds at the least squares is one of the faces: where the inner descent ends on it,
 * the descent along the face is tried too. */
static struct ps_usl_fit fit_faces(const double *p, const double *x, size_t n,
                                   struct ps_usl_fit start)
{
    struct problem q = {p, x, n, {true, true}};
    struct ps_usl_fit best = descend(&q, start);

    for (unsigned face = 1; face < 4; face++) {
        struct problem on = {p, x, n, {!(face & 1), !(face & 2)}};
        struct ps_usl_fit f;

        if (!((face & 1 && best.sigma <= 1e-9) || (face & 2 && best.kappa <= 1e-12)))
            continue;
        f = descend(&on, best);
        if (f.squares < best.squares)
            best = f;
    }
    return best;
}

struct ps_usl_fit ps_usl_fit(const double *p, const double *x, size_t n,
                             const struct ps_usl_fit *start)
{
    static const struct ps_usl_fit starts[] = {
        {1, 0.05, 0.001}, {1, 0.3, 0.0001}, {1, 0.001, 0.05}};
    struct ps_usl_fit best = {NAN, NAN, NAN, NAN};

    if (distinct(p, x, n, 3) < 3)
        return best;
    if (start)
        return fit_faces(p, x, n, *start);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct ps_usl_fit f = fit_faces(p, x, n, starts[i]);

        if (!(f.squares >= best.squares))
            best = f;
    }
    return best;
}

double ps_aicc(double squares, size_t points, size_t parameters)
{
    double n = (double)points, k = (double)parameters + 1;

    if (n - k - 1 <= 0)
        return INFINITY;
    return n * log(squares / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1);
}

/* Medians of speedups over drawn rounds. */
struct drawn {
    const struct ps_point_times *t;
    double *speedup; /* [point * rounds + round] */
    double *medians, *room, *scratch;
    struct ps_usl_fit first; /* of all rounds */
    struct ps_usl_fit *fits; /* one a resample, in their order */
    size_t count;
    const double *targets;
};

static void set_medians(struct drawn *d, const uint32_t *pick, size_t n)
{
    for (size_t i = 0; i < d->t->points; i++) {
        for (size_t k = 0; k < n; k++)
            d->room[k] = d->speedup[i * d->t->rounds + pick[k]];
        d->medians[i] = ps_median(d->room, n, d->scratch);
    }
}

/* What is read off a fit; after them come the targets. */
enum { GAMMA, SIGMA, KAPPA, PEAK, PARAMETERS };

static double parameter(const struct drawn *d, const struct ps_usl_fit *f, size_t which)
{
    const double all[PARAMETERS] = {f->gamma, f->sigma, f->kappa, ps_usl_peak(f)};

    return which < PARAMETERS ? all[which] : ps_usl(f, d->targets[which - PARAMETERS]);
}

/* ps_bootstrap() draws the same rounds for the same seed, so that each resample is fitted once: the
 * first statistic keeps what the others take. */
struct replay {
    struct drawn *d;
    size_t which;
    size_t next;
};

static double statistic(void *arg, const uint32_t *pick, size_t n)
{
    struct replay *r = arg;
    struct drawn *d = r->d;

    if (r->next == d->count) {
        set_medians(d, pick, n);
        d->fits[d->count] =
            ps_usl_fit(d->t->p, d->medians, d->t->points, d->count ? &d->fits[0] : NULL);
        d->count++;
    }
    return parameter(d, &d->fits[r->next++], r->which);
}

/* The fits to single rounds tell whether they resemble each other. */
static int widen(struct drawn *d, const struct ps_usl_fit *fits, size_t which,
                 struct ps_interval *i)
{
    double *values = calloc(d->t->rounds + 1, sizeof *values);
    int err = -ENOMEM;

    for (size_t r = 0; values && r < d->t->rounds; r++)
        values[r] = parameter(d, &fits[r], which);
    if (values)
        err = ps_widen_correlated(values, d->t->rounds, i);
    free(values);
    return err;
}

static struct ps_usl_fit *fit_single(struct drawn *d)
{
    struct ps_usl_fit *fits = calloc(d->t->rounds + 1, sizeof *fits);

    d->first = ps_usl_fit(d->t->p, d->medians, d->t->points, NULL);
    for (uint32_t r = 0; fits && r < d->t->rounds; r++) {
        set_medians(d, &r, 1);
        fits[r] = ps_usl_fit(d->t->p, d->medians, d->t->points, &d->first);
    }
    return fits;
}

static int draw(struct drawn *d, uint64_t seed, struct ps_usl *out)
{
    struct ps_interval *const all[PARAMETERS] = {&out->gamma, &out->sigma, &out->kappa, &out->peak};
    struct ps_usl_fit *single = fit_single(d);
    int err = single ? 0 : -ENOMEM;

    d->targets = out->targets;
    for (size_t i = 0; !err && i < PARAMETERS + out->target_count; i++) {
        struct ps_interval *to = i < PARAMETERS ? all[i] : &out->predicted[i - PARAMETERS];
        struct replay r = {d, i};

        err = ps_bootstrap_medians(statistic, &r, d->t->rounds, seed, to);
        if (!err)
            err = widen(d, single, i, to);
    }
    d->first = d->fits[0];
    free(single);
    return err;
}

/* Of a speedup that begins at 1: least squares of the speedups, by golden sections. */
static double anchored_squares(const double *p, const double *s, size_t n, double serial)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double error = s[i] - 1 / (serial + (1 - serial) / p[i]);

        sum += usable(p[i], s[i]) ? error * error : 0;
    }
    return sum;
}

static double anchored(const double *p, const double *s, size_t n)
{
    const double golden = 0.6180339887498949;
    double low = 0, high = 1, best;

    for (int i = 0; i < 80; i++) {
        double a = high - golden * (high - low), b = low + golden * (high - low);

        if (anchored_squares(p, s, n, a) < anchored_squares(p, s, n, b))
            high = b;
        else
            low = a;
    }
    best = anchored_squares(p, s, n, (low + high) / 2);
    return fmin(best, fmin(anchored_squares(p, s, n, 0), anchored_squares(p, s, n, 1)));
}

static double held_squares(const double *p, const double *s, size_t n, bool contention)
{
    const struct problem q = {p, s, n, {contention, false}};

    return descend(&q, (struct ps_usl_fit){1, 0.1, 0}).squares;
}

/* Fits that are exact up to the digits of the times don't tell laws apart by what is left. */
#define EXACT 1e-12

static void choose(const struct drawn *d, struct ps_usl *out)
{
    const double *p = d->t->p, *s = d->medians;
    size_t n = d->t->points, points = 0;
    const double squares[PS_LAWS] = {
        [PS_LAW_LINEAR] = held_squares(p, s, n, false),
        [PS_LAW_AMDAHL] = anchored(p, s, n),
        [PS_LAW_AMDAHL_FREE] = held_squares(p, s, n, true),
        [PS_LAW_USL] = d->first.squares,
    };
    static const size_t parameters[PS_LAWS] = {0, 1, 1, 2, 3};

    for (size_t i = 0; i < n; i++)
        points += usable(p[i], s[i]);
    for (unsigned law = PS_LAW_LINEAR; law < PS_LAWS; law++)
        out->aicc[law] =
            ps_aicc(fmax(squares[law], EXACT * (double)points), points, parameters[law]);
    if (!isfinite(out->aicc[PS_LAW_USL]))
        return;
    out->best = PS_LAW_LINEAR;
    for (unsigned law = PS_LAW_AMDAHL; law < PS_LAWS; law++)
        if (out->aicc[law] < out->aicc[out->best])
            out->best = (enum ps_law)law;
}

static void set_residuals(const struct drawn *d, struct ps_usl *out)
{
    size_t points = 0;

    for (size_t i = 0; i < d->t->points; i++) {
        points += usable(d->t->p[i], d->medians[i]);
        if (out->residuals)
            out->residuals[i] = d->medians[i] - ps_usl(&d->first, d->t->p[i]);
    }
    out->residual = sqrt(d->first.squares / (double)points);
}

static void set_none(struct ps_usl *out)
{
    const struct ps_interval none = {NAN, NAN, NAN};

    *out = (struct ps_usl){.gamma = none,
                           .sigma = none,
                           .kappa = none,
                           .peak = none,
                           .residual = NAN,
                           .residuals = out->residuals,
                           .targets = out->targets,
                           .target_count = out->target_count,
                           .predicted = out->predicted};
    for (size_t i = 0; i < out->target_count; i++)
        out->predicted[i] = none;
    for (unsigned law = 0; law < PS_LAWS; law++)
        out->aicc[law] = NAN;
}

static void set_speedups(struct drawn *d)
{
    const struct ps_point_times *t = d->t;

    for (size_t i = 0; i < t->points * t->rounds; i++) {
        double s = t->base[i % t->rounds] / t->times[i];

        d->speedup[i] = s > 0 && isfinite(s) ? s : NAN;
    }
}

static int fit_drawn(struct drawn *d, uint32_t *all, uint64_t seed, struct ps_usl *out)
{
    int err;

    set_speedups(d);
    for (size_t r = 0; r < d->t->rounds; r++)
        all[r] = (uint32_t)r;
    set_medians(d, all, d->t->rounds);
    if (distinct(d->t->p, d->medians, d->t->points, FEWEST_DISTINCT) < FEWEST_DISTINCT)
        return 0;
    out->enough = true;
    err = draw(d, seed, out);
    if (err < 0)
        return err;
    set_medians(d, all, d->t->rounds);
    choose(d, out);
    set_residuals(d, out);
    return 0;
}

int ps_usl_rounds(const struct ps_point_times *t, uint64_t seed, struct ps_usl *out)
{
    struct drawn d = {.t = t};
    size_t cells, doubles;
    uint32_t *all;
    int err = -ENOMEM;

    set_none(out);
    if (__builtin_mul_overflow(t->points, t->rounds, &cells) ||
        __builtin_add_overflow(cells, t->points + 2 * t->rounds + 1, &doubles))
        return -ENOMEM;
    d.speedup = calloc(doubles, sizeof *d.speedup);
    d.fits = calloc(PS_MOST_RESAMPLES + 1, sizeof *d.fits);
    all = calloc(t->rounds + 1, sizeof *all);
    if (d.speedup && d.fits && all) {
        d.medians = d.speedup + cells;
        d.room = d.medians + t->points;
        d.scratch = d.room + t->rounds;
        err = fit_drawn(&d, all, seed, out);
    }
    free(d.speedup);
    free(d.fits);
    free(all);
    return err;
}

struct ps_curve_shape ps_curve_shape(const double *p, const struct ps_interval *s, size_t n)
{
    struct ps_curve_shape shape = {n, n};
    double highest = 0;

    for (size_t i = 0; i < n; i++) {
        if (shape.superlinear == n && s[i].low > p[i])
            shape.superlinear = i;
        if (shape.falls == n && s[i].high < highest)
            shape.falls = i;
        highest = s[i].low > highest ? s[i].low : highest;
    }
    return shape;
}
