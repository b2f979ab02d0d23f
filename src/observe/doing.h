/* What threads do. */
#ifndef PS_DOING_H
#define PS_DOING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum ps_doing { PS_BLOCKED, PS_RUNNABLE, PS_RUNNING };

/* A time in which exactly one thread ran, always the same; interruptions of less than 0.1 ms, and
 * of less than a tenth of what came before, are part of it. */
struct ps_stretch {
    uint64_t begin, end; /* ns since the beginning */
    pid_t pid, tid;
    size_t thread; /* index */
};

#endif
