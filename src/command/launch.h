/* Starting one command. Internal to this layer. */
#ifndef PS_LAUNCH_H
#define PS_LAUNCH_H

#include <signal.h>
#include <sys/types.h>

#include "command.h"
#include "err.h"

struct ps_launch {
    int in, out, err; /* descriptors that become 0, 1 and 2 */
    const sigset_t *mask;
};

/* All signals must be blocked. 0, or a negative errno with the cause in e. */
int ps_launch_start(const struct ps_launch *s, const struct ps_child *child, pid_t *pid,
                    struct ps_err *e);

#endif
