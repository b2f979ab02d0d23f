/* Sizes for tests of workloads that no table of theirs mentions. */
#ifndef SMALL_H
#define SMALL_H

#include <parscope/workload.h>

#define SMALL_COUNT 40

/* Of defaults: lowers each count to 40, or to the least that it may be. */
static inline void make_small(const struct parscope_workload *w, union parscope_value *values)
{
    for (size_t i = 0; w->params[i].name; i++) {
        double least = w->params[i].low > SMALL_COUNT ? w->params[i].low : SMALL_COUNT;

        if (w->params[i].type == PARSCOPE_COUNT && (double)values[i].count > least)
            values[i].count = (uint64_t)least;
    }
}

#endif
