/* Descendants that outlive their command. Internal to this layer. */
#ifndef PS_LINGER_H
#define PS_LINGER_H

#include <stdatomic.h>

#include "usage.h"

/* Waits for them to end by themselves, for as long as one of them computes, `seconds` at most, and
 * adds what they used to u. An idle one, a daemon, is not waited for. SIGCHLD must be blocked, with
 * a handler. */
void ps_linger(double seconds, const atomic_int *interrupted, struct ps_child_usage *u);

#endif
