/* Single looks at counting, for those who ask what this machine can do. */
#ifndef PS_SINGLE_H
#define PS_SINGLE_H

#include <stddef.h>

struct ps_counters;

/* Core cycles per second of CPU time while `work` runs on the calling thread; NaN where cycles are
 * not counted. */
double ps_counters_hz(const struct ps_counters *c, void (*work)(void *arg), void *arg);

/* What the kernel answers to one event on its own: 0, or the negative errno. event: of
 * ps_counters_events. */
int ps_counters_try(const struct ps_counters *c, size_t event);

#endif
