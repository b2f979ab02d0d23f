/* This folder runs other people's programs. In comes a command that command_line/ has made ready;
 * child.h starts it, waits, and gives back how each execution ended, its times and what wait4()
 * says. Nothing of what was started is left, whatever happens to us: guard.h, reap.h. Nothing here
 * knows of plans or metrics.
 *
 * This header has what is known of a command before it is started, for launch.h (starting),
 * capture.h (output) and child.h (a whole execution). */
#ifndef PS_COMMAND_H
#define PS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PS_CHILD_TAIL 2048 /* bytes of standard error that are kept, the last ones */

enum ps_child_output {
    PS_CHILD_NULL,    /* standard output to /dev/null; of standard error the end is kept */
    PS_CHILD_INHERIT, /* both are ours */
    PS_CHILD_FILE,    /* both are appended to a file, which is emptied first */
};

#define PS_CHILD_CALL_WORDS 16

/* A system call that a command makes before its exec: a scheduling policy, a memory policy. */
struct ps_child_call {
    long number, arguments[5];
    int pointer;                        /* the argument that points to data; -1: none */
    uint64_t data[PS_CHILD_CALL_WORDS]; /* as a structure or bits */
    const char *what, *hint;            /* "setpriority 5"; what it takes where it fails */
    bool of_memory; /* it changes the memory that a child shares with who starts it until its exec:
                       after that it is called again, with `before` as its second argument */
    long before;
};
long ps_child_call(const struct ps_child_call *call); /* as syscall() */

struct ps_child {
    const char *path;               /* of the executable */
    const char *const *words;       /* argv, ends with NULL */
    const char *const *environment; /* ends with NULL */
    const int *cpus;                /* that it may run on; NULL: as we */
    size_t cpu_count;
    const char *folder; /* that it runs in, which path is relative to; NULL: ours */
    const struct ps_child_call *calls;
    size_t call_count;
};

#endif
