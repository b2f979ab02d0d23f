/* Crossovers and METG of what --vary varies. Internal to this layer. */
#ifndef PS_GRAIN_MODELS_H
#define PS_GRAIN_MODELS_H

#include "session.h"

/* Lanes that differ in nothing but one numeric parameter of their workload; two at least. */
struct grain_curve {
    const struct parscope_param *param;
    const char *label; /* of the workload, without the parameter */
    size_t *targets;   /* indices */
    double *values;    /* of the parameter */
    size_t count;
};

enum grain_kind { GRAIN_CROSSOVER, GRAIN_CROSSOVER_IDLE, GRAIN_METG, GRAIN_KINDS };

/* 0 or -ENOMEM. */
int grain_from(const struct session *s, const struct grain_curve *c, enum grain_kind kind,
               struct ps_result_threshold *from);

#endif
