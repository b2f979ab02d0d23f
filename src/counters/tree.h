/* Counts over whole process trees: of the commands that one process starts.
 *
 * The events are opened once, on that process, disabled, with inherit and enable_on_exec: each
 * process that it forks gets a copy, which begins to count when it executes its
 * program, goes on to that one's own children, and is added to ours when a process ends. An
 * execution's counts are the difference of two readings, so that nothing has to be opened for it.
 * What still runs at a reading is in it as far as it got. Hardware events that belong together are
 * scheduled together; each is read on its own, because not every kernel reads groups with inherit.
 * None is pinned: a pinned event that loses the PMU in some child would silently count less. */
#ifndef PS_TREE_H
#define PS_TREE_H

#include <stdint.h>
#include <sys/types.h>

#include "counts.h"

struct ps_counters;
struct ps_tree_counter;

/* Opens the events of c that can be counted, on the process that starts commands (0: the calling
 * thread). 0, or -ENOMEM. An event that
 * does not open this way reads as one that was never enabled (ps_count_doubt says so), and so does
 * task_clock where nobody asked for it: wait4 tells the CPU time, and each event lengthens each
 * start and end of a process by some microseconds. */
int ps_tree_create(const struct ps_counters *c, pid_t starter, struct ps_tree_counter **t);
void ps_tree_destroy(struct ps_tree_counter *t); /* accepts NULL */

struct ps_tree_counts {
    uint64_t value[PS_MAX_EVENTS];                                 /* raw, per event */
    uint64_t enabled_ns[PS_MAX_EVENTS], running_ns[PS_MAX_EVENTS]; /* summed over threads */
};
/* Sums since the opening. 0, or the negative errno of the first read that failed. */
int ps_tree_read(struct ps_tree_counter *t, struct ps_tree_counts *out);
/* The difference of two readings, as the counts of an interval. */
struct ps_counts ps_tree_between(const struct ps_tree_counter *t, const struct ps_tree_counts *from,
                                 const struct ps_tree_counts *to);

#endif
