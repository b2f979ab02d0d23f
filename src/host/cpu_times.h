/* How busy each CPU is. Paths are below `root`, as in host.h. */
#ifndef PS_CPU_TIMES_H
#define PS_CPU_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* Jiffies of /proc/stat, summed since boot. */
struct ps_cpu_times {
    unsigned count;  /* highest CPU number + 1 */
    uint64_t *busy;  /* user + nice + system + irq + softirq + steal */
    uint64_t *total; /* with idle and iowait; 0 for a CPU that is not there */
    uint64_t steal;  /* all CPUs */
    uint64_t all;    /* total of all CPUs */
    /* Of our cgroup and those above it, summed over CPUs; 0 where not known. */
    uint64_t throttled_ns;
};

/* Guest time is part of user and nice. A negative errno where /proc/stat is missing or is none:
 * load is then not known, which need not stop a measurement. */
int ps_cpu_times_read(struct ps_arena *a, const char *root, struct ps_cpu_times *t);

/* The share of `seconds`, between two readings, in which a CPU was busy. The columns are no measure
 * of the time: those of an idle CPU may stand still. NaN where it is not known, as in less than
 * PS_CPU_BUSY_LEAST. */
#define PS_CPU_BUSY_LEAST 0.05 /* s */
double ps_cpu_busy(const struct ps_cpu_times *from, const struct ps_cpu_times *to, unsigned cpu,
                   double seconds);
/* Whether a machine whose CPUs were busy for these shares (NaN: not known) of `seconds` was busy:
 * *share is that of all, of which the lower end of the interval must be above 0 (what is counted is
 * ticks), and the share itself above `least`. */
bool ps_cpus_were_busy(const double *shares, size_t count, double seconds, double least,
                       double *share);

#endif
