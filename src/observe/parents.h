/* Whether a process that gets a CPU after one of its children has ended does so because of that. */
#ifndef PS_PARENTS_H
#define PS_PARENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "timeline.h"
#include "waits.h"

#define PS_PARENTS_SEEN 64 /* that are kept, by their numbers */

struct ps_parents {
    /* The last one of which it was asked whether its children's ends interrupt it. */
    pid_t pid; /* 0: none yet */
    uint64_t time;
    bool interrupted;
    struct ps_parents_seen {
        pid_t tid;             /* 0: none */
        uint64_t switches;     /* that it had made */
    } waited[PS_PARENTS_SEEN]; /* threads that were seen to wait for a child */
};

/* A thread was seen to wait in that way. */
void ps_parents_see(struct ps_parents *p, const struct ps_timeline_thread *t,
                    enum ps_wait_kind kind);

/* False: each of its threads sleeps or waits for another one, none has waited for a child since it
 * blocked last, and the end of a child interrupts none, as SIGCHLD is neither caught nor blocked.
 * Where nothing can be seen, as it has gone on meanwhile, it is true. */
bool ps_parents_woken(struct ps_parents *p, const struct ps_timeline *t, pid_t pid);

#endif
