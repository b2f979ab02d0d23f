/*
 * What the workers of `queue` take: an item that says of which region it is, so that nothing else
 * has to be fetched before its body.
 */
#ifndef JOB_H
#define JOB_H

#include "ring.h"

struct job {
    struct ps_item item;
    uint64_t index;
    uint32_t region;
    bool odd; /* the region is */
};

static inline struct ps_item job_item(parscope_range_fn *body, void *arg, uint64_t index, bool odd)
{
    return (struct ps_item){body, arg, index << 1 | odd};
}

/* Of the number of a region's first item; not 0, with which accounts begin. */
static inline uint32_t job_region(uint64_t first)
{
    return (uint32_t)first + 1;
}

static inline bool job_take(struct ps_ring *r, struct job *j)
{
    uint64_t number;

    if (!ps_ring_take(r, &j->item, &number))
        return false;
    j->index = j->item.index >> 1;
    j->odd = j->item.index & 1;
    j->region = job_region(number - j->index);
    return true;
}

#endif
