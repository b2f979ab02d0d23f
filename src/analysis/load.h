/* What others took of the CPUs, round by round, and the table that estimates are made of. Internal
 * to this layer. */
#ifndef PS_LOAD_H
#define PS_LOAD_H

#include "draws.h"
#include "result.h"
#include "rounds.h"
#include "samples.h"

/* Of one series with its references: a ratio needs clean rounds of both. */
struct load_series {
    enum ps_rounds verdict;
    size_t rounds, clean; /* with a witness; and of those not disturbed */
    bool strict;          /* waking counts as waiting for others */
};

struct load {
    struct ps_samples clean;    /* disturbed rounds of series with enough others are missing */
    struct ps_draws draws;      /* that estimates from it share */
    struct load_series *series; /* one per series */
    bool dropped;               /* anything is missing that `samples` have */
    void *room;
};

/* 0 or -ENOMEM. The table refers to s and to l, which stays where it is. */
int load_open(const struct ps_samples *s, struct load *l);
void load_close(struct load *l);
/* Adds to a point what others took. */
void load_describe(const struct ps_samples *s, const struct load *l, size_t series,
                   struct ps_point *p);

#endif
