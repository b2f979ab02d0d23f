/* What blocked threads wait for: the system call that a thread sleeps in, its arguments and where
 * it was called, looked at in /proc. Costs 10 us a blocked thread: for executions that are not
 * timed.
 *
 * The files of another user's process, or of one that Yama's ptrace_scope protects, can't be read:
 * that is counted. */
#ifndef PS_WAITS_H
#define PS_WAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "registers.h"

#define PS_WAIT_STACK  4096 /* bytes of stack that are copied, at most */
#define PS_WAIT_OBJECT 96

/* By the system call alone. */
enum ps_wait_kind {
    PS_WAIT_FUTEX,
    PS_WAIT_SLEEP,
    PS_WAIT_POLL,
    PS_WAIT_CHILD,
    PS_WAIT_READ, /* from `object`, by its descriptor */
    PS_WAIT_WRITE,
    PS_WAIT_SYNC,   /* until data is on the disk */
    PS_WAIT_LOCK,   /* of a file, `object` */
    PS_WAIT_MEMORY, /* for the lock of the address space, in mmap, munmap, ... */
    PS_WAIT_FAULT,  /* in no system call: a page fault */
    PS_WAIT_SIGNAL,
    PS_WAIT_SEMAPHORE, /* of System V */
    PS_WAIT_OTHER,
};
#define PS_WAIT_KINDS 13

struct ps_wait {
    enum ps_wait_kind kind;
    long number;                 /* of the system call; -1: none */
    const char *call;            /* its name; NULL: not known */
    uint64_t argument;           /* the first: a futex's address, a descriptor */
    char object[PS_WAIT_OBJECT]; /* what the descriptor is: a path, "pipe:[7]"; "": none */
    struct ps_registers registers;
    size_t stack_size;
    unsigned char stack[PS_WAIT_STACK];
};

enum ps_wait_look {
    PS_LOOK_RUNS,    /* on a CPU, or waiting for one */
    PS_LOOK_BLOCKED, /* *w is filled */
    PS_LOOK_GONE,
    PS_LOOK_HIDDEN, /* it exists, and may not be looked at */
};
enum ps_wait_look ps_wait_look(pid_t pid, pid_t tid, struct ps_wait *w);
/* Likewise, without `object` and the stack. */
enum ps_wait_look ps_wait_call(pid_t pid, pid_t tid, struct ps_wait *w);

#endif
