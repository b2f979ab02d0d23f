/* Crossovers and METG of what --vary varies. Internal to this layer. */
#ifndef PS_GRAIN_MODELS_H
#define PS_GRAIN_MODELS_H

#include "samples.h"

enum grain_kind {
    GRAIN_CROSSOVER,
    GRAIN_CROSSOVER_IDLE,
    GRAIN_METG,
    GRAIN_KINDS,
    /* From where on the reference is faster. */
    GRAIN_CROSSOVER_BACK
};

/* 0 or -ENOMEM. */
int grain_from(const struct ps_samples *s, const struct ps_plan_curve *c, enum grain_kind kind,
               struct ps_result_threshold *from);

#endif
