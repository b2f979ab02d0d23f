/* Series over rounds, taken out of the raw samples. Internal to this layer. */
#ifndef PS_SERIES_H
#define PS_SERIES_H

#include "amdahl.h"
#include "samples.h"
#include "stats.h"
#include "usl.h"

/* For a value a round, as long as a point's samples are there. */
double *series_room(const struct ps_samples *s);
/* out[r] = the raw value of round r; out holds session->rounds doubles. */
void series_raw(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out);
/* out[r] = baseline / own value in the same round; NaN without a baseline. */
void series_speedup(const struct ps_samples *s, const struct ps_series *t, size_t raw, double *out);

/* The targets of one scaling curve: same workload, strategy options and placement, ascending
 * threads, the target `first` among them. Writes up to `target_count` indices; returns how many.
 * The baseline is none of them. */
size_t series_curve(const struct ps_samples *s, const struct ps_series *first, size_t *targets);
/* True for the first target of its curve. */
bool series_curve_begins(const struct ps_samples *s, const struct ps_series *t);

/* Whether each of its threads has a CPU: they don't take turns. */
bool series_has_cpus(const struct ps_series *t);
/* Whether the laws are about a point: with CPUs, that are like those of fewer threads. */
bool series_in_law(const struct ps_series *t);
/* A program whose points were asked for more threads, and of which one at a time wanted a CPU
 * wherever that is known. */
bool series_threads_unused(const struct ps_samples *s, const size_t *targets, size_t count);

/* Amdahl's fit over a curve, Gustafson's where the work grows; -ENOMEM or 0. It is about the points
 * that the law is about; of a program that does not use its threads none is.
 *
 * Of workloads it is known what their regions took beyond the reference's work, shared evenly and
 * at once (waking threads, CPUs that are slower together, the last task). Where that is at most 5 %
 * of the wall time of each point, it is taken off: the fraction is that of the serial part, and the
 * interval goes on to the value that takes all that is lost for serial. Where it is more, something
 * in the regions may be serialized (locks, memory), and the law is about the whole; the interval
 * then allows for 1 %. All rounds share these losses, so that their spread does not show them, and
 * more rounds do not shrink them. */
struct series_fit {
    struct ps_amdahl law;
    struct ps_interval drawn; /* the bootstrap interval alone: what more rounds shrink */
    double whole;             /* the fraction that takes all that is lost for serial */
};
int series_amdahl(const struct ps_samples *s, const size_t *targets, size_t count,
                  struct series_fit *out);
/* The USL over the same points, and of a program its one thread too. residuals and p: room for
 * count + 1; -ENOMEM or 0. */
struct series_laws {
    struct ps_usl usl;
    double *p;
    size_t points;
};
int series_laws(const struct ps_samples *s, const size_t *targets, size_t count,
                struct series_laws *out);
/* The p of formulas: threads, or the CPUs or the quota that they share, if fewer. */
double series_p(const struct ps_series *t);

#endif
