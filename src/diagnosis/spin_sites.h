/* Where in the body of a parallel region threads wait, spinning or asleep, at the end of a loop or
 * of a part for one thread: others are then at work in what the body does between the waits before
 * it and that one. So parts far shorter than the sampling period are told apart. Internal to this
 * layer. */
#ifndef PS_SPIN_SITES_H
#define PS_SPIN_SITES_H

#include "losses.h"

#define SITES_MOST 64

struct waited {
    double idle, spun; /* core-seconds */
};

struct spin_sites {
    struct spin_site {
        const char *body;
        uint64_t at;
        struct waited waited;
        bool known;             /* the phase is */
        struct ps_phase *phase; /* of the body, which begins there */
        uint64_t start;
        struct rows behind; /* the same time by what others did about then */
    } sites[SITES_MOST];
    size_t count;
    struct rows parts; /* work in bodies, by place and by where it is in the body */
};

/* Time spent waiting there, while others seemed to work in `behind`. False: it is in no body, or
 * there are too many. */
bool spin_sites_add(struct spin_sites *s, struct ps_symbols *symbols, const struct place_of *waits,
                    const struct loss *behind, struct waited waited);
/* CPU time of a place in a body. */
void spin_sites_work(struct spin_sites *s, const struct place_of *at, double weight);
/* After the last execution, to the losses; others: how many threads may wait while one works. */
void spin_sites_share(struct spin_sites *s, double others, struct rows *losses);

#endif
