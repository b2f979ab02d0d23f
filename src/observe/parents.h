/* Whether a process that gets a CPU after one of its children has ended does so because of that. */
#ifndef PS_PARENTS_H
#define PS_PARENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "timeline.h"

/* The last one of which it was asked whether its children's ends interrupt it. */
struct ps_parents {
    pid_t pid; /* 0: none yet */
    uint64_t time;
    bool interrupted;
};

/* False: each of its threads sleeps or waits for another one, and the end of a child interrupts
 * none, as SIGCHLD is neither caught nor blocked. Where nothing can be seen, as it has gone on
 * meanwhile, it is true. */
bool ps_parents_woken(struct ps_parents *p, const struct ps_timeline *t, pid_t pid);

#endif
