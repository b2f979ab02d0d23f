/* The quality of a number, and the reason where it is not exact. Internal to this layer. */
#ifndef PS_VERDICT_H
#define PS_VERDICT_H

#include "samples.h"

struct verdict {
    enum ps_quality quality;
    const char *reason; /* NULL where exact */
    double share;       /* of the time that it was counted, where multiplexed; else 0 */
};

/* Index of an event by name; event_count where it is not counted in this run. */
size_t verdict_event(const struct ps_samples *s, const char *name);
bool verdict_counted(const struct ps_samples *s, const struct ps_series *t, size_t event);
/* Whether counted cycles over the CPU time are the clock: those of one level alone are not. */
bool verdict_counts_clock(const struct ps_samples *s, const struct ps_series *t);
struct verdict verdict_of_event(const struct ps_samples *s, const struct ps_series *t,
                                size_t event);
struct verdict verdict_of_source(const struct ps_samples *s, const struct ps_series *t,
                                 enum ps_source source);
/* That of the lesser quality. */
struct verdict verdict_worse(struct verdict a, struct verdict b);
/* Whether executions are too short for the kernel's ticks to tell user from system time in each. */
/* Whether there is enough CPU time for a split into user and system at all. */
bool verdict_splits(const struct ps_samples *s, const struct ps_series *t);
bool verdict_shares_out(const struct ps_samples *s, const struct ps_series *t);
/* Why a metric that should be there has no value in any round. */
const char *verdict_missing(const struct ps_samples *s, const struct ps_series *t,
                            enum ps_source source);

#endif
