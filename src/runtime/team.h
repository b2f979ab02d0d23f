/*
 * A team: threads that live for the whole program, one pinned to each CPU of a placement, and one
 * that floats over all of them. Strategies borrow them for the length of a trial; between trials
 * they all sleep in the kernel, so that nothing runs or spins outside its own trial.
 *
 * The supervisor (the program's main thread) starts work on a team and sleeps until it is done; it
 * is not a member, so that it can still answer signals.
 */
#ifndef PS_TEAM_H
#define PS_TEAM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

struct ps_team;

/* cpus[i]: OS number of the CPU of member i, -1: not pinned. Creates `workers` pinned members and
 * the floating one, member number `workers`, whose affinity is the union of theirs. Fails with
 * -EAGAIN, -ENOMEM or -EINVAL (a CPU that we can't use), and an error that says how many threads
 * were asked for, leaving no thread behind. pin = false leaves all affinities alone. Members block
 * all signals, so that the supervisor gets them. */
int ps_team_create(const int *cpus, unsigned workers, bool pin, struct ps_team **team,
                   struct ps_err *e);
/* Ends and joins all members; accepts NULL. They must be idle. */
void ps_team_destroy(struct ps_team *team);
unsigned ps_team_workers(const struct ps_team *team);
/* CPU of a member, -1 where it floats. */
int ps_team_cpu(const struct ps_team *team, unsigned member);
/* The kernel's number of a member's thread; 0 for one that has not run yet. */
pid_t ps_team_tid(const struct ps_team *team, unsigned member);

/* Lets the floating member use only the CPUs of the first `workers` members from now on. No call
 * may be under way. Where the system refuses, it keeps those that it had. */
void ps_team_narrow(struct ps_team *team, unsigned workers);
/* Attributes for threads in the places of the members 0 .. count-1: CPU and stack size. 0, -ENOMEM
 * or -EINVAL. */
int ps_team_attrs(const struct ps_team *team, unsigned count, pthread_attr_t **attrs);
void ps_team_attrs_free(pthread_attr_t *attrs, unsigned count);
/* ns per tick; sleeps until 1 ms has passed since the team was created. */
double ps_team_tick_ns(struct ps_team *team);

typedef void ps_member_fn(void *arg, unsigned member);

/* Starts fn(arg, m) on the members first .. first+count-1. Only one call may be under way. */
void ps_team_start(struct ps_team *team, unsigned first, unsigned count, ps_member_fn *fn,
                   void *arg);
/* The same on the members 0 .. count-1 and the floating one. */
void ps_team_start_floating(struct ps_team *team, unsigned count, ps_member_fn *fn, void *arg);
/* Sleeps until all are done, or the absolute CLOCK_MONOTONIC time in ns has passed (0: no limit),
 * or a signal arrived. 0 done, -ETIMEDOUT, -EINTR; call again after the latter two. */
int ps_team_wait(struct ps_team *team, uint64_t deadline_ns);

#endif
