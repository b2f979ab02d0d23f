/* What several of the built-in workloads need. */
#ifndef PS_KIT_H
#define PS_KIT_H

#include <pthread.h>

#include <parscope/workload.h>

/* Blocks that divisible work is cut into: enough for per-item strategies not to drown, and a
 * multiple of most worker counts up to 120; the other counts up to 64 lose at most 5 % to rounding.
 */
#define PS_KIT_BLOCKS 960

/* A bijection that looks random (the finaliser of SplitMix64). */
static inline uint64_t ps_kit_mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* As parscope_alloc(), for what create() goes on to write itself, whole: its pages come in one
 * call, which takes about half the time of a fault for each. They are those that writing would
 * have brought: of the same size, and on the node of the calling thread. */
void *ps_kit_alloc_to_fill(struct parscope_memory *m, uint64_t count, size_t size);

/* What the slots did, each on lines of its own. A body writes only the entry of its slot. */
struct ps_kit_partial {
    _Alignas(PARSCOPE_LINE) uint64_t sum; /* of results, modulo 2^64 */
    uint64_t cover;                       /* which items were done, see ps_kit_cover */
};

struct ps_kit_partials {
    struct ps_kit_partial *slots;
    unsigned used; /* by the last run */
};

/* -ENOMEM */
int ps_kit_partials_init(struct ps_kit_partials *p, struct parscope_memory *m, unsigned slots);
/* Zeroes the first `used` slots; a run begins with it. */
void ps_kit_partials_start(struct ps_kit_partials *p, unsigned used);

/* Notes that items begin .. end-1 were done. Over disjoint ranges the differences telescope: when
 * every item of 0 .. n-1 was done exactly once they add up to mix(n) - mix(0), in whatever pieces
 * and order, and hardly ever otherwise. */
static inline void ps_kit_cover(struct ps_kit_partial *p, uint64_t begin, uint64_t end)
{
    p->cover += ps_kit_mix(end) - ps_kit_mix(begin);
}

/* 0, or ps_kit_bad() where the sums do not add up to `expected`. */
int ps_kit_check_sum(const struct ps_kit_partials *p, uint64_t expected, char *why,
                     size_t why_size);
/* 0, or ps_kit_bad() where items of 0 .. n-1 were left out or done more than once. */
int ps_kit_check_cover(const struct ps_kit_partials *p, uint64_t n, char *why, size_t why_size);

/* A lock for workers that are processes, too. 0 or -errno. */
int ps_kit_mutex_init(pthread_mutex_t *mutex);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t ps_kit_ns(void);

/* Write a text into why and return -EBADMSG (verify) or -EINVAL (size). */
int ps_kit_bad(char *why, size_t why_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int ps_kit_refuse(char *why, size_t why_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
