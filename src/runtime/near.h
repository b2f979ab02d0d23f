/*
 * Which workers are near each other: they share a core, an L3 cache, a NUMA node, a package, in
 * this order, or nothing but the machine. Made of it are
 *
 *   - a tree over all workers, worker 0 at its root, along which they wake each other and arrive:
 * at most two children each, as few edges as can be between places (of n packages n - 1, of the
 *     nodes in them likewise, and so on), and about log2(workers) steps deep;
 *   - rings around each worker: the others by how near they are, for thieves.
 *
 * Workers that are not pinned, or whose CPUs nobody describes, are equally near.
 */
#ifndef PS_NEAR_H
#define PS_NEAR_H

#include <stdint.h>

#include "rng.h"

#define PS_NEAR_CHILDREN 2
/* Core, L3 cache, node, package, machine. */
#define PS_NEAR_RINGS 5

/* The others of one distance: those at order[outer_begin .. outer_end-1] but not at
 * order[inner_begin .. inner_end-1]. */
struct ps_ring_of {
    uint32_t outer_begin, inner_begin, inner_end, outer_end;
};

struct ps_near_worker {
    uint32_t parent; /* of worker 0: 0 */
    uint32_t child_count;
    uint32_t children[PS_NEAR_CHILDREN]; /* the farther one first, which takes longer */
    uint32_t ring_count;                 /* without empty ones */
    struct ps_ring_of rings[PS_NEAR_RINGS];
};

struct ps_near {
    struct ps_near_worker *workers; /* count of them */
    uint32_t *order;                /* workers, those that are near each other side by side */
    unsigned count;
};

struct ps_topology;

/* cpus[i]: OS number of worker i's CPU, -1: not pinned. topology may be NULL. -ENOMEM. */
int ps_near_init(struct ps_near *n, const struct ps_topology *topology, const int *cpus,
                 unsigned workers);
void ps_near_finish(struct ps_near *n);

static inline unsigned ps_ring_count(const struct ps_ring_of *r)
{
    return r->inner_begin - r->outer_begin + r->outer_end - r->inner_end;
}

/* Worker i = 0 .. count-1 of the ring. */
static inline unsigned ps_ring_worker(const struct ps_near *n, const struct ps_ring_of *r,
                                      unsigned i)
{
    unsigned before = r->inner_begin - r->outer_begin;

    return n->order[i < before ? r->outer_begin + i : r->inner_end + i - before];
}

/* The others, near before far, and in each ring from anywhere on, so that not all thieves begin
 * with the same victim:
 *     for (struct ps_near_walk k = ps_near_walk(n, self, rng); ps_near_next(&k, &worker);)
 */
struct ps_near_walk {
    const struct ps_near *near;
    const struct ps_ring_of *ring, *end;
    struct ps_rng *rng; /* NULL: from the first on */
    unsigned first, seen, count;
};

static inline void ps_near_enter(struct ps_near_walk *k)
{
    k->seen = 0;
    k->count = ps_ring_count(k->ring);
    k->first = k->rng && k->count > 1 ? (unsigned)ps_rng_below(k->rng, k->count) : 0;
}

static inline struct ps_near_walk ps_near_walk(const struct ps_near *n, unsigned self,
                                               struct ps_rng *rng)
{
    const struct ps_near_worker *w = &n->workers[self];
    struct ps_near_walk k = {
        .near = n, .ring = w->rings, .end = w->rings + w->ring_count, .rng = rng};

    if (k.ring < k.end)
        ps_near_enter(&k);
    return k;
}

static inline int ps_near_next(struct ps_near_walk *k, unsigned *worker)
{
    unsigned at;

    if (k->ring == k->end)
        return 0;
    at = k->first + k->seen++;
    *worker = ps_ring_worker(k->near, k->ring, at < k->count ? at : at - k->count);
    if (k->seen == k->count && ++k->ring < k->end)
        ps_near_enter(k);
    return 1;
}

#endif
