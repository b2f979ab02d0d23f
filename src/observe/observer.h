/* One observed execution of a program: the kernel's records of who ran when and where in the code,
 * and looks at what blocked threads wait for. Comes in: the process that starts the program, and
 * calls while it runs. Goes out: the timeline, address spaces, and stacks that are still bytes.
 * What they mean is told by the layer `diagnosis`. */
#ifndef PS_OBSERVER_H
#define PS_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "regions.h"
#include "spaces.h"
#include "stacks.h"
#include "timeline.h"
#include "trace.h"
#include "waits.h"

/* Kept of each kind; where there are more, each stands for twice as many, and so on. */
#define PS_OBSERVED_MOST 8192
/* Threads in a look, from a random one on. */
#define PS_OBSERVED_THREADS 64

/* Whether the ordinal-th is among those of which one in `step` (a power of two) is kept; the 0th
 * always is, and what is kept of twice the step is kept of the step. Not each step-th: the samples
 * of two CPUs alternate, and all of one would go. By multiples of the golden ratio (Knuth, The Art
 * of Computer Programming 3, 6.4). */
bool ps_observed_kept(size_t ordinal, size_t step);

enum ps_seen_kind { PS_SEEN_SAMPLE, PS_SEEN_FAULT, PS_SEEN_WAIT };
#define PS_SEEN_KINDS 3

/* A stack at some moment. */
struct ps_seen {
    uint64_t time; /* ns, CLOCK_MONOTONIC */
    pid_t pid, tid;
    size_t space;
    unsigned running; /* threads on a CPU then, or kept from it by others; of a wait: that did not
                         wait */
    size_t ordinal;   /* of a wait: the look that it was seen in */
    uint64_t regions; /* a bit for each region that the thread was in */
    uint32_t region;  /* the innermost of them, its row and 1; 0: none */
    bool kernel;      /* a sample taken in the kernel */
    struct ps_registers registers;
    unsigned char *stack; /* the observation's */
    size_t stack_size;
    struct {
        enum ps_wait_kind kind;
        char *object; /* owned: a file; of another system call its name; NULL: none */
    } wait;
};

/* In the order of time; each stands for `step` of them, a wait for those of as many looks. */
struct ps_seen_list {
    struct ps_seen *seen;
    size_t count, step, taken; /* taken: how many there were; of waits 0 */
};

struct ps_observation {
    struct ps_stacks *stacks; /* owned, as what is in it */
    struct ps_timeline timeline;
    struct ps_spaces spaces;
    struct ps_seen_list lists[PS_SEEN_KINDS];
    struct ps_region *regions; /* owned; that the program marked */
    size_t region_count;
    uint64_t regions_lost; /* for which there was no room */
    double used;       /* s of CPU time by the kernel's accounts; set by the caller, 0: not known */
    double system;     /* of which in the kernel, likewise; NaN: not known */
    double unrecorded; /* of which known to be in no record: see charges.h */
    double period;     /* s of CPU time that a sample stands for */
    bool kernel;       /* samples were taken in the kernel too */
    double fault_weight; /* faults that one stands for */
    size_t
        by_runnable[PS_OBSERVED_THREADS + 1]; /* looks by the threads that ran or were runnable */
    size_t looks, hidden; /* looks; threads that could not be looked at, in all looks */
};

struct ps_observer;

/* What is known of the program from executions before. NaN: nobody knows. */
struct ps_expected {
    double switches, faults;    /* between its threads, and of pages; a second */
    double wall_time, cpu_time; /* s */
    double idle;                /* share of the time of its CPUs in which they had nothing to do */
    bool spins;                 /* it may wait by computing, as OpenMP's runtimes do */
};

/* s of CPU time between samples of a thread, and between looks. */
double ps_observer_period(const struct ps_expected *x);
double ps_observer_apart(const struct ps_expected *x);
/* pid: the process that starts the program, 0: the caller; cpus: that it may use at once. Errors as
 * ps_rings_open(). */
int ps_observer_open(pid_t pid, unsigned cpus, const struct ps_expected *x, struct ps_observer **o,
                     struct ps_err *e);
/* The caller starts it, one of many on this machine: with rings of a part of the memory. */
int ps_observer_open_rank(struct ps_observer **o, struct ps_err *e);
/* Of a process that runs already, from now on: all its threads, and all that they start. -ESRCH:
 * there is no such process. ps_observer_watch() is to be called as often as it asks for. */
int ps_observer_attach(pid_t pid, unsigned cpus, struct ps_observer **o, struct ps_err *e);
/* What PARSCOPE_REGIONS is to be in the program's environment; NULL: there are no regions here. */
const char *ps_observer_regions(const struct ps_observer *o);
/* Before the program starts: what happens is written to t too, as an execution of that label. */
void ps_observer_trace(struct ps_observer *o, const char *label, struct ps_trace *t);
/* A ps_child_watch_fn on a struct ps_observer *. */
double ps_observer_watch(void *observer, const pid_t *pids, size_t count);
/* After the execution, and before what is left of it is killed: all that is still to be read. Its
 * memory is the caller's then. ended: when the process that was started last had ended, ns of
 * CLOCK_MONOTONIC; 0: it is not known. */
struct ps_observation *ps_observer_finish(struct ps_observer *o, uint64_t ended);
void ps_observer_close(struct ps_observer *o);      /* accepts NULL */
void ps_observation_free(struct ps_observation *n); /* accepts NULL */

#endif
