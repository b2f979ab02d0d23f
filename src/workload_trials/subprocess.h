/*
 * A subprocess: a process of its own for one target, whose strategy has a runtime that we can't
 * park (OpenMP, plug-ins) or that forks. It is forked before any thread is made, has the workload's
 * state at the same addresses, and is stopped (SIGSTOP) between its trials, so that nothing of it
 * runs in the trials of others. Internal to this layer.
 */
#ifndef PS_SUBPROCESS_H
#define PS_SUBPROCESS_H

#include "session.h"

/* Forks the subprocess of a target and waits until it is ready: has a team, an instance and its own
 * copy of the state. open_target: what makes them, in the subprocess. To be called while this
 * process has one thread. */
typedef int open_target_fn(struct session *s, struct target *t);
int subprocess_open(struct session *s, struct target *t, open_target_fn *open_target);
void subprocess_close(struct subprocess *c);

/* As trial_warm_up, trial_run and trial_verify, in the subprocess. */
int subprocess_warm_up(struct session *s, struct target *t);
int subprocess_run(struct session *s, struct target *t, size_t round);
int subprocess_verify(struct session *s, struct target *t);

#endif
