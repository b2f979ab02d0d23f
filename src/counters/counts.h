/* An event, how it is counted, and what was counted: plain data, and what the numbers are worth. */
#ifndef PS_COUNTS_H
#define PS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PS_MAX_EVENTS 24
/* Of the time on a kind of core: less is more than rounding. */
#define PS_KIND_COVERAGE 0.99

enum ps_count_state {
    PS_COUNT_EXACT,
    PS_COUNT_USER_ONLY,   /* asked for, or all that was permitted: the reason says which */
    PS_COUNT_KERNEL_ONLY, /* asked for */
    PS_COUNT_UNAVAILABLE, /* reason says why */
};

struct ps_event {
    const char *name; /* as asked for, or the metric id of a default event */
    const char *unit; /* "1"; "ns" of the kernel's clocks */
    enum ps_count_state state;
    const char *reason; /* NULL where exact; one phrase */
    bool user_asked;    /* by -e: kept apart from the defaults in the output */
    bool nonzero;       /* a thread that ran can't have counted 0 */
    bool one_kind;      /* of core, and not known which: running < enabled is no ground to scale */
    const char *kind;   /* of core that it counts on, "cpu_atom"; NULL: any */
    ptrdiff_t total_of; /* of a kind: the event whose time on all kinds tells what is missing; of a
                           sum over kinds itself; else -1 */
    bool total;         /* the sum over the kinds, scaled already */
};

/* Sums over the intervals between begin and end. */
struct ps_counts {
    uint64_t value[PS_MAX_EVENTS]; /* raw, per event of ps_counters_events */
    /* Likewise. running < enabled: multiplexed. Of an event of one kind of core, enabled is the
     * time on such cores. */
    uint64_t enabled_ns[PS_MAX_EVENTS], running_ns[PS_MAX_EVENTS];
    uint64_t kinds_ns;               /* of a hybrid CPU: that its kinds of cores have to cover */
    uint64_t reads;                  /* of the group, to know the cost */
    uint64_t cpu_ns;                 /* thread CPU time over the same intervals */
    uint64_t voluntary, involuntary; /* context switches by getrusage(RUSAGE_THREAD) */
};

/* NULL, or why value[i] of the sums is not to be believed although the event opened (or the reason
 * why it did not): it never ran, ran on one kind of core and the thread on several, or reads 0
 * where it can't be 0. Static text or the event's. */
const char *ps_count_doubt(const struct ps_event *event, const struct ps_counts *counts, size_t i);
/* Whether a doubt is only that the event's turn on the PMU did not come. */
bool ps_count_doubt_is_turn(const char *doubt);
/* value[i], scaled where it was multiplexed. */
double ps_count_scaled(const struct ps_event *event, const struct ps_counts *counts, size_t i);

#endif
