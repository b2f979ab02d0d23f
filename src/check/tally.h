/* What a result says of all that a check is about. Internal to this layer. */
#ifndef PS_CHECK_TALLY_H
#define PS_CHECK_TALLY_H

#include "check.h"

/* What a result says of one point or curve that a check is about. */
struct judged {
    enum ps_check_outcome outcome;
    struct ps_interval interval;
    double room;         /* from the nearer end of the interval to the bound */
    const char *where;   /* NULL: ask the point */
    const char *reason;  /* why there is no value */
    const char *instead; /* of the value, where the interval says more than may be told; NULL */
    const char *beyond;  /* the status of what lies beyond all that was measured; NULL */
    const char *unit;    /* NULL: the check's */
    const struct ps_point *point;
    const struct ps_point *disturbed; /* the one that others took most from; NULL: none */
    size_t rounds;
};

/* worst: the first that fails, else the first that is inconclusive, else the one nearest to the
 * bound. */
struct tally {
    const struct ps_check_spec *c;
    const struct ps_result *r;
    struct judged worst;
    size_t count, outcomes[PS_CHECK_OUTCOMES];
};

/* Of points, or of curves, as the check is about; count 0: nothing has its metric. */
struct tally tally_of(const struct ps_check_spec *c, const struct ps_result *r);

#endif
