/* workload_trials/: trials of a workload, in threads of this process or, where a runtime's threads
 * can't be parked, of a subprocess. In comes a session with its plan; go out, round by round,
 * times, accounts and counts of each target in its series of samples. */
#ifndef PS_WORKLOAD_TRIALS_H
#define PS_WORKLOAD_TRIALS_H

#include "session.h"

extern const struct target_ops workload_target_ops;

/* trial.c: first executions and repetition counts; one trial of a target, with its probes and
 * counts. -EINTR once interrupted (stuck is set where the trial goes on), -EBADMSG where verify
 * failed. */
int trial_warm_up(struct session *s, struct target *t);
int trial_run(struct session *s, struct target *t, size_t round);
int trial_verify(struct session *s, struct target *t);

/* probe.c: the frequency probe on all workers of a target at once; NaN where it fails. */
int probe_run(struct session *s, struct target *t, double *hz);
bool probe_due(const struct session *s, const struct target *t);

/* neighbours.c: a target's round begins with no index; the probe adds those that it sees, of which
 * the lowest stands; the measuring process keeps them. Finish before the table is handed out. */
void neighbours_forget(struct target *t);
void neighbours_see(struct target *t, unsigned worker, double index);
void neighbours_keep(struct session *s, const struct target *t, size_t round);
void neighbours_finish(struct session *s);

/* data_nodes.c: where there are several NUMA nodes, lets a workload's data lie on those of the
 * workers that use them, before it is created, and tells the samples where they lie. */
int data_nodes_prepare(struct session *s, size_t workload);
void data_nodes_note(struct session *s);

#endif
