/* Runs commands as child processes, times them, and leaves nothing of them behind.
 *
 * The calling process must be single-threaded, and have called ps_child_prepare(). It becomes the
 * reaper of all its descendants (PR_SET_CHILD_SUBREAPER): a process that outlives its parent comes
 * back to us, wherever it put itself (new session, double fork). Where it computes it may be given
 * time to end (`linger`); then it is killed with SIGKILL, until no child is left. See guard.h for
 * what happens where we are killed.
 *
 * Each command has its own process group, standard input from /dev/null or a file, the signal
 * dispositions and mask that we were started with, and no descriptor of ours. It is started by a
 * small process (starter.h), or where there is none by vfork, which costs a sixth of fork. */
#ifndef PS_CHILD_H
#define PS_CHILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "command.h"
#include "err.h"
#include "usage.h"

#define PS_CHILD_GRACE 0.25 /* s between SIGTERM and SIGKILL */

/* What lives as long as the measurement: descriptors, the signal state. */
struct ps_children;

/* Fails as ps_children_open does where the file of PS_CHILD_FILE can't be written; creates it. */
int ps_child_output_check(const char *path, struct ps_err *e);
/* Fails where the file can't be read, or is none that each execution can read anew. */
int ps_child_input_check(const char *path, struct ps_err *e);
/* What commands read from standard input: a file, from its beginning each; NULL: nothing. To be set
 * before the first of them. */
int ps_children_set_input(struct ps_children *c, const char *path, struct ps_err *e);
/* path: of PS_CHILD_FILE. Fails where the file can't be written (-errno, names the path), or the
 * system has no subreaper. */
int ps_children_open(enum ps_child_output output, const char *path, struct ps_children **c,
                     struct ps_err *e);
/* Kills what is left. Accepts NULL. */
void ps_children_close(struct ps_children *c);
/* The process that forks the commands: counters of them are opened on it. 0: the calling one. */
pid_t ps_children_starter(const struct ps_children *c);

/* Called every now and then while children run; pids are those of the commands started. May be
 * NULL. Returns after how many seconds it wants to be called again, 0: never. */
typedef double ps_child_watch_fn(void *arg, const pid_t *pids, size_t count);

/* When an execution is ended, and who looks on. */
struct ps_child_limits {
    double timeout;                /* s, 0: none */
    const atomic_int *interrupted; /* NULL: none; set by a handler of a signal that is not blocked
                                      when ps_child_run is called */
    ps_child_watch_fn *watch;
    void *watch_arg;
    double first_watch; /* s after the start */
    bool watch_input;   /* standard input is an empty file, so that reading it shows */
    double linger;      /* s that descendants which compute may outlive the last command */
    /* Called when the last command has ended, before leftovers are killed (to read counters). NULL:
     * nothing. */
    void (*between)(void *arg);
    void *between_arg;
};

/* Starts `count` commands at once and waits for all. 0 with *usage, whatever their statuses; or a
 * negative errno with the cause in e, after killing what had started, where one could not be
 * started: "can't run 'foo': Exec format error: ...". A stopped, timed-out or interrupted tree gets
 * SIGTERM (and SIGCONT), and SIGKILL after PS_CHILD_GRACE. limits: NULL: none. */
int ps_child_run(struct ps_children *c, const struct ps_child *children, size_t count,
                 const struct ps_child_limits *limits, struct ps_child_usage *usage,
                 struct ps_err *e);

/* "exited with status 3", "was killed by SIGSEGV (Segmentation fault)", "was still running after
 * 10 s", ... into out. */
const char *ps_child_describe(const struct ps_child_usage *u, double timeout, char *out,
                              size_t size);

#endif
