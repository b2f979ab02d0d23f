/* Samples that follow from others of the same round. A long result keeps only those that don't: it
 * has as much to tell, in a third of the memory, of a file and of the time for both. */
#ifndef PS_FOLLOW_H
#define PS_FOLLOW_H

#include "arena.h"
#include "result.h"

#define PS_LONG_ROUNDS 20000 /* of all points; more make a result a long one */

bool ps_result_is_long(size_t points, size_t rounds);

/* Whether a long result does without a metric's samples: they follow from others that it keeps, to
 * 1e-9, or they are of a term of the stack, whose times are all kept. reference: of the point; NULL
 * where it has none. */
bool ps_samples_follow(const struct ps_point *p, const struct ps_point *reference,
                       const struct ps_metric *m);

/* One per round of the point, which are the metric's own or follow: then they are in the arena.
 * NULL where there are none. */
const double *ps_point_samples(const struct ps_point *p, const struct ps_point *reference,
                               const char *id, struct ps_arena *a);

#endif
