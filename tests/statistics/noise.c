#include "noise.h"

#include <math.h>

const char *const noise_names[NOISES] = {
    "normal",      "a random walk of 3 % per round", "50 % longer in 15 %",
    "heavy tails", "two clocks, 30 % apart",         "correlated rounds",
};

double noise_uniform(struct ps_rng *rng)
{
    return ((double)ps_rng_below(rng, 1u << 31) + 0.5) / (double)(1u << 31);
}

double noise_normal(struct ps_rng *rng)
{
    return sqrt(-2 * log(noise_uniform(rng))) * cos(6.283185307179586 * noise_uniform(rng));
}

double noise_execution(struct noise_series *s, enum noise kind, double spread, struct ps_rng *rng)
{
    double factor = exp(spread * noise_normal(rng));

    switch (kind) {
    case NOISE_BURSTS:
        return factor * (noise_uniform(rng) < 0.15 ? 1.5 : 1);
    case NOISE_TAILS:
        return factor * (1 + 0.01 * fmin(pow(noise_uniform(rng), -1 / 1.1), 100));
    case NOISE_CLOCKS:
        return factor * (noise_uniform(rng) < 0.4 ? 1.3 : 1);
    case NOISE_CORRELATED:
        s->last = 0.6 * s->last + 0.8 * spread * noise_normal(rng);
        return exp(s->last);
    default:
        return factor;
    }
}

double noise_drift(double drift, enum noise kind, struct ps_rng *rng)
{
    return kind == NOISE_DRIFT ? drift * (1 + 0.03 * noise_normal(rng)) : drift;
}
