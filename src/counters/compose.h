/* Which events are scheduled together. Internal. */
#ifndef PS_COMPOSE_H
#define PS_COMPOSE_H

#include "event_sets.h"

/* Opens all events on the calling thread, decides which are scheduled together, and leaves out what
 * can't be opened. Whether sets take turns is said of hybrid CPUs only: elsewhere it is to be seen.
 */
void ps_compose(struct ps_counters *c, struct ps_arena *a);
/* The event can't be counted, and why. */
void ps_event_set_missing(struct ps_event *event, const char *reason);

#endif
