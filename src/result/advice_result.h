/* What a curve over thread counts advises. NaN: there is none. */
#ifndef PS_ADVICE_RESULT_H
#define PS_ADVICE_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"

/* The speedup that is to be expected of CPUs that were not measured. */
struct ps_advice_beyond {
    double cpus;
    const char *status;         /* "ok", or why it is not told */
    struct ps_interval speedup; /* NaN unless ok */
    const char *law;            /* that it is by: "amdahl", "usl"; NULL unless ok */
};

/* Of points that have a CPU for each thread, and one thread. */
struct ps_advice {
    bool known;                    /* older files have none */
    double wanted_efficiency;      /* NaN: not asked for */
    double efficient_threads;      /* the most that keep it */
    struct ps_interval efficiency; /* theirs */
    double next_threads;           /* the fewest more that were measured, which don't; NaN */
    double next_efficiency;
    double cheapest_threads; /* of fewest core-seconds; the most, where several aren't told apart */
    double core_seconds;     /* threads x wall time, of an execution */
    bool asked;              /* for what is beyond; else it is of twice the CPUs */
    struct ps_advice_beyond *beyond;
    size_t beyond_count;
};

#endif
