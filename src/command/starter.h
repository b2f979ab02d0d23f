/* A small process that starts commands for us, so that their peak memory is their own.
 *
 * A process takes over the peak of the address space in which it calls exec: one started by vfork
 * ours, one by fork what was copied. The starter is a copy of us that has given back nearly all of
 * its memory. It shares our descriptors and our working directory, and the commands are our
 * children (CLONE_PARENT), not its. It is none of our children that wait() sees without __WALL, and
 * dies with us. Internal to this layer. */
#ifndef PS_STARTER_H
#define PS_STARTER_H

#include <stdint.h>

#include "launch.h"

struct ps_starter;

/* NULL where it can't be made, or would be no smaller (sanitizers). */
struct ps_starter *ps_starter_create(void);
void ps_starter_destroy(struct ps_starter *s); /* accepts NULL */
pid_t ps_starter_pid(const struct ps_starter *s);
uint64_t ps_starter_peak(const struct ps_starter *s); /* bytes, of its memory, at the last start */

/* Hands a command over. 0, or -E2BIG: the words and the environment are too long for it. All
 * signals must be blocked. What becomes of it ps_starter_started() says, before the next one:
 * whoever waits for SIGCHLD meanwhile is not woken just to learn that it runs; of one that can't be
 * executed there is a SIGCHLD too. */
int ps_starter_start(struct ps_starter *s, const struct ps_launch *l, const struct ps_child *child);
struct ps_started {
    uint64_t begun;           /* ns, just before it was created */
    uint64_t created, on_cpu; /* when that was done, and when it first ran; 0: not known */
};

/* As ps_launch_start. */
int ps_starter_started(struct ps_starter *s, const struct ps_child *child, pid_t *pid,
                       struct ps_started *started, struct ps_err *e);

#endif
