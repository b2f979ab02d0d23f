/* One execution of a target's program, and what is said where it fails. Internal to this layer. */
#ifndef PS_EXECUTION_H
#define PS_EXECUTION_H

#include "session.h"

/* One execution with the counts of its process tree. */
struct execution {
    struct session *session;
    struct ps_child_usage usage;
    struct ps_tree_counts before, after;
    int count_error; /* negative errno of a reading that failed */
    double took;     /* s, with --prepare and the gap before it */
};

/* Of a program, from the command line. */
struct ps_child_limits execution_limits(const struct session *s);
/* --prepare and --cleanup: not timed, but limited like the program, and never ignored. */
int execution_auxiliary(struct session *s, const struct ps_child *child, const char *option,
                        const struct ps_child_limits *limits);
/* Runs it after --prepare and the gap, and notes what outlived it. limits: its linger and between
 * are set here. -EINTR once interrupted, -ECHILD where a failure is not forgiven. */
int execution_run(struct session *s, struct target *t, const struct ps_child_limits *limits,
                  struct execution *x);
/* Whether processes of it were at work after it had ended, and ended by themselves. */
bool execution_outlived(const struct ps_child_usage *u);

#endif
