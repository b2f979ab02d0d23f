/* Where in the body of a parallel region threads spin, at the end of a loop or of a part for one
 * thread: others are then at work in what lies before it in the body, behind the wait before. So
 * parts far shorter than the sampling period are told apart. Internal to this layer. */
#ifndef PS_SPIN_SITES_H
#define PS_SPIN_SITES_H

#include "losses.h"

#define SITES_MOST 64

struct spin_sites {
    struct spin_site {
        const char *body;
        uint64_t at;
        double spun;
        struct rows behind; /* the same time by what others did about then */
    } sites[SITES_MOST];
    size_t count;
};

/* Time spun there, while others seemed to work in `behind`. False: it is in no body, or there are
 * too many. */
bool spin_sites_add(struct spin_sites *s, const struct place_of *spinning,
                    const struct loss *behind, double weight, struct ps_arena *a);
/* After the last execution, to the losses; others: how many threads may spin while one works. */
void spin_sites_share(struct spin_sites *s, const struct rows *code, double others,
                      struct rows *losses);

#endif
