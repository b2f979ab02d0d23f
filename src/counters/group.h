/* The events of one thread, counted from a begin to an end. */
#ifndef PS_GROUP_H
#define PS_GROUP_H

#include "counts.h"

struct ps_counters;      /* which events, how they are opened */
struct ps_counter_group; /* of one thread */

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

#endif
