#include "cpu_times.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cgroup.h"
#include "stats.h"
#include "sysfile.h"

/* The columns of /proc/stat; guest and guest_nice, which follow, are counted in user and nice
 * already. Old kernels lack the last ones. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, COLUMNS };

#define TICKS 100.0 /* a second, of /proc/stat: USER_HZ */

enum { CPU_LIMIT = 65536 };

struct jiffies {
    uint64_t busy, total, steal;
};

static struct jiffies parse_columns(const char *at)
{
    uint64_t column[COLUMNS] = {0};
    struct jiffies j;

    for (unsigned i = 0; i < COLUMNS && ps_sysfile_number(&at, &column[i]); i++)
        ;
    j.busy = column[USER] + column[NICE] + column[SYSTEM] + column[IRQ] + column[SOFTIRQ] +
             column[STEAL];
    j.total = j.busy + column[IDLE] + column[IOWAIT];
    j.steal = column[STEAL];
    return j;
}

static void set_cpu(struct ps_arena *a, struct ps_cpu_times *t, uint64_t cpu, struct jiffies j)
{
    while (t->count <= cpu) {
        t->busy = ps_arena_grow(a, t->busy, t->count, sizeof *t->busy);
        t->total = ps_arena_grow(a, t->total, t->count, sizeof *t->total);
        t->busy[t->count] = t->total[t->count] = 0;
        t->count++;
    }
    t->busy[cpu] = j.busy;
    t->total[cpu] = j.total;
}

/* "cpu  1 2 3 ..." for all, "cpu12 1 2 3 ..." for one. False for any other line. */
static bool add_line(struct ps_arena *a, struct ps_cpu_times *t, const char *line)
{
    const char *at = line + 3;
    struct jiffies j;
    uint64_t cpu;

    if (strncmp(line, "cpu", 3) != 0)
        return false;
    if (ps_sysfile_number(&at, &cpu)) {
        if (cpu < CPU_LIMIT)
            set_cpu(a, t, cpu, parse_columns(at));
        return true;
    }
    at += strspn(at, " ");
    j = parse_columns(at);
    t->steal = j.steal;
    t->all = j.total;
    return true;
}

int ps_cpu_times_read(struct ps_arena *a, const char *root, struct ps_cpu_times *t)
{
    FILE *f = ps_sysfile_open(root, "/proc/stat");
    struct ps_cpu_times read = {0};
    struct ps_cgroup_cpu cgroup;
    char line[512];

    if (!f)
        return -ENOENT;
    while (ps_sysfile_next(f, line, sizeof line) && add_line(a, &read, line))
        ;
    fclose(f);
    if (read.count == 0 || read.all == 0)
        return -EINVAL;
    ps_cgroup_cpu_read(root, &cgroup);
    read.throttled_ns = cgroup.throttled_ns;
    *t = read;
    return 0;
}

double ps_cpu_busy(const struct ps_cpu_times *from, const struct ps_cpu_times *to, unsigned cpu,
                   double seconds)
{
    const double ticks = seconds * TICKS;

    if (from->count != to->count || cpu >= to->count || !to->total[cpu] ||
        seconds < PS_CPU_BUSY_LEAST)
        return NAN;
    return fmin(1, (double)(to->busy[cpu] - from->busy[cpu]) / ticks);
}

/* A count of n ticks is uncertain by its root. */
bool ps_cpus_were_busy(const double *shares, size_t count, double seconds, double least,
                       double *share)
{
    size_t known;
    double ticks;

    *share = ps_known_mean(shares, count, &known);
    ticks = *share * (double)known * seconds * TICKS;
    return *share > least && ticks - 1.96 * sqrt(ticks) > 0;
}
