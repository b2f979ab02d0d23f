/* Threads that take turns although each could go on: one works, and the others wait for its answer,
 * for room in a queue or for their turn. Internal to this layer. */
#ifndef PS_TURNS_H
#define PS_TURNS_H

#include "losses.h"

#define TURNS_SIDES   32
#define TURNS_THREADS 64 /* by their ordinal, which is the same in each execution */

struct turns {
    size_t looks;
    double looked, signalled; /* s of looks with one at work; of which others wait for a signal */
    double worked[TURNS_THREADS]; /* s that one worked alone */
    struct turns_side {
        enum awaits awaits;
        struct ps_place place;
        double waited;             /* s, of looks at which somebody waited there */
        size_t last;               /* the last of them */
        uint64_t waiting, working; /* a bit for each thread that waited there, or worked then */
    } sides[TURNS_SIDES];
    size_t count;
};

/* A look that stands for so long: one thread works, and the others wait as turns_wait() says. */
void turns_look(struct turns *t, size_t worker, double seconds, bool signalled);
void turns_wait(struct turns *t, enum awaits awaits, const struct ps_place *place, size_t waiter,
                size_t worker, double seconds);
/* After the last execution. one, several: s that one thread ran, and more. */
void turns_find(const struct turns *t, double one, double several, struct rows *losses);

#endif
