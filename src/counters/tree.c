#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core_kinds.h"
#include "event_sets.h"

/*
 * When the kernel switches between a task and its child, whose events are all inherited, it swaps
 * their whole contexts, as they count the same. Our own events, which are to stay with us disabled,
 * would go to a child that way, be enabled by its exec, and end with it. An event that is not
 * inherited makes the contexts differ, so each one has such a twin, which never counts: events of
 * different kinds may be in contexts of their own.
 */
struct ps_tree_counter {
    const struct ps_counters *counters;
    struct ps_perf perf;
    pid_t pid;
    struct {
        int fd, twin; /* -1: not open */
    } events[PS_MAX_EVENTS];
};

/* What read() gives for an event alone with PERF_FORMAT_TOTAL_TIME_ENABLED | TOTAL_TIME_RUNNING. */
struct record {
    uint64_t value, enabled, running;
};

/* A descriptor or a negative errno. Members of a group count whenever their leader does. */
static int open_event(const struct ps_tree_counter *t, size_t i, bool inherit, int leader)
{
    struct perf_event_attr attr = t->counters->attrs[i];

    attr.disabled = leader < 0;
    attr.inherit = inherit;
    attr.enable_on_exec = inherit && leader < 0;
    attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return t->perf.open(t->perf.arg, &attr, leader);
}

static void open_pair(struct ps_tree_counter *t, size_t i, int leader)
{
    int twin = open_event(t, i, false, -1), fd;

    if (twin < 0)
        return;
    fd = open_event(t, i, true, leader);
    if (fd < 0 && leader >= 0)
        fd = open_event(t, i, true, -1);
    if (fd < 0) {
        close(twin);
        return;
    }
    t->events[i].fd = fd;
    t->events[i].twin = twin;
}

static bool is_told_by_wait(const struct ps_counters *c, size_t i)
{
    return c->wish[i] == PS_WISH_DEFAULT && ps_attr_clock(&c->attrs[i]);
}

static void open_set(struct ps_tree_counter *t, const struct ps_event_set *set)
{
    int leader = -1;

    for (size_t k = set->first; k < set->first + set->count; k++) {
        const size_t i = t->counters->order[k];
        const bool hardware = ps_attr_hardware(&t->counters->attrs[i]);

        if (is_told_by_wait(t->counters, i))
            continue;
        open_pair(t, i, hardware ? leader : -1);
        if (hardware && leader < 0)
            leader = t->events[i].fd;
    }
}

int ps_tree_create(const struct ps_counters *c, pid_t starter, struct ps_tree_counter **t)
{
    struct ps_tree_counter *n = malloc(sizeof *n);

    if (!n)
        return -ENOMEM;
    n->counters = c;
    n->perf = c->perf;
    n->pid = starter;
    if (starter)
        n->perf.arg = &n->pid;
    for (size_t i = 0; i < PS_MAX_EVENTS; i++)
        n->events[i].fd = n->events[i].twin = -1;
    for (size_t i = 0; i < c->set_count; i++)
        open_set(n, &c->sets[i]);
    *t = n;
    return 0;
}

void ps_tree_destroy(struct ps_tree_counter *t)
{
    if (!t)
        return;
    for (size_t i = PS_MAX_EVENTS; i-- > 0;) {
        if (t->events[i].fd < 0)
            continue;
        close(t->events[i].fd);
        close(t->events[i].twin);
    }
    free(t);
}

static int read_event(const struct ps_perf *p, int fd, struct record *r)
{
    ssize_t n = p->read(p->arg, fd, r, sizeof *r);

    if (n < 0)
        return (int)n;
    return (size_t)n == sizeof *r ? 0 : -EIO;
}

int ps_tree_read(struct ps_tree_counter *t, struct ps_tree_counts *out)
{
    struct ps_tree_counts counts = {0};

    for (size_t i = 0; i < t->counters->count; i++) {
        struct record record;
        int err;

        if (t->events[i].fd < 0)
            continue;
        err = read_event(&t->counters->perf, t->events[i].fd, &record);
        if (err < 0)
            return err;
        counts.value[i] = record.value;
        counts.enabled_ns[i] = record.enabled;
        counts.running_ns[i] = record.running;
    }
    *out = counts;
    return 0;
}

struct ps_counts ps_tree_between(const struct ps_tree_counter *t, const struct ps_tree_counts *from,
                                 const struct ps_tree_counts *to)
{
    const struct ps_counters *c = t->counters;
    struct ps_counts out = {.reads = 2};

    for (size_t i = 0; i < c->count; i++) {
        out.value[i] = to->value[i] - from->value[i];
        out.enabled_ns[i] = to->enabled_ns[i] - from->enabled_ns[i];
        out.running_ns[i] = to->running_ns[i] - from->running_ns[i];
        out.kinds_ns += (ptrdiff_t)i == c->witness ? out.enabled_ns[i] : 0;
    }
    ps_counts_settle(c, &out);
    return out;
}
