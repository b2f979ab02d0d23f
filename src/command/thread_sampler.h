/* How many threads of a process tree want a CPU at once, and where they run, seen by looking at
 * /proc every few milliseconds. Costs 50 to 100 us a look: for executions that are not timed, or at
 * long intervals. Runs in containers and without privileges. */
#ifndef PS_THREAD_SAMPLER_H
#define PS_THREAD_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PS_THREAD_SAMPLER_MOST                                                                    \
    4096                             /* threads, and processes, looked at; beyond it, `truncated` \
                                      */
#define PS_THREAD_SAMPLER_MIN_SEEN 8 /* looks; with fewer nothing is said */

struct ps_thread_sampler {
    size_t looks; /* that found a thread alive */
    size_t
        seen[PS_THREAD_SAMPLER_MOST + 1]; /* looks by the number of threads running or runnable */
    size_t most_alive;                    /* threads, in any state but dead */
    size_t outside;                       /* looks in which one ran outside `cpus` */
    bool truncated;
    const int *cpus; /* that the tree was given; NULL: any */
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
/* The largest number that at least 5 % of the looks that saw any (and at least two) reach or
 * exceed; 0 where there were fewer than PS_THREAD_SAMPLER_MIN_SEEN looks. */
size_t ps_thread_sampler_threads(const struct ps_thread_sampler *c);

#endif
