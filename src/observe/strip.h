/* How many threads ran over the time of an execution, in constant memory: equal bins, of which two
 * become one where there is no room for more. */
#ifndef PS_STRIP_H
#define PS_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PS_STRIP_BINS 256 /* at most */

struct ps_strip {
    uint64_t width;                  /* ns of a bin */
    uint64_t running[PS_STRIP_BINS]; /* ns of CPU time */
    uint64_t alone[PS_STRIP_BINS];   /* ns with exactly one thread at work */
    size_t count;                    /* bins that time has reached */
};

/* Zeroed at first. As many ran from one time to another, ns since the beginning, ascending. */
void ps_strip_add(struct ps_strip *s, uint64_t from, uint64_t to, size_t running, bool alone);

#endif
