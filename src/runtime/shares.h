/*
 * Items of a loop shared out on demand, in chunks.
 *
 * Each worker begins with an equal share of its own, in a word that holds what of it nobody has
 * taken: in units (chunks, or several where there are more than the word can hold), tagged with the
 * region. The owner takes batches from its beginning, thieves the half at its end, both by
 * compare-and-swap. A share whose owner has not come yet is there all the same: whoever sees the
 * tag of the region before knows what the share is. Bodies get one chunk at a time; a batch is what
 * takes about BATCH_NS, and a thief that found nothing asks for the rest of it to be given back. So
 * nobody waits for more than the item under way, and no word is written more than twice in a batch.
 */
#ifndef PS_SHARES_H
#define PS_SHARES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <parscope/workload.h>

#include "cacheline.h"
#include "near.h"
#include "rng.h"

struct ps_share_of {
    PS_ALIGNED _Atomic uint64_t left; /* tag, begin, end: units that nobody has taken */
    _Atomic bool batching;            /* the owner has taken several */
    PS_ALIGNED _Atomic bool wanted;   /* somebody asks for them */
    PS_ALIGNED uint64_t batch;        /* units that take about BATCH_NS; the owner's, as is rng */
    struct ps_rng rng;
};

struct ps_shares {
    struct ps_share_of *of; /* workers of them */
    const struct ps_near *near;
    unsigned workers;
    uint64_t batch_ticks;
};

struct ps_loop {
    parscope_range_fn *body;
    void *arg;
    uint64_t n;
    uint64_t chunk;  /* items that body gets at once, at least 1 */
    uint64_t number; /* of the region: one more than that of the region before */
};

/* For the workers of `near`, which must outlive it. -ENOMEM. */
int ps_shares_init(struct ps_shares *s, const struct ps_near *near, double tick_ns);
void ps_shares_finish(struct ps_shares *s);

/* What a worker does of a region; every worker has to come, with the same loop, before the next
 * region begins. Returns the number of items that it did; when all have returned all are done. */
uint64_t ps_shares_run(struct ps_shares *s, const struct ps_loop *loop, struct parscope_worker *w);

#endif
