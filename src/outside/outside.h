/* outside/: strategies of programs that are chosen from outside, `env:key=value...`: where its
 * threads may run, what its runtime is told, how the kernel treats it, how many copies run at once.
 * In comes the text of -s; out goes, for each strategy, what a child gets beside its words:
 * variables, system calls before its exec, a placement, copies. keys.c has the table of the keys.
 * Nothing is started or measured here. */
#ifndef PS_OUTSIDE_H
#define PS_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "command.h"
#include "err.h"
#include "placement.h"

#define PS_OUTSIDE        "env"
#define PS_OUTSIDE_MOST   256  /* strategies of one -s */
#define PS_OUTSIDE_COPIES 4096 /* at once, of one program */

/* What keys need to know of the machine. */
struct ps_outside_host {
    unsigned cores, cpus; /* that may be used */
    bool real;            /* a child may be asked whether the kernel lets it; else nothing runs */
};

struct ps_outside_option {
    const char *key, *value; /* "pin", "spread" */
};

/* One strategy. */
struct ps_outside {
    const char *label; /* "env:pin=spread:wait=active", with the values as they are */
    struct ps_outside_option *options;
    size_t option_count;
    const char **variables; /* "NAME=VALUE"; "NAME" alone: it is taken away */
    size_t variable_count;
    struct ps_child_call *calls; /* by the child, before its exec */
    size_t call_count;
    bool pins; /* placement is asked for */
    enum ps_placement placement;
    unsigned copies;    /* at once; 0: not asked for */
    const char **notes; /* sentences: what it can't change here */
    size_t note_count;
};

/* A key, a row of the table. */
struct ps_outside_taking;
struct ps_outside_key {
    const char *name, *takes; /* "pin", "spread|compact|none" */
    const char *help;
    /* The value, checked, into what a child gets. */
    int (*take)(const struct ps_outside_key *k, struct ps_outside_taking *t);
};
extern const struct ps_outside_key ps_outside_keys[]; /* ends with name NULL */

/* All strategies of -s, "env:pin=spread+compact,env:nice=5": values that are lists or ranges are
 * multiplied out, the last key fastest. -EINVAL, -ENOENT (the nearest name is told), -ERANGE,
 * -E2BIG; -ENOTSUP where the kernel doesn't let us. */
int ps_outside_parse(const char *text, const struct ps_outside_host *host, struct ps_arena *a,
                     struct ps_outside **all, size_t *count, struct ps_err *e);

/* What is known of a program, and of the machine. */
enum ps_outside_seen {
    PS_SEEN_OPENMP = 1,   /* it has a runtime of OpenMP */
    PS_SEEN_THREADS = 2,  /* several of its threads are at work at once */
    PS_SEEN_ALONE = 4,    /* one is */
    PS_SEEN_SIBLINGS = 8, /* some cores have two CPUs */
    PS_SEEN_NODES = 16,   /* there are several nodes of memory */
    PS_SEEN_FREE = 32,    /* nobody says which CPUs its threads are for */
};
/* The strategies that are worth trying, as for ps_outside_parse(): those that can be applied here;
 * NULL: none. */
const char *ps_outside_worth(unsigned seen, const struct ps_outside_host *host, struct ps_arena *a);

/* `environment` (ends with NULL) with the strategy's variables; those that bind threads to the
 * child's CPUs where it pins. cpus: of the child, in the order of its threads. */
const char *const *ps_outside_environment(const struct ps_outside *o,
                                          const char *const *environment, const int *cpus,
                                          size_t cpu_count, struct ps_arena *a);

/* What was applied, one text each: "OMP_WAIT_POLICY=active", "setpriority 5"; ends with
 * NULL. cpus: of the point, of all its copies. */
const char *const *ps_outside_applied(const struct ps_outside *o, const int *cpus, size_t cpu_count,
                                      struct ps_arena *a);

#endif
