/* Who is on a CPU when: records of switches folded while they come, in constant memory but for the
 * threads and the longest stretches. */
#ifndef PS_TIMELINE_H
#define PS_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "doing.h"
#include "ends.h"
#include "record.h"
#include "strip.h"

#define PS_TIMELINE_MOST      1024 /* threads at once that are told apart; more count as so many */
#define PS_TIMELINE_STRETCHES 16   /* the longest that are kept */
#define PS_TIMELINE_BRIEF_NS  200000 /* that are mostly over when somebody comes to look */
#define PS_TIMELINE_THREADS   4096   /* of which something is kept each; then all others together */

struct ps_timeline_thread {
    pid_t pid, tid;
    char name[16];                             /* the last one */
    uint64_t born, died;                       /* ns since the beginning; died 0: did not */
    uint64_t on_cpu, runnable, blocked, alone; /* ns; runnable: waiting for a CPU, as far as it can
                                                  be seen (preempted, born and not yet run) */
    uint64_t switches;
    pid_t parent; /* process that started it; 0: not known */
};

/* What a thread did from one time to another, ns of CLOCK_MONOTONIC. */
struct ps_slice {
    pid_t pid, tid;
    enum ps_doing doing;
    uint64_t from, to;
};

/* Who is told what the timeline is made of, while it is folded. Times are of CLOCK_MONOTONIC. */
struct ps_timeline_listener {
    void (*slice)(void *arg, const struct ps_slice *s);                         /* it ended */
    void (*stretch)(void *arg, const struct ps_stretch *s, const char *thread); /* likewise */
    void (*running)(void *arg, uint64_t time, size_t running); /* as many run from then on */
    void *arg;
};

struct ps_timeline {
    const struct ps_timeline_listener *listener; /* NULL: none; set by the caller after init */
    uint64_t begin, end;                         /* ns, CLOCK_MONOTONIC: first and last record */
    uint64_t running_ns[PS_TIMELINE_MOST + 1];   /* by the number of threads on a CPU */
    uint64_t runnable_ns[PS_TIMELINE_MOST + 1];  /* by the number that wait for one */
    uint64_t alive_ns[PS_TIMELINE_MOST + 1];     /* by the number of threads that exist */
    unsigned cpus;         /* that it may use at once; set before the first record, 0: not known */
    uint64_t displaced_ns; /* of CPU time that preempted threads missed while fewer than `cpus` ran:
                              others had those CPUs */
    uint64_t alone_ns;     /* while exactly one ran, and others kept none from running beside it */
    uint64_t crowded_ns; /* while more of its threads wanted a CPU than that: they drive each other
                            off, and what others took is not known */
    uint64_t brief_ns;   /* blocked, in waits of less than PS_TIMELINE_BRIEF_NS, in sum */
    struct ps_strip strip; /* how many ran when */
    uint64_t switches, births, processes, execs, lost;
    size_t most_alive;
    struct ps_stretch stretches[PS_TIMELINE_STRETCHES]; /* longest first */
    size_t stretch_count;
    struct ps_timeline_thread *threads; /* in the order of birth */
    size_t thread_count;
    bool truncated;  /* there were more threads: the last one, without a tid, is all of those */
    uint64_t others; /* as many */
    size_t running, runnable, alive; /* now */
    struct ps_timeline_state *state; /* by thread id; internal */
};

/* -ENOMEM. */
int ps_timeline_init(struct ps_timeline *t);
void ps_timeline_free(struct ps_timeline *t);
/* In the order of time. SAMPLE, FAULT, MAPPING and THROTTLED change nothing. A thread that is first
 * seen by something other than its birth is taken as it is (the command itself begins with its
 * EXEC, on a CPU); an IN of one that ran already, or an OUT of one that did not, mends the count.
 * Who exits and is known to be gone later runs until then. */
void ps_timeline_take(struct ps_timeline *t, const struct ps_record *r);
/* After the last record: closes what is open. */
void ps_timeline_end(struct ps_timeline *t);
/* Who shows when a task that exits is gone: of the last one of its process, which goes on until
 * then, and takes its CPU. */
enum ps_end_shown ps_timeline_end_shown(const struct ps_timeline *t, const struct ps_record *exit);
/* One that exists now. NULL: not known. */
const struct ps_timeline_thread *ps_timeline_find(const struct ps_timeline *t, pid_t tid);
/* What it does now; PS_BLOCKED where it is not known. */
enum ps_doing ps_timeline_doing(const struct ps_timeline *t, pid_t tid);
/* Threads that lost CPUs which could be theirs, now. */
size_t ps_timeline_displaced(const struct ps_timeline *t);
/* Whether exactly one is at work now: on a CPU, or kept from it by others. */
bool ps_timeline_alone(const struct ps_timeline *t);
/* ns of CPU time of a process, of all threads that it has and had, until `time`, before which no
 * record is to come. */
uint64_t ps_timeline_cpu_ns(const struct ps_timeline *t, pid_t pid, uint64_t time);
/* Whether it is on a CPU now. */
bool ps_timeline_runs(const struct ps_timeline *t, pid_t tid);

#endif
