/* SplitMix64 (Steele, Lea, Flood 2014): small, seedable, good enough for shuffles and bootstraps.
 */
#ifndef PS_RNG_H
#define PS_RNG_H

#include <stddef.h>
#include <stdint.h>

struct ps_rng {
    uint64_t state;
};

static inline uint64_t ps_rng_next(struct ps_rng *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in 0 .. n-1, n > 0 (multiply-shift; bias below 2^-32 for n below 2^32). */
static inline uint64_t ps_rng_below(struct ps_rng *r, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)ps_rng_next(r) * n) >> 64);
}

/* Uniform in [0, 1). */
static inline double ps_rng_unit(struct ps_rng *r)
{
    return (double)(ps_rng_next(r) >> 11) * 0x1p-53;
}

void ps_shuffle(struct ps_rng *r, size_t *items, size_t count);

#endif
