/* Nothing of what we start outlives us, not even where we are killed with SIGKILL.
 *
 * ps_guard_start() splits the process in two. The parent becomes the guard: it waits, passes
 * signals on to us and our exit status on to whoever waits for it, and is the next reaper of our
 * descendants: where we are killed, it kills all of them and dies of the same signal. The child, in
 * which the call returns, does the work; where the guard is killed, it gets SIGTERM, and the caller
 * finds ps_guard_lost(). The two are in different process groups, so that a signal to one group
 * does not meet both, and the guard has a name of its own for killall.
 *
 * ^Z stops both; a second ^C passes like any other signal. */
#ifndef PS_GUARD_H
#define PS_GUARD_H

#include <stdbool.h>

#include "err.h"

struct ps_guard {
    int parent; /* the guard's process id */
};

/* To be called while single-threaded, before descriptors that must not be held twice are opened.
 * Returns once, in the child, with 0; or in the only process with a negative errno. */
int ps_guard_start(struct ps_guard *g, struct ps_err *e);
/* The guard is gone: leave at once, writing nothing. */
bool ps_guard_lost(const struct ps_guard *g);

#endif
