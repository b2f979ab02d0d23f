/* How an execution ended and what it used; what wait4() says of a process, added up. */
#ifndef PS_USAGE_H
#define PS_USAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "command.h"

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
    uint64_t ended;      /* that end, ns of CLOCK_MONOTONIC */
    double lasted;       /* s, likewise until the last descendant's end, or until it was killed */
    double user, system; /* s of CPU time: of the commands and all their descendants, whether they
                            were waited for or not; not of those whose parent ignores SIGCHLD */
    uint64_t voluntary, involuntary; /* context switches, likewise */
    double run_delay; /* s that the commands' first threads were runnable without a CPU */
    double others;    /* s of it that somebody else on a CPU is the reason of */
    uint64_t major_faults, minor_faults;
    uint64_t disk_read;           /* bytes */
    uint64_t max_rss;             /* bytes, of the largest single process; see own_rss */
    uint64_t own_rss;             /* bytes, the peak of the process that started them: they take it
                                     over, so that a max_rss that is not above it is not theirs */
    bool read_input;              /* with watch_input: it read from standard input */
    unsigned leftover;            /* processes that outlived their command, and were killed */
    unsigned unkillable;          /* of which some could not be (another user's); they remain */
    char tail[PS_CHILD_TAIL + 1]; /* the last of standard error, cut to whole lines where it was
                                     longer; "" where it is not kept */
};

/* Times, switches and faults are summed, of the memory stands the largest. */
void ps_usage_add(struct ps_child_usage *u, const struct rusage *r);
/* Waits for all children of this process that have ended. A descendant that its parent did not wait
 * for comes to us when that one ends, and no other process has its usage then. u: NULL to drop it.
 */
void ps_usage_collect(struct ps_child_usage *u);

#endif
