/* How metrics follow from the raw samples of one round. Internal to this layer. */
#ifndef PS_DERIVE_H
#define PS_DERIVE_H

#include <stdbool.h>

#include "series.h"
#include "session.h"
#include "verdict.h"

/* One round of one point beside its baseline; x and base as enum raw, then the events. */
struct view {
    const struct lane *lane;
    const double *x, *base;
    double p;
    double cycles, instructions; /* of useful CPU time; NaN where neither counted nor estimated */
    double frequency, base_frequency;
};

struct view view_of(const struct session *s, const struct lane *l, size_t round);

struct metric_row {
    const char *id; /* in ps_metrics */
    double (*value)(const struct view *v);
    enum source source;
    bool parallel_only; /* says nothing of the baseline */
    bool short_only;    /* left out where it was not measured, rather than unavailable */
};
/* Ends with id NULL. */
extern const struct metric_row metric_rows[];

#endif
