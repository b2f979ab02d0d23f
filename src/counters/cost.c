#include "cost.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "perf.h"
#include "ticks.h"

enum { TRIES = 9 };

static int compare_ns(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static double median(uint64_t *ns)
{
    qsort(ns, TRIES, sizeof *ns, compare_ns);
    return (double)ns[TRIES / 2] * 1e-9;
}

/* Opens all events as one group whose leader does not count yet; how many, the rest being closed
 * again where one fails. */
static size_t open_group(const struct ps_counters *c, int *fds)
{
    for (size_t i = 0; i < c->open_count; i++) {
        struct perf_event_attr attr = c->attrs[c->order[i]];

        attr.disabled = i == 0;
        fds[i] = c->perf.open(c->perf.arg, &attr, i ? fds[0] : -1);
        if (fds[i] >= 0)
            continue;
        while (i-- > 0)
            close(fds[i]);
        return 0;
    }
    return c->open_count;
}

void ps_counters_costs(const struct ps_counters *c, struct ps_counter_costs *out)
{
    uint64_t opens[TRIES], enables[TRIES];

    *out = (struct ps_counter_costs){NAN, NAN, ps_counters_read_cost(c)};
    for (int i = 0; i < TRIES; i++) {
        int fds[PS_MAX_EVENTS];
        const uint64_t start = ps_now_ns();
        const size_t count = open_group(c, fds);
        const uint64_t opened = ps_now_ns();
        uint64_t enabled;

        if (count == 0)
            return;
        c->perf.start(c->perf.arg, fds[0]);
        enabled = ps_now_ns();
        for (size_t j = count; j-- > 0;)
            close(fds[j]);
        enables[i] = enabled - opened;
        opens[i] = ps_now_ns() - start - enables[i];
    }
    out->open = median(opens);
    out->enable = median(enables);
}

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
        hz = (double)counts->value[0] * (double)counts->enabled_ns / (double)counts->running_ns /
             ((double)counts->cpu_ns * 1e-9);
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
