/* What the timeline knows of threads that exist. Internal to timeline.c and timeline_queries.c. */
#ifndef PS_TIMELINE_STATE_H
#define PS_TIMELINE_STATE_H

#include <stdbool.h>

#include "doing.h"
#include "ids.h"
#include "leaving.h"

/* A thread that exists. */
struct live {
    pid_t pid, tid; /* tid 0: a free place, and pid the next one */
    pid_t parent;   /* process that began its process; 0: none of the tree */
    enum ps_doing doing;
    uint32_t thread; /* in threads */
    uint64_t since;  /* ns, CLOCK_MONOTONIC: accounted for until then */
    uint64_t began;  /* likewise: what it does */
    uint64_t gone;   /* exits, and has a CPU until then; 0: it does not */
    bool starting;   /* was born and has not run yet */
};

struct ps_timeline_state {
    struct ps_ids ids; /* tid to an index of live */
    struct live *live;
    size_t live_count, live_room; /* live_count: those ever used */
    size_t free_first;            /* PS_IDS_NONE: none */
    struct ps_leaving leaving;
    size_t thread_room;
    size_t starting;
    pid_t running_tids; /* those that run, all xored: the one where only one runs */
    uint64_t now;
    size_t told;            /* threads that run, as the listener knows; SIZE_MAX: not yet */
    struct ps_stretch open; /* tid 0: none; times as in CLOCK_MONOTONIC */
};

/* NULL: there is none. */
static inline struct live *find_live(const struct ps_timeline_state *s, pid_t tid)
{
    const uint32_t i = ps_ids_find(&s->ids, tid);

    return i == PS_IDS_NONE ? NULL : &s->live[i];
}

#endif
