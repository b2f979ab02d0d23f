/* Amdahl's law S(p) = 1 / (s + (1 - s)/p) and what is read off measured speedups with it. */
#ifndef PS_AMDAHL_H
#define PS_AMDAHL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/* Karp and Flatt 1990: e = (1/S - 1/p) / (1 - 1/p). NaN for p <= 1 or S <= 0. */
double ps_karp_flatt(double speedup, double p);

/* Least squares in u = 1 - 1/p, v = 1/S - 1/p: s = sum(u v) / sum(u^2). Points with p <= 1 or NaN
 * are skipped; NaN where none is left. */
double ps_amdahl_fit(const double *p, const double *speedup, size_t n);

enum ps_fit_status {
    PS_FIT_OK,
    PS_FIT_UNVERIFIED, /* one p > 1: Karp-Flatt, no residual to judge the law by */
    PS_FIT_TOO_FEW,    /* no point with p > 1 */
    /* No serial fraction, which is within [0, 1]: */
    PS_FIT_SLOWER,      /* than one CPU */
    PS_FIT_NO_FASTER,   /* likewise, or as fast: the interval doesn't tell */
    PS_FIT_SUPERLINEAR, /* faster than p */
};

struct ps_amdahl {
    enum ps_fit_status status;
    struct ps_interval serial_fraction; /* not held to [0, 1] */
    double limit;                       /* 1/s, infinity where s <= 0 */
    double residual;                    /* root mean square of v - s u, NaN unless OK */
};

/* Gustafson 1988: the scaled speedup of work that grows with p is p - e (p - 1), e the serial share
 * of the time with p CPUs. NaN for p <= 1 or S <= 0. */
double ps_gustafson_fraction(double speedup, double p);
/* Least squares in p - 1, p - S, else as above. */
double ps_gustafson_fit(const double *p, const double *speedup, size_t n);

/* Wall times of points with p[point] CPUs. */
struct ps_point_times {
    const double *p;
    const double *times; /* [point * rounds + round], NaN where missing */
    const double *base;  /* [round], of the reference */
    size_t points, rounds;
};

/* With grown, the times are those of work that grows with p, each over p: the fraction is
 * Gustafson's, the limit infinity, and the residual one of speedups.
 *
 * Speedups are formed within a round, their medians over the rounds are fitted, and the
 * bootstrap resamples rounds. Returns 0 or -ENOMEM. */
int ps_amdahl_rounds(const struct ps_point_times *t, bool grown, uint64_t seed,
                     struct ps_amdahl *out);

/* The value of that alone. 0 or -ENOMEM. */
int ps_amdahl_value(const struct ps_point_times *t, bool grown, double *serial);

/* Holds a serial fraction to [0, 1], its interval too: below 0 the best fit that the law has is 0.
 * Where the interval (without one, the value: by far on the low side) lies outside, or the value is
 * above 1, there is none: all become NaN, and the status says on which side. PS_FIT_OK otherwise,
 * and for NaN. */
enum ps_fit_status ps_serial_bound(struct ps_interval *s);

/* What the Karp-Flatt values say as p grows. */
enum ps_trend { PS_TREND_UNKNOWN, PS_TREND_FLAT, PS_TREND_RISING, PS_TREND_FALLING };
/* e[i] with its interval at ascending p[i] > 1; rising or falling only where the first and the last
 * intervals do not overlap; unknown for fewer than 2 points. */
enum ps_trend ps_karp_flatt_trend(const struct ps_interval *e, size_t n);

/* Index of the point with the fewest threads whose throughput is within `within` (0.05) of the
 * best; n > 0, NaN never wins. */
size_t ps_best_threads(const double *p, const double *throughput, size_t n, double within);

#endif
