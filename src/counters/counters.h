/*
 * counters/ counts what threads and programs do: performance counters of the kernel (perf_event),
 * and software events where there is no PMU. In come events as events/ knows them by name, and the
 * points in time between which is to be counted; out go sums for each event, how they were counted,
 * and a reason for every number that is missing. It knows nothing of workloads, rounds and metrics.
 *
 * From the bottom upwards: counts.h (plain data); page.h (the kernel's page of a counter);
 * event_sets.h, core_kinds.h, compose.h (what is opened, and together with what); group.h, tree.h
 * (counting a thread, and a tree of processes); cost.h, single.h; and this header, which is all
 * that an ordinary user has to include.
 *
 * ps_counters_open() decides once which events this machine gives (trying each, first with the
 * kernel included, then without: EACCES must not be taken for a missing PMU), and which of them are
 * scheduled together. Each worker then has a ps_counter_group with the events that are left.
 * begin/end may only be called on the thread that the group belongs to; everything else on one
 * thread.
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

#include "arena.h"
#include "cost.h"
#include "counts.h"
#include "err.h"
#include "event_list.h"
#include "events.h"
#include "group.h"

struct ps_perf;

struct ps_event_request {
    struct ps_event_list extra;
    bool none;       /* -e none: open nothing */
    unsigned levels; /* PS_LEVEL_*, of hardware events whose names don't say; 0: both */
};

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

/* ps_counters_open_request() with a kernel of the caller's, for tests. */
int ps_counters_open_with(const struct ps_perf *perf, struct ps_arena *a,
                          const struct ps_event_request *request, struct ps_counters **c,
                          struct ps_err *e);

#endif
