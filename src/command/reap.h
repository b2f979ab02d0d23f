/* Ends all child processes of this process, and theirs. Internal to this layer. */
#ifndef PS_REAP_H
#define PS_REAP_H

#include <stdbool.h>

struct ps_child_usage;

struct ps_reaped {
    unsigned killed;     /* that were still alive */
    unsigned unkillable; /* that are left: another user's, or stuck in the kernel */
};

/* True where there is at least one child process, dead or alive. Costs one system call. */
bool ps_reap_needed(void);
/* SIGKILLs and waits for every child, and those that come to us from them, until none is left or
 * `seconds` have passed. The calling process must be a subreaper and single-threaded. u: what they
 * had used is added to it; NULL: nobody wants to know. */
struct ps_reaped ps_reap_all(double seconds, struct ps_child_usage *u);

#endif
