/* Starting one command. Internal to this layer. */
#ifndef PS_LAUNCH_H
#define PS_LAUNCH_H

#include <sched.h>
#include <signal.h>
#include <sys/types.h>

#include "command.h"
#include "err.h"

struct ps_launch {
    int in, out, err; /* descriptors that become 0, 1 and 2 */
    const sigset_t *mask;
};

/* Of the CPUs that a command may run on; to be freed by CPU_FREE. */
struct ps_launch_mask {
    cpu_set_t *cpus;
    size_t size;
};
int ps_launch_mask_make(const struct ps_child *child, struct ps_launch_mask *m); /* 0 or -ENOMEM */

/* All signals must be blocked. 0, or a negative errno with the cause in e. */
int ps_launch_start(const struct ps_launch *s, const struct ps_child *child, pid_t *pid,
                    struct ps_err *e);

/* Why a command was not started. */
struct ps_launch_error {
    int error;   /* errno; 0: it was */
    size_t call; /* of its calls the one that failed; call_count: it was something else */
};

/* Gives signals that we ignore their default action: of the calling process, which becomes a
 * command or starts commands. */
void ps_launch_reset_signals(void);
/* In a child that shares its parent's memory: only makes system calls. Where it can't execute the
 * command, it sets *error and ends. */
_Noreturn void ps_launch_become(const struct ps_launch *s, const struct ps_child *child,
                                const struct ps_launch_mask *m,
                                volatile struct ps_launch_error *error);
/* What the child's calls changed of the memory that both share. */
void ps_launch_restore(const struct ps_child *child);
int ps_launch_failed(const struct ps_child *child, const volatile struct ps_launch_error *why,
                     struct ps_err *e);

#endif
