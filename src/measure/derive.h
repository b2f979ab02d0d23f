/* How metrics follow from the raw samples of one round. Internal to this layer. */
#ifndef PS_DERIVE_H
#define PS_DERIVE_H

#include <stdbool.h>

#include "series.h"
#include "session.h"
#include "verdict.h"

/* One round of one point beside its baseline; x and base as enum raw, then the events. */
struct view {
    const struct target *target;
    const double *x;
    const double *base;         /* NULL: no reference */
    const double *one_per_core; /* of smt-compare, else NULL */
    double p;
    double cycles, instructions; /* of useful CPU time; NaN where neither counted nor estimated */
    double frequency, base_frequency;
};

struct view view_of(const struct session *s, const struct target *t, size_t round);

/* Which points a metric is for; a set. */
enum metric_scope {
    SCOPE_RELATIVE = 1, /* needs a reference */
    SCOPE_PARALLEL = 2, /* says nothing of the reference itself */
    SCOPE_MEASURED = 4, /* left out where it was not measured, rather than unavailable */
    SCOPE_BUILT_IN = 8,
    SCOPE_PROGRAM = 16,
    SCOPE_PACKED = 32, /* placements of smt-compare */
    SCOPE_TWO_PER_CORE = 64,
    SCOPE_SMT = 128,
    SCOPE_CONCURRENT = 256, /* of strategies that compute on more than one thread */
};

struct metric_row {
    const char *id;                        /* in ps_metrics */
    double (*value)(const struct view *v); /* NULL: a term of the stack (stack.h) */
    enum source source;
    unsigned scope;
};
bool metric_applies(const struct session *s, const struct target *t, const struct metric_row *row);
/* The row of an id, NULL for events and unknown ones. */
const struct metric_row *metric_row_find(const char *id);
/* samples: one per round; NaN where there is none. */
void metric_samples(const struct session *s, const struct target *t, const struct metric_row *row,
                    double *samples);

/* Over the rounds; NaN where none has a value, or without memory. id: of metric_rows. */
double metric_median(const struct session *s, const struct target *t, const char *id);

/* Ends with id NULL. */
extern const struct metric_row metric_rows[];

#endif
