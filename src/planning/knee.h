/* Which thread counts a sweep is worth measuring at: more around the knee, from which on more
 * threads bring little. */
#ifndef PS_KNEE_H
#define PS_KNEE_H

#include <stddef.h>

struct ps_knee_point {
    unsigned threads;
    double speedup; /* NaN: not measured yet */
};

/* Adds up to `most` of the ascending candidates to the ascending points, which has room for them,
 * with a speedup of NaN; returns how many. Gaps next to the knee (the fewest threads within 5 % of
 * the best speedup) are split down to 19 %, others to a factor of 2; the widest comes first. Points
 * of which nothing is known count as lying on the line between their neighbours. */
size_t ps_knee_add(struct ps_knee_point *points, size_t count, const unsigned *candidates,
                   size_t candidate_count, size_t most);

#endif
