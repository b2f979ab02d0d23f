/* What more CPUs than were measured would bring, by the laws that the points support, and where the
 * points carry no such answer. */
#ifndef PS_PREDICT_H
#define PS_PREDICT_H

#include <stddef.h>

#include "usl.h"

#define PS_PREDICT_REACH  4 /* times as many CPUs as were measured; where laws can be told apart */
#define PS_PREDICT_CLOSE  2 /* likewise, where they can't */
#define PS_PREDICT_MISFIT 0.10 /* of a speedup, that a law may miss it by */
#define PS_PREDICT_WIDEST 2    /* upper limit over lower one */

enum ps_prediction_status {
    PS_PREDICTED,
    PS_PREDICT_MEASURED, /* no more than were measured */
    PS_PREDICT_FEW, /* one number of threads above one, or no interval: nothing to check a law by */
    PS_PREDICT_NO_LAW, /* there is no serial fraction */
    PS_PREDICT_MISSES, /* the law misses measured points */
    PS_PREDICT_FAR,    /* more than REACH or CLOSE times as many as were measured */
    PS_PREDICT_WIDE,   /* the interval is too wide to say anything */
};

/* The curve, over points that are in the laws, one thread included or not. */
struct ps_curve {
    const double *p, *speedup;
    size_t count;
    struct ps_interval serial; /* fraction, within [0, 1]; NaN: none */
    const struct ps_usl *usl;
};

/* speedup: by the law that the points support best, Amdahl's where they can't tell; its interval
 * holds those of all laws that they don't rule out (by an AICc that is 4 lower). usl_there: of the
 * USL at p CPUs. Not for PS_PREDICTED: NaN, but for PS_PREDICT_WIDE. */
struct ps_prediction {
    enum ps_prediction_status status;
    struct ps_interval speedup;
    enum ps_law law;
};
struct ps_prediction ps_predict(const struct ps_curve *c, double p, struct ps_interval usl_there);

/* Which points cost least and keep an efficiency; index, count: none. efficiencies are intervals.
 * cheapest: fewest core-seconds, which is the highest efficiency, and of those that are not told
 * apart from it the one with most threads. keeps: most threads with at least that efficiency. */
size_t ps_cheapest(const double *p, const struct ps_interval *efficiency, size_t n);
size_t ps_keeps_efficiency(const double *p, const struct ps_interval *efficiency, size_t n,
                           double wanted);

#endif
