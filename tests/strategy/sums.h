/* Sums over ranges, kept per slot without locks or atomics. Bodies only record what is wrong. */
#ifndef SUMS_H
#define SUMS_H

#include "cacheline.h"
#include "combos.h"

#define CHECK(c, condition)                                                          \
    do {                                                                             \
        if (!(condition))                                                            \
            GIVE_UP("%s, %u workers: %s", (c)->label, (c)->in->workers, #condition); \
    } while (0)

/* Per slot, without locks or atomics: what the race detector and the totals must find right. */
struct tally {
    PS_ALIGNED uint64_t sum;
    uint64_t items;
    unsigned inside;         /* bodies under way; more than 1 means a slot that two threads have */
    unsigned wrong;          /* violations of the contract of a body */
    unsigned opened, closed; /* calls of the probe */
};

struct sums {
    struct tally of[SLOTS];
    unsigned slots;
    uint64_t n;
    unsigned char *marks; /* per item, NULL: none */
    unsigned weight;      /* steps that the last item costs */
    unsigned regions;
    int err;
    uint64_t wrong_regions;
};

static inline uint64_t total_sum(const struct sums *s)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < SLOTS; i++)
        sum += s->of[i].sum;
    return sum;
}

static inline uint64_t total_items(const struct sums *s)
{
    uint64_t items = 0;

    for (unsigned i = 0; i < SLOTS; i++)
        items += s->of[i].items;
    return items;
}

static inline unsigned total_wrong(const struct sums *s)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < SLOTS; i++)
        wrong += s->of[i].wrong + (s->of[i].inside != 0);
    return wrong;
}

static inline uint64_t expected_sum(uint64_t n)
{
    return n ? n * (n - 1) / 2 : 0;
}

static inline void spend(unsigned steps)
{
    for (volatile unsigned i = 0; i < steps; i++)
        ;
}

static inline void sum_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct sums *s = arg;
    struct tally *t = &s->of[w->slot < SLOTS ? w->slot : 0];

    t->wrong += w->slot >= s->slots || begin >= end || end > s->n || t->inside++;
    for (uint64_t i = begin; i < end && i < s->n; i++) {
        t->sum += i;
        t->items++;
        if (s->marks)
            s->marks[i]++;
        if (s->weight)
            spend((unsigned)(s->weight * i / s->n));
    }
    t->inside--;
}

#endif
