/* process_tree/: a process and its descendants, seen from outside in /proc. Here are looks at their
 * threads; thread_use.h judges them, and runtimes.h tells what the processes have loaded.
 *
 * How many threads of a process tree want a CPU at once, and where they run, seen by looking at
 * /proc every few milliseconds. Costs 50 to 100 us a look: for executions that are not timed, or at
 * long intervals. Runs in containers and without privileges. */
#ifndef PS_THREAD_SAMPLER_H
#define PS_THREAD_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PS_THREAD_SAMPLER_MOST     4096 /* threads, and processes, of a look; then `truncated` */
#define PS_THREAD_SAMPLER_SLOTS    8192 /* threads whose CPU time is kept */
#define PS_THREAD_SAMPLER_MIN_SEEN 8    /* looks; with fewer nothing is said */

/* A thread, by its last look. */
struct ps_thread_seen {
    pid_t tid;  /* 0: none */
    bool first; /* of its process */
    uint64_t cpu_ns;
};

struct ps_thread_sampler {
    size_t looks; /* that found a thread alive; those far apart count for as many as lie between */
    /* Looks by the number of threads running or runnable, and by that in any state but dead; and
     * those, each as one. */
    size_t seen[PS_THREAD_SAMPLER_MOST + 1], alive_seen[PS_THREAD_SAMPLER_MOST + 1];
    size_t seen_taken[PS_THREAD_SAMPLER_MOST + 1], alive_taken[PS_THREAD_SAMPLER_MOST + 1];
    size_t most_alive;
    /* Looks that saw one thread running alone, and another one than an `interval` before; and
     * those, each as one. */
    size_t turns, turns_taken;
    size_t outside; /* looks in which one ran outside `cpus` */
    bool truncated;
    size_t taken, weight; /* looks of this execution, each at its time; what one counts for */
    pid_t alone;          /* the last that ran alone; 0: none lately */
    bool again;           /* the next look is a second one, for turns alone */
    struct ps_thread_seen
        threads[PS_THREAD_SAMPLER_SLOTS]; /* of this execution, by a hash of the id */
    size_t thread_count;
    /* CPU time of the busiest thread of each execution, of the second, ..., summed. */
    uint64_t ranks[PS_THREAD_SAMPLER_MOST];
    size_t rank_count;
    uint64_t later_ns;          /* CPU time of those that are not the first of their process */
    uint64_t first_ns, last_ns; /* of the looks at this execution */
    uint64_t looked_ns;         /* between them, summed over the executions */
    unsigned runtimes;          /* of what the processes have loaded: bits by enum ps_runtime */
    const int *cpus;            /* that the tree was given; NULL: any */
    size_t cpu_count;
    double interval; /* s between looks; the fitting ps_child_watch_fn returns it */
};

void ps_thread_sampler_init(struct ps_thread_sampler *c, const int *cpus, size_t cpu_count,
                            double interval);
/* A ps_child_watch_fn on a struct ps_thread_sampler *: one look at the trees below the pids, at
 * /proc/PID/task/TID/{stat,children}. State R counts, on a CPU or waiting for one. What begins or
 * ends meanwhile may be missed, and all but the pids themselves where the kernel has no `children`
 * (CONFIG_PROC_CHILDREN). */
double ps_thread_sampler_sample(void *thread_sampler, const pid_t *pids, size_t count);
/* An execution has ended: another one has other threads. */
void ps_thread_sampler_end(struct ps_thread_sampler *c);

#endif
