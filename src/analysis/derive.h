/* How metrics follow from the raw samples of one round. Internal to this layer. */
#ifndef PS_DERIVE_H
#define PS_DERIVE_H

#include <stdbool.h>

#include "samples.h"
#include "series.h"
#include "stack.h"
#include "verdict.h"

/* One round of one point beside its baseline; x and base as enum raw, then the events. */
struct view {
    const struct ps_series *target;
    const double *x;
    const double *base;          /* NULL: no reference */
    const double *one_per_core;  /* of smt-compare, else NULL */
    double p, work;              /* CPUs; work over that of the baseline */
    double cycles, instructions; /* of useful CPU time; NaN where neither counted nor estimated */
    double frequency, base_frequency;
};

struct view view_of(const struct ps_samples *s, const struct ps_series *t, size_t round);

struct metric_row {
    const char *id;                        /* in ps_metrics */
    double (*value)(const struct view *v); /* NULL: the column; or a term of the stack (stack.h) */
    size_t column;                         /* enum ps_raw; NO_COLUMN */
    enum ps_combine combine;
    enum ps_source source;
    unsigned scope; /* enum ps_scope */
};
#define NO_COLUMN SIZE_MAX
bool metric_is_term(const struct metric_row *row);
/* Of one round. */
double metric_value(const struct metric_row *row, const struct view *v);
bool metric_applies(const struct ps_samples *s, const struct ps_series *t,
                    const struct metric_row *row);
/* The row of an id, NULL for events and unknown ones. */
const struct metric_row *metric_row_find(const char *id);
/* samples: one per round; NaN where there is none. */
void metric_samples(const struct ps_samples *s, const struct ps_series *t,
                    const struct metric_row *row, double *samples);

/* Over the rounds; NaN where none has a value, or without memory. id: of metric_rows. */
double metric_median(const struct ps_samples *s, const struct ps_series *t, const char *id);

/* All but the terms of the stack; ends with id NULL. */
extern const struct metric_row metric_rows[];
extern const struct metric_row metric_terms[PS_STACK_TERMS];

#endif
