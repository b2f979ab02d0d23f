/* What a counter group is made of, and the opening of its events. Internal. */
#ifndef PS_GROUP_OPEN_H
#define PS_GROUP_OPEN_H

#include <pthread.h>
#include <sys/types.h>

#include "cacheline.h"
#include "event_sets.h"

struct switches {
    uint64_t voluntary, involuntary;
};

struct moment {
    uint64_t enabled[PS_MAX_EVENTS], running[PS_MAX_EVENTS]; /* per set */
    uint64_t value[PS_MAX_EVENTS];                           /* in the order of opening */
    struct switches switches;
    uint64_t cpu_ns;
};

typedef const volatile struct perf_event_mmap_page page_type;

/* A thread, unlike any other that lives or has lived: pthread_t and kernel ids are used again. */
struct identity {
    pthread_t thread;
    uint64_t born; /* ns, when the thread first came here; 0: nobody */
};

struct ps_counter_group {
    PS_ALIGNED const struct ps_counters *counters;
    struct identity owner;
    int fds[PS_MAX_EVENTS];
    page_type *pages[PS_MAX_EVENTS]; /* of sets that are read in user space, else NULL */
    pid_t mapper;                    /* process that the pages are mapped in */
    size_t fd_count;
    bool started;
    bool unpinned;              /* a pinned set lost the PMU: from now on sets take turns */
    int open_error, read_error; /* the first of each */
    struct moment start;
    /* The last getrusage(), and the moment it was made at. */
    bool switches_known;
    struct switches switches;
    uint64_t switches_seen, switches_lag;
    struct ps_counts sums;
};

/* Makes the group that of the calling thread, with its events open. */
void group_adopt(struct ps_counter_group *g);
/* The two steps of opening, for a group that has nobody's. 0 or a negative errno. */
int group_open(struct ps_counter_group *g);
int group_start(struct ps_counter_group *g);
void group_close(struct ps_counter_group *g);

#endif
