/*
 * Performance counters: one perf_event group per worker thread, software events where there is no
 * PMU, and a reason for every number that is missing.
 *
 * ps_counters_open() decides once which events this machine gives (trying each alone, first with
 * the kernel included, then without: EACCES must not be taken for a missing PMU). Each worker then
 * has a ps_counter_group with the events that are left. begin/end may only be called on the thread
 * that the group belongs to; everything else on one thread.
 */
#ifndef PS_COUNTERS_H
#define PS_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "err.h"

#define PS_MAX_EVENTS 24

enum ps_count_state {
    PS_COUNT_EXACT,
    PS_COUNT_USER_ONLY,   /* exclude_kernel = 1 was all that was permitted */
    PS_COUNT_UNAVAILABLE, /* reason says why */
};

struct ps_event {
    const char *name; /* as asked for, or the metric id of a default event */
    enum ps_count_state state;
    const char *reason; /* NULL where exact; one phrase */
    bool user_asked;    /* by -e: kept apart from the defaults in the output */
    bool nonzero;       /* a thread that ran can't have counted 0 */
    bool one_kind; /* of core only: running < enabled is not multiplexing, and no ground to scale */
};

struct ps_counters;      /* which events, how they are opened */
struct ps_counter_group; /* of one thread */

/* The default events and their metric ids: cycles instructions task_clock context_switches
 * migrations page_faults. extra: libpfm4 names of -e, already split. none: -e none, opens nothing;
 * every event is then unavailable with the reason "not counted (-e none)".
 * Fails (-ENOENT, with the nearest known name) only for a name that libpfm4 does not know; an event
 * that this machine does not have is a state, not a failure. Everything lives in the arena. */
int ps_counters_open(struct ps_arena *a, const char *const *extra, size_t extra_count, bool none,
                     struct ps_counters **c, struct ps_err *e);

size_t ps_counters_events(const struct ps_counters *c, const struct ps_event **events);
/* True where at least one event can be counted. */
bool ps_counters_any(const struct ps_counters *c);
/* Why there are no hardware counters, one sentence for a finding: "no PMU: this virtual machine
 * shows none", "perf_event_paranoid is 3: ...". NULL where cycles and instructions are counted. */
const char *ps_counters_diagnosis(const struct ps_counters *c);

/* Sums over the intervals between begin and end. */
struct ps_counts {
    uint64_t value[PS_MAX_EVENTS];   /* raw, per event of ps_counters_events */
    uint64_t enabled_ns, running_ns; /* running < enabled: multiplexed, scale by the ratio */
    uint64_t reads;                  /* of the group, to know the cost */
    uint64_t cpu_ns;                 /* thread CPU time over the same intervals */
    uint64_t voluntary, involuntary; /* context switches by getrusage(RUSAGE_THREAD) */
};

/* A group without file descriptors yet. Not for concurrent use. It lies in memory that is shared
 * with processes forked later: what a worker that is a process counted can be read here, where it
 * alone begins and ends intervals. 0 or -ENOMEM. */
int ps_group_create(const struct ps_counters *c, struct ps_counter_group **g);
void ps_group_destroy(struct ps_counter_group *g); /* accepts NULL */
/* Starts an interval on the calling thread. Opens the events first if the group does not belong to
 * this thread yet (about 100 us), or closes and opens again if it belonged to another. An error is
 * remembered, and shows in ps_group_error(). */
void ps_group_begin(struct ps_counter_group *g);
/* Ends the interval: one read of the group, added to the sums. */
void ps_group_end(struct ps_counter_group *g);
/* Sums since the last reset. */
const struct ps_counts *ps_group_counts(const struct ps_counter_group *g);
void ps_group_reset(struct ps_counter_group *g);
/* 0, or the negative errno of the open that failed on this thread, which is not repeated there and
 * leaves only cpu_ns and the switches, or of the first read that failed since the last reset. */
int ps_group_error(const struct ps_counter_group *g);

/* NULL, or why value[i] of the sums is not to be believed although the event opened (or the reason
 * why it did not): it never ran, ran on one kind of core and the thread on several, or reads 0
 * where it can't be 0. Static text or the event's. */
const char *ps_count_doubt(const struct ps_event *event, const struct ps_counts *counts, size_t i);

/* Median cost of begin + end on the calling thread over two, i.e. of one group read with what goes
 * with it, in seconds; NaN where nothing is counted. */
double ps_counters_read_cost(const struct ps_counters *c);

/* For `list events`: calls back with each name that libpfm4 knows for this CPU and the generic
 * ones; present tells whether the kernel takes it here (tried for the generic ones only; else -1).
 */
typedef void ps_event_fn(void *arg, const char *name, const char *description, int present);
int ps_events_each(ps_event_fn *f, void *arg, struct ps_err *e);

/* Checks a name without opening anything: 0 or -ENOENT with the nearest known name. Like
 * ps_events_each() and ps_counters_open() with names of -e, it uses libpfm4, which is for one
 * thread at a time and needs about 2 ms at the first use. */
int ps_event_check(const char *name, struct ps_err *e);
/* "a,b,{c,d}": names, separated by commas. A name in braces is a group in perf's notation and gives
 * its members, because all events are one group here; a comma in braces inside a name stays.
 * -EINVAL for empty names and braces that don't match. */
int ps_events_split(const char *text, struct ps_arena *a, const char ***names, size_t *count,
                    struct ps_err *e);

#endif
