/* What machines do to times, for simulations. */
#ifndef NOISE_H
#define NOISE_H

#include "rng.h"

enum noise {
    NOISE_PLAIN,
    NOISE_DRIFT,      /* a random walk that a round has in common */
    NOISE_BURSTS,     /* half as long again in 15 % of executions */
    NOISE_TAILS,      /* Pareto's */
    NOISE_CLOCKS,     /* 40 % of executions take 30 % longer */
    NOISE_CORRELATED, /* executions of a point resemble the one before */
};
#define NOISES 6
extern const char *const noise_names[NOISES];

double noise_uniform(struct ps_rng *rng);
double noise_normal(struct ps_rng *rng);

/* A series of executions: its own state, so that rounds may resemble each other. */
struct noise_series {
    double last;
};

/* What an execution takes, of which the undisturbed one is 1; spread: of what each has of its own.
 */
double noise_execution(struct noise_series *s, enum noise kind, double spread, struct ps_rng *rng);
/* What the next round does to all of its executions, after this one. */
double noise_drift(double drift, enum noise kind, struct ps_rng *rng);

#endif
