/* Which events are counted, and how: the one structure that opening fills (counters.c, compose.c)
 * and that groups, trees and costs only read. Internal. */
#ifndef PS_EVENT_SETS_H
#define PS_EVENT_SETS_H

#include "counts.h"
#include "perf.h"

/* Events that are scheduled together, a group of the kernel's. */
struct ps_event_set {
    size_t first, count; /* of order */
    bool pinned;         /* always on the PMU, or an error */
    bool hardware;       /* all of them */
};

#define PS_ANY_KIND      (-1)
#define PS_WISH_DEFAULT  0u
#define PS_WISH_ANYWHERE (~0u)

struct ps_counters {
    struct ps_perf perf;
    struct ps_event events[PS_MAX_EVENTS];
    struct perf_event_attr attrs[PS_MAX_EVENTS]; /* not of totals */
    unsigned wish[PS_MAX_EVENTS];                /* braces that it stood in, or PS_WISH_* */
    int kind[PS_MAX_EVENTS];                     /* of perf.kinds, or PS_ANY_KIND */
    size_t count;
    size_t order[PS_MAX_EVENTS]; /* events in the order they are opened in, set by set */
    size_t open_count;           /* of order; 0: nothing can be counted */
    struct ps_event_set sets[PS_MAX_EVENTS];
    size_t set_count;
    ptrdiff_t reference[PS_MAX_KINDS]; /* event whose running time is that on the kind, or -1 */
    ptrdiff_t witness;  /* one of them: its enabled time is what all kinds together cover; or -1 */
    bool apart;         /* software events of the report are in a set of their own, the first */
    bool user_reads;    /* counters are read without system calls where their pages say so */
    bool rotating;      /* not all sets are on the PMU at once */
    ptrdiff_t switches; /* position of context_switches in order where exact, else -1 */
    const char *diagnosis;
    const char **warnings;
    size_t warning_count;
};

#endif
