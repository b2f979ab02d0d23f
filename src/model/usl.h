/* Laws of scaling that have more than a serial fraction, and which of them the points support.
 *
 * Gunther's Universal Scalability Law X(p) = g p / (1 + s (p - 1) + k p (p - 1)): the capacity g
 * of one thread, contention s in [0, 1], coherence k >= 0. k = 0 is Amdahl's law without the
 * anchor at p = 1, s = k = 0 is linear.
 *
 * The least squares are our own: with g projected out two bounded parameters are left, and their
 * four faces are tried in turn. */
#ifndef PS_USL_H
#define PS_USL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amdahl.h"
#include "stats.h"

struct ps_usl_fit {
    double gamma, sigma, kappa;
    double squares; /* sum of squared residuals, in the unit of x squared */
};

double ps_usl(const struct ps_usl_fit *f, double p);

/* Least squares in x over points with p >= 1 and x > 0; others are skipped. start: where to begin,
 * NULL: nothing is known. All NaN for fewer than 3 distinct p. */
struct ps_usl_fit ps_usl_fit(const double *p, const double *x, size_t n,
                             const struct ps_usl_fit *start);

/* Where throughput is highest, sqrt((1 - s) / k); infinity where it has no peak (k = 0). */
double ps_usl_peak(const struct ps_usl_fit *f);

enum ps_law {
    PS_LAW_NONE, /* too few points to choose */
    PS_LAW_LINEAR,
    PS_LAW_AMDAHL,
    PS_LAW_AMDAHL_FREE, /* without the anchor at p = 1 */
    PS_LAW_USL,
};
#define PS_LAWS 5

/* Akaike's criterion, corrected for few points (Hurvich and Tsai 1989); the variance counts as a
 * parameter. Infinity where there are too few points for it. */
double ps_aicc(double squares, size_t points, size_t parameters);

struct ps_usl {
    bool enough; /* 4 distinct p at least; else all is NaN */
    struct ps_interval gamma, sigma, kappa;
    struct ps_interval peak; /* infinity: none in sight */
    double residual;         /* root mean square, of speedups */
    enum ps_law best;
    double aicc[PS_LAWS];  /* NaN where there is none */
    double *residuals;     /* one per point, measured minus fitted; the caller's array or NULL */
    const double *targets; /* numbers of CPUs that speedups are wanted of, the caller's */
    size_t target_count;
    struct ps_interval *predicted; /* one a target, by the USL; the caller's array */
};

/* Of speedups within rounds: medians over rounds are fitted, and the bootstrap resamples rounds.
 * Points may include p = 1. Returns 0 or -ENOMEM. */
int ps_usl_rounds(const struct ps_point_times *t, uint64_t seed, struct ps_usl *out);

/* The shape that a curve of medians has, beside any law. superlinear: the interval of a speedup
 * lies above its p. falls: that of a later point lies below that of an earlier one. speedups[i]
 * with its interval at ascending p[i]; both: index of the first such point, n: none. */
struct ps_curve_shape {
    size_t superlinear, falls;
};
struct ps_curve_shape ps_curve_shape(const double *p, const struct ps_interval *speedups, size_t n);

#endif
