/* Runs commands as child processes, times them, and leaves nothing of them behind.
 *
 * The calling process must be single-threaded, and have called ps_child_prepare(). It becomes the
 * reaper of all its descendants (PR_SET_CHILD_SUBREAPER): a process that outlives its parent comes
 * back to us, wherever it put itself (new session, double fork), and is killed with SIGKILL after
 * the execution, until no child is left. See guard.h for what happens where we are killed.
 *
 * Each command has its own process group, standard input from /dev/null, the signal dispositions
 * and mask that we were started with, and no descriptor of ours. It is started by vfork, which
 * costs a sixth of fork. */
#ifndef PS_CHILD_H
#define PS_CHILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "command.h"
#include "err.h"

#define PS_CHILD_GRACE 0.25 /* s between SIGTERM and SIGKILL */

/* What lives as long as the measurement: descriptors, the signal state. */
struct ps_children;

/* Fails as ps_children_open does where the file of PS_CHILD_FILE can't be written; creates it. */
int ps_child_output_check(const char *path, struct ps_err *e);
/* path: of PS_CHILD_FILE. Fails where the file can't be written (-errno, names the path), or the
 * system has no subreaper. */
int ps_children_open(enum ps_child_output output, const char *path, struct ps_children **c,
                     struct ps_err *e);
/* Kills what is left. Accepts NULL. */
void ps_children_close(struct ps_children *c);

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
    /* Called when the last command has ended, before leftovers are killed (to read counters). NULL:
     * nothing. */
    void (*between)(void *arg);
    void *between_arg;
};

enum ps_child_end {
    PS_CHILD_EXITED,    /* status: of the first that did not exit with 0, or 0 */
    PS_CHILD_SIGNALLED, /* status: the signal that ended one of them, not sent by us */
    PS_CHILD_STOPPED,   /* one stopped (status: the signal, SIGTTIN where it wants the terminal) and
                           did not go on within a second; all were killed */
    PS_CHILD_TIMED_OUT, /* and were killed */
    PS_CHILD_INTERRUPTED, /* likewise */
};

struct ps_child_usage {
    enum ps_child_end end;
    int status;
    double wall;         /* s, from before the first start until the last one's end */
    double user, system; /* s of CPU time: the commands, and descendants that were waited for */
    uint64_t voluntary, involuntary; /* context switches, likewise */
    double run_delay; /* s that the commands' first threads were runnable without a CPU */
    uint64_t major_faults, minor_faults;
    uint64_t max_rss;             /* bytes, of the largest single process; see own_rss */
    uint64_t own_rss;             /* bytes, our own peak: a child of vfork takes it over, so that a
                                     max_rss that is not above it is ours */
    unsigned leftover;            /* processes that outlived their command, and were killed */
    unsigned unkillable;          /* of which some could not be (another user's); they remain */
    char tail[PS_CHILD_TAIL + 1]; /* the last of standard error, cut to whole lines where it was
                                     longer; "" where it is not kept */
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
