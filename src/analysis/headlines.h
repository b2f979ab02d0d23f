/* The intervals that a run is precise by. Internal to this layer. */
#ifndef PS_HEADLINES_H
#define PS_HEADLINES_H

#include <stdbool.h>

#include "samples.h"
#include "stats.h"

struct headline {
    const char *metric;          /* id; "serial_fraction" of a curve */
    const struct ps_series *of;  /* the point; of a curve, its first */
    struct ps_interval interval; /* what more rounds shrink */
    double half_width;           /* relative, of a serial fraction absolute; infinity */
    double enough;               /* half-width */
};

/* Calls see for each until it says no, and returns its answer; false without memory. The headline
 * intervals are those of the wall time and the speedup of every point, and the command's own: the
 * serial fraction of every curve of a sweep, within [0, 1], and the effect of SMT. Where a
 * workload's parameter is varied, the speedups near the crossover and near METG alone. */
typedef bool headline_fn(void *arg, const struct headline *h);
bool headlines_each(const struct ps_samples *s, headline_fn *see, void *arg);

/* That which is furthest from enough, by its half-width, in the words of the report: "speedup of
 * reduce:size=10M pool with 2 threads"; with text NULL where none has an interval. r: has the
 * points of the samples. */
struct ps_result_widest headlines_widest(const struct ps_samples *s, const struct ps_result *r);

#endif
