/*
 * Performance counters of worker threads, software events where there is no PMU, and a reason for
 * every number that is missing.
 *
 * ps_counters_open() decides once which events this machine gives (trying each, first with the
 * kernel included, then without: EACCES must not be taken for a missing PMU), and which of them are
 * scheduled together (compose.c). Each worker then has a ps_counter_group with the events that are
 * left. begin/end may only be called on the thread that the group belongs to; everything else on
 * one thread.
 *
 * The default events are one set with one read, as long as no other hardware event is asked for.
 * Software events then have a set of their own, so that they are never multiplexed, and those that
 * the report needs are pinned: only the others take turns. On a hybrid CPU a generic event is
 * counted once for each kind of core ("cpu_core/cycles/"), and the event itself is their sum; time
 * on a core of another kind is no multiplexing, and nothing is scaled for it.
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
    PS_COUNT_USER_ONLY,   /* asked for, or all that was permitted: the reason says which */
    PS_COUNT_KERNEL_ONLY, /* asked for */
    PS_COUNT_UNAVAILABLE, /* reason says why */
};

struct ps_event {
    const char *name; /* as asked for, or the metric id of a default event */
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

enum { PS_LEVEL_USER = 1, PS_LEVEL_KERNEL = 2 };

/* Events as asked for by -e. */
struct ps_event_list {
    const char **names;
    unsigned *groups; /* of each name: the number of its braces, from 1; 0: in none */
    size_t count;
    unsigned group_count;
};

struct ps_event_request {
    struct ps_event_list extra;
    bool none;       /* -e none: open nothing */
    unsigned levels; /* PS_LEVEL_*, of hardware events whose names don't say; 0: both */
};

struct ps_counters;      /* which events, how they are opened */
struct ps_counter_group; /* of one thread */

/* The default events and their metric ids: cycles instructions task_clock context_switches
 * migrations page_faults. none: every event is unavailable with the reason "not counted (-e none)".
 * An event named twice is counted once, and the default ones need no group: they always count.
 * Fails (-ENOENT, with the nearest known name) only for a name that libpfm4 does not know; an event
 * that this machine does not have is a state, not a failure. Everything lives in the arena. */
int ps_counters_open_request(struct ps_arena *a, const struct ps_event_request *request,
                             struct ps_counters **c, struct ps_err *e);
/* The same without groups: extra are libpfm4 names. */
int ps_counters_open(struct ps_arena *a, const char *const *extra, size_t extra_count, bool none,
                     struct ps_counters **c, struct ps_err *e);

size_t ps_counters_events(const struct ps_counters *c, const struct ps_event **events);
/* True where at least one event can be counted. */
bool ps_counters_any(const struct ps_counters *c);
/* Why there are no hardware counters, one sentence for a finding: "no PMU: this virtual machine
 * shows none", "perf_event_paranoid is 3: ...". NULL where cycles and instructions are counted. */
const char *ps_counters_diagnosis(const struct ps_counters *c);
/* Sentences on groups that had to be split because the PMU does not have so many counters. */
size_t ps_counters_warnings(const struct ps_counters *c, const char *const **sentences);
/* s within which every event has had its turn on the PMU; 0 where all are counted at once. */
double ps_counters_rotation(const struct ps_counters *c);

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

/* A group without file descriptors yet. Not for concurrent use. It lies in memory that is shared
 * with processes forked later: what a worker that is a process counted can be read here, where it
 * alone begins and ends intervals. 0 or -ENOMEM. */
int ps_group_create(const struct ps_counters *c, struct ps_counter_group **g);
void ps_group_destroy(struct ps_counter_group *g); /* accepts NULL */
/* Starts an interval on the calling thread. Opens the events first if the group does not belong to
 * this thread yet (about 100 us), or closes and opens again if it belonged to another. An error is
 * remembered, and shows in ps_group_error(). */
void ps_group_begin(struct ps_counter_group *g);
/* Ends the interval: one read of each set of events, added to the sums. */
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
/* Whether a doubt is only that the event's turn on the PMU did not come. */
bool ps_count_doubt_is_turn(const char *doubt);
/* value[i], scaled where it was multiplexed. */
double ps_count_scaled(const struct ps_event *event, const struct ps_counts *counts, size_t i);

/* What counting costs the calling thread, in s; NaN where nothing is counted. */
struct ps_counter_costs {
    double open;     /* once for each thread: all its events */
    double enable;   /* likewise */
    double read;     /* median of begin + end over two: one reading with what goes with it */
    size_t sets;     /* of events that are scheduled together: as many reads in one reading */
    bool user_reads; /* hardware counters are read without a system call */
};
void ps_counters_measure(const struct ps_counters *c, struct ps_counter_costs *costs);
/* costs.read alone. */
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
/* "a,b,{c,d}": names, separated by commas, which are added to the list. Those in braces are to be
 * counted together, as in perf's notation; a comma in braces inside a name stays. -EINVAL for empty
 * names, braces that don't match and groups inside groups; the list is then as it was. */
int ps_events_split(const char *text, struct ps_arena *a, struct ps_event_list *list,
                    struct ps_err *e);

#endif
