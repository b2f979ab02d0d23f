/* What the kernel tells: one record of one moment. */
#ifndef PS_RECORD_H
#define PS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "registers.h"

enum ps_record_kind {
    PS_RECORD_SAMPLE,    /* of the CPU clock, in user mode (or in the kernel, where permitted) */
    PS_RECORD_FAULT,     /* one of `weight` page faults */
    PS_RECORD_IN,        /* gets a CPU */
    PS_RECORD_OUT,       /* blocks */
    PS_RECORD_PREEMPTED, /* loses its CPU, and is still runnable */
    PS_RECORD_BIRTH,     /* thread `tid` of `pid` begins; `parent` and `parent_pid` made it */
    PS_RECORD_EXIT,      /* thread `tid` of `pid` ends */
    PS_RECORD_NAME,      /* `name`, of thread `tid` */
    PS_RECORD_EXEC,      /* likewise, by exec: what was mapped is gone, and other threads are */
    PS_RECORD_MAPPING,
    PS_RECORD_LOST,      /* `weight` records, of this CPU, at some time before */
    PS_RECORD_THROTTLED, /* `weight` samples were not taken, for the kernel's limit of their rate */
};

struct ps_record {
    enum ps_record_kind kind;
    uint64_t time; /* ns, CLOCK_MONOTONIC */
    pid_t pid, tid;
    int cpu;
    uint64_t weight;
    pid_t parent, parent_pid;
    uint64_t gone;    /* EXIT: when it was seen to have left its CPU, ns; 0: nobody knows */
    const char *name; /* NAME, EXEC: of the thread; MAPPING: the path, or "//anon", "[vdso]" */
    struct {
        uint64_t start, end, offset; /* executable mappings alone */
        uint64_t device, inode;      /* 0: not a file */
    } mapping;
    /* Of SAMPLE and FAULT. The stack is what lies from the stack pointer on. */
    bool kernel; /* taken in the kernel; registers are those of user mode all the same */
    uint64_t address;
    struct ps_registers registers;
    const unsigned char *stack;
    size_t stack_size;
};

typedef void ps_record_fn(void *arg, const struct ps_record *r);

#endif
