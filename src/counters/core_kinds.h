/* Events on CPUs with several kinds of cores, where a generic event is counted once for each kind
 * and the event itself is their sum. Internal. */
#ifndef PS_CORE_KINDS_H
#define PS_CORE_KINDS_H

#include "event_sets.h"

/* Once it is known which events open: which tell of the time on a kind of core, and how the sums
 * are counted. Without kinds of cores it only says so. */
void ps_core_kinds_set(struct ps_counters *c, struct ps_arena *a);
/* Makes sums of several kinds of cores from what each counted. Idempotent. */
void ps_counts_settle(const struct ps_counters *c, struct ps_counts *counts);

#endif
