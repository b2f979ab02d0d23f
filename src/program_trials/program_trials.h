/* program_trials/: executions of a program, timed, and others that are observed and tell what
 * limits it. In comes a session with its plan; go out, round by round, times and counts of each
 * target in its series of samples, and what was seen of the program. */
#ifndef PS_PROGRAM_TRIALS_H
#define PS_PROGRAM_TRIALS_H

#include "session.h"

extern const struct target_ops program_target_ops;
extern const struct target_ops attached_target_ops; /* of a process that runs already */

/* program_trial.c: one execution; watch: called while it runs; *usage: where it succeeds.
 * observed.c: the executions that tell what limits it. */
int program_execute(struct session *s, struct target *t, ps_child_watch_fn *watch, void *arg,
                    struct ps_child_usage *usage);
/* s of the execution of the warm-up that can be a round; 0: none can. */
double program_first_time(const struct target *t);
int program_observe(struct session *s, struct target *t);
/* s of --max-time that rounds leave to them, as far as the trials so far tell. */
double observed_reserve(const struct session *s);

#endif
