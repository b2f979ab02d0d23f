/* A row of a comparison. Internal to this layer. */
#ifndef PS_COMPARE_ROWS_H
#define PS_COMPARE_ROWS_H

#include <stdint.h>

#include "pairs.h"

/* Metrics that are compared, ascending by what a gate is about. */
struct compared {
    const char *id;
    bool less; /* is better */
    bool gate; /* without being asked for */
};
#define COMPARED_SERIAL "serial_fraction"
extern const struct compared compared[];
extern const size_t compared_count;

struct comparing {
    const struct pairs *pairs;
    uint64_t seed;
    struct ps_comparison *c; /* rows are added to it, without low, high and verdict */
};

/* Nothing where neither side has a value. Both return 0 or -ENOMEM. */
int rows_add_point(const struct comparing *w, struct point_pair p, const struct compared *m);
int rows_add_curve(const struct comparing *w, struct curve_pair p);
/* Once all are there: limits for all together, and verdicts. */
void rows_judge(struct ps_comparison *c);
/* Likewise; as ps_comparison_undecided(). */
double rows_undecided(const struct ps_comparison *c);

#endif
