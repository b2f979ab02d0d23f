/* What was seen of a program in executions that were observed and not timed: where its time went,
 * and what it waited for. All memory belongs to the result's arena. */
#ifndef PS_DIAGNOSIS_RESULT_H
#define PS_DIAGNOSIS_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* Why cores had nothing to do. */
enum ps_loss_kind {
    PS_LOSS_SERIAL,    /* one thread worked outside any parallel region, the others had nothing */
    PS_LOSS_IMBALANCE, /* some worked in a parallel region, others had finished their share */
    PS_LOSS_RUNTIME,   /* all were in the parallel runtime: starting and ending regions */
    PS_LOSS_LOCK,
    PS_LOSS_CONDITION, /* a condition variable, semaphore or barrier, while nobody worked */
    PS_LOSS_SLEEP,
    PS_LOSS_READ,
    PS_LOSS_WRITE,
    PS_LOSS_SYNC,
    PS_LOSS_MEMORY, /* the lock of the address space */
    PS_LOSS_FAULT,  /* a page that is not there yet */
    PS_LOSS_POLL,
    PS_LOSS_CHILD,
    PS_LOSS_OTHER,
    PS_LOSS_STARVED,     /* threads waited for a signal, a queue or a pipe while others worked */
    PS_LOSS_INTERPRETER, /* the lock of an interpreter */
    PS_LOSS_PIECES,      /* handing out pieces of a loop */
    PS_LOSS_TASKS,       /* making tasks and waiting for them */
    PS_LOSS_SPIN,        /* a waiting loop of the program's own */
    PS_LOSS_TURNS, /* threads worked one at a time, each waiting for another's answer or its turn */
};
#define PS_LOSS_KINDS 20
/* "serial", "imbalance", "runtime", "lock", ... */
const char *ps_loss_kind_name(enum ps_loss_kind kind);
int ps_loss_kind_parse(const char *name, enum ps_loss_kind *kind); /* 0 or -EINVAL */

/* A place in the code: the innermost function of the program's own, what it called in a library of
 * the system, and who called it. NULL, 0: not known. */
struct ps_place {
    const char *library; /* "rand", or the library's name */
    const char *function, *module, *file;
    unsigned line; /* with most samples */
    const char *caller, *caller_file;
    unsigned caller_line; /* likewise, of the call */
    const char *region;   /* that the program marks, and most samples were in */
};

/* The same function, that called the same of a library: callers and lines may differ. */
bool ps_place_same(const struct ps_place *a, const struct ps_place *b);
/* An interpreter's module: its functions tell nothing of the program that it runs. NULL: none. */
bool ps_module_interprets(const char *module);
/* Code that was made at run time, in no file. */
bool ps_module_made(const char *module);
/* The function that clang makes of a parallel region, without the name of the one that it is in. */
bool ps_function_outlined(const char *function);
/* "rand(), called from main() (causes.c:15)", as the names were found: not made harmless. */
const char *ps_place_text(struct ps_arena *a, const struct ps_place *p);

/* s per execution. */
struct ps_code_row {
    struct ps_place place;
    double cpu_time; /* in user mode, in sum over threads; in waiting loops of a runtime: none */
    double alone;    /* of which while no other thread worked */
    double faults;   /* pages, count */
    double atomic;   /* of cpu_time, at atomic changes of memory; NaN: not known */
    double stores;   /* likewise, at other writes to memory */
    double kernel;   /* CPU time in the kernel, beside cpu_time; NaN: not known */
    double loads;    /* as stores, at reads; of a saved result: not known */
};

/* In user mode and in the kernel, as far as that is known. */
double ps_code_row_time(const struct ps_code_row *r);

struct ps_loss_row {
    enum ps_loss_kind kind;
    struct ps_place place;
    const char *object;            /* a file, "pipe", ...; of those behind others' work: "barrier",
                                      "condition", "pipe", "signal", "order", "join"; NULL */
    const struct ps_place *waiter; /* where those waited that had no work, NULL: not known */
    double idle;                   /* core-seconds without work */
    double spun;                   /* core-seconds spent in waiting loops, which are CPU time */
    const struct ps_place *holder; /* of a lock: what mostly went on meanwhile in the function that
                                      takes it, in another thread; NULL: not known */
};

