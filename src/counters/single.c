#include "single.h"

#include <math.h>
#include <unistd.h>

#include "event_sets.h"
#include "group.h"

/* Cycles stand first among the defaults. */
double ps_counters_hz(const struct ps_counters *c, void (*work)(void *arg), void *arg)
{
    struct ps_counter_group *g;
    const struct ps_counts *counts;
    double hz = NAN;

    if (c->events[0].state == PS_COUNT_UNAVAILABLE || ps_group_create(c, &g) < 0)
        return NAN;
    ps_group_begin(g);
    work(arg);
    ps_group_end(g);
    counts = ps_group_counts(g);
    if (!ps_group_error(g) && !ps_count_doubt(&c->events[0], counts, 0) && counts->cpu_ns > 0)
        hz = ps_count_scaled(&c->events[0], counts, 0) / ((double)counts->cpu_ns * 1e-9);
    ps_group_destroy(g);
    return hz;
}

int ps_counters_try(const struct ps_counters *c, size_t event)
{
    struct perf_event_attr attr = c->attrs[event];
    int fd = ps_perf_open(&c->perf, &attr, -1);

    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}
