/* When a process was gone. Since Linux 6.16 the kernel's last record of a task comes where it
 * begins to exit, and on its CPU it then gives back all memory, for milliseconds if that is much;
 * only after that its parent is woken. So a parent that slept gets a CPU at the end, and nobody
 * else gets the child's CPU before. Comes in: an EXIT, and the records after it. Goes out: the end,
 * if they show it. */
#ifndef PS_ENDS_H
#define PS_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

#define PS_ENDS_MOST_NS 20000000 /* that are waited for a record of the end */

enum ps_end_shown {
    PS_END_BY_NOBODY, /* it is no process's end, or nobody waits for that */
    PS_END_BY_PARENT, /* that gets a CPU: all of its threads were blocked */
    PS_END_BY_CALLER, /* who started it, and is told by the system */
};

struct ps_ends_search {
    const struct ps_record *exit;
    enum ps_end_shown by;
    uint64_t taken; /* when its CPU was another thread's; UINT64_MAX: not yet */
    uint64_t found; /* 0: not yet */
};

struct ps_ends_search ps_ends_search(const struct ps_record *exit, enum ps_end_shown by);
/* One record after the other, in the order of time. False: no more is needed. */
bool ps_ends_look(struct ps_ends_search *s, const struct ps_record *later);
/* After those; told: when the caller saw the end, 0: it has not. */
uint64_t ps_ends_found(const struct ps_ends_search *s, uint64_t told);

#endif
