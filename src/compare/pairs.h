/* Which points and curves of two sides belong together. Internal to this layer. */
#ifndef PS_COMPARE_PAIRS_H
#define PS_COMPARE_PAIRS_H

#include "comparison_result.h"

struct point_pair {
    const struct ps_point *base, *now;
};
struct curve_pair {
    const struct ps_model *base, *now;
};

struct pairs {
    const struct ps_result *base, *now;
    struct point_pair *points;
    size_t point_count;
    struct curve_pair *curves;
    size_t curve_count;
    size_t base_alone, now_alone; /* points that the other side does not have */
};

/* By workload, strategy, placement and threads. Programs of two results that go by other names are
 * the same in their order, where there are as many. */
struct pairs pairs_of_results(const struct ps_result *base, const struct ps_result *now,
                              struct ps_arena *a);
/* The first program of a result and its second. */
struct pairs pairs_of_programs(const struct ps_result *r, struct ps_arena *a);

#endif
