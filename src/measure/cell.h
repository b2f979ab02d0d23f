/*
 * A cell: a process of its own for one lane, whose strategy has a runtime that we can't park
 * (OpenMP, plug-ins) or that forks. It is forked before any thread is made, has the workload's
 * state at the same addresses, and is stopped (SIGSTOP) between its trials, so that nothing of it
 * runs in the trials of others. Internal to this layer.
 */
#ifndef PS_CELL_H
#define PS_CELL_H

#include "session.h"

/* Forks the cell of a lane and waits until it is ready: has a team, an instance and its own copy of
 * the state. To be called while this process has one thread. */
int cell_open(struct session *s, struct lane *l);
void cell_close(struct cell *c);

/* As trial_warm_up, trial_run and trial_verify, in the cell. */
int cell_warm_up(struct session *s, struct lane *l);
int cell_run(struct session *s, struct lane *l, size_t round);
int cell_verify(struct session *s, struct lane *l);

#endif
