/* The quality of a number, and the reason where it is not exact. Internal to this layer. */
#ifndef PS_VERDICT_H
#define PS_VERDICT_H

#include "session.h"

struct verdict {
    enum ps_quality quality;
    const char *reason; /* NULL where exact */
    double share;       /* of the time that it was counted, where multiplexed; else 0 */
};

/* What the quality of a metric follows. */
enum source {
    TIMES,
    COUNTED_TIME,
    CPU_KIND, /* user or system time */
    MEMORY,
    CYCLES,
    CYCLE_RATIO,
    INSTRUCTIONS,
    BOTH,
    FREQUENCY,
    SLOTS,
    SWITCHES
};

/* Index of an event by name; event_count where it is not counted in this run. */
size_t verdict_event(const struct session *s, const char *name);
bool verdict_counted(const struct session *s, const struct target *t, size_t event);
/* Whether counted cycles over the CPU time are the clock: those of one level alone are not. */
bool verdict_counts_clock(const struct session *s, const struct target *t);
struct verdict verdict_of_event(const struct session *s, const struct target *t, size_t event);
struct verdict verdict_of_source(const struct session *s, const struct target *t,
                                 enum source source);
/* That of the lesser quality. */
struct verdict verdict_worse(struct verdict a, struct verdict b);
/* Whether executions are too short for the kernel's ticks to tell user from system time in each. */
bool verdict_shares_out(const struct session *s, const struct target *t);
/* Why a metric that should be there has no value in any round. */
const char *verdict_missing(const struct session *s, const struct target *t, enum source source);

#endif