/* Threads of the same name, but for a number at its end. s per execution, in sum. */
struct ps_thread_row {
    const char *name;
    double count;             /* threads */
    double cpu_time, most;    /* most: of the one with most */
    double alone;             /* of cpu_time, while no other thread of the program ran */
    double runnable, blocked; /* waiting for a CPU; and for anything else */
};

/* An executable or library. s per execution. */
struct ps_module_row {
    const char *name;
    double cpu_time; /* in user mode, with its waiting loops */
    double alone;    /* of which while no other thread ran */
};

/* A region that the program marks. s per execution, in sum over its threads but for `wall`. */
struct ps_region_row {
    const char *name;
    double entries;
    double time, wall;                  /* wall: with at least one thread in it */
    double cpu_time, runnable, blocked; /* what `time` consists of */
    double alone;                       /* of cpu_time, while no other thread of the program ran */
    double waits[PS_LOSS_KINDS];        /* what `blocked` consists of; all 0: not known */
};
/* Threads of it that were on a CPU, on average, and the share of its work that was done alone; NaN
 * where there is none. */
double ps_region_concurrency(const struct ps_region_row *r);
double ps_region_serial_fraction(const struct ps_region_row *r);

/* How many threads ran over the time of one execution, in bins of `width` s each. */
struct ps_diagnosis_strip {
    double width;
    double *running; /* threads on a CPU, on average */
    double *alone;   /* share of the bin in which exactly one was at work */
    size_t count;    /* 0: not known */
};

struct ps_diagnosis {
    const char *missing;   /* why there is none; NULL */
    size_t executions;     /* observed */
    double others;         /* share of the CPU time that it could have had, that others took */
    double wall, cpu_time; /* s per execution, by the timeline */
    double used;       /* s of CPU time per execution, by the kernel's accounts; NaN: not known */
    double system;     /* of which in the kernel, likewise */
    double unrecorded; /* of which charged to its processes, but in no record: in switches, and
                          before the first one; as far as it was looked at */
    double brief;      /* s that threads were blocked in waits too brief to be looked at, in sum */
    double slowdown;   /* wall time over the median of the timed ones */
    double serial_fraction; /* time with exactly one thread at work over the time of all */
    double *running;        /* s per execution, by the number of threads on a CPU */
    size_t running_count;
    struct ps_diagnosis_strip strip;   /* of the first execution */
    double sampled, spun, kernel_time; /* s of CPU time per execution: seen in user mode; of which
                                          in waiting loops; in the kernel */
    bool threaded;       /* some threads share their address space; of a saved result: not known */
    bool processes;      /* several processes do most of the work, in one thread each; likewise */
    bool kernel_sampled; /* what the rows have of it is seen, else shared out by the calls */
    size_t samples, looks, lost, hidden;
    struct ps_code_row *code; /* most CPU time first */
    size_t code_count;
    struct ps_loss_row *losses; /* most first */
    size_t loss_count;
    struct ps_thread_row *threads; /* most CPU time first */
    size_t thread_count;
    struct ps_module_row *modules; /* likewise */
    size_t module_count;
    struct ps_region_row *regions; /* most time first */
    size_t region_count;
    double regions_lost; /* per execution: for which there was no room */
};

/* Threads per execution; NULL has none. */
double ps_diagnosis_threads(const struct ps_diagnosis *d);
/* The row of a place in the code; NULL: it has none. */
const struct ps_code_row *ps_diagnosis_code(const struct ps_diagnosis *d, const struct ps_place *p);
/* An execution of which others took a larger share tells their load besides its own losses. */
#define PS_DIAGNOSIS_DISTURBED 0.05
/* Of which they took so much that who worked and who waited was up to them. */
#define PS_DIAGNOSIS_DROWNED 0.3
/* CPUs in use, below which one thread mostly waits. */
#define PS_COMPUTES 0.5

#endif
