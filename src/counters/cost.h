/* What counting itself takes on this machine. */
#ifndef PS_COST_H
#define PS_COST_H

#include "counters.h"

/* s, of one group with all events that can be counted, medians; NaN where nothing is. */
struct ps_counter_costs {
    double open; /* and close, per group: once a thread */
    double enable;
    double read; /* with what goes with it, as at the start and the end of an interval */
};

void ps_counters_costs(const struct ps_counters *c, struct ps_counter_costs *out);

/* Core cycles per second of CPU time while `work` runs on the calling thread; NaN where cycles are
 * not counted. */
double ps_counters_hz(const struct ps_counters *c, void (*work)(void *arg), void *arg);

/* What the kernel answers to one event on its own: 0, or the negative errno. event: of
 * ps_counters_events. */
int ps_counters_try(const struct ps_counters *c, size_t event);

#endif
