#include "counters.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "perf.h"
#include "ticks.h"

#define NOT_COUNTED "not counted (-e none)"

static bool has_event(const struct ps_counters *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->events[i].name, name) == 0)
            return true;
    }
    return false;
}

static int add_event(struct ps_counters *c, const char *name, bool user_asked, struct ps_err *e)
{
    struct perf_event_attr attr;
    int r;

    if (has_event(c, name))
        return 0;
    if (c->count == PS_MAX_EVENTS)
        return ps_fail(e, E2BIG, "more than %d events besides the defaults",
                       PS_MAX_EVENTS - PS_DEFAULT_EVENTS);
    r = ps_event_resolve(name, &attr, e);
    if (r < 0)
        return r;
    attr.read_format =
        PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    c->attrs[c->count] = attr;
    c->events[c->count++] = (struct ps_event){
        .name = name,
        .user_asked = user_asked,
        .nonzero = ps_perf_nonzero(&attr),
    };
    return 0;
}

static int add_events(struct ps_counters *c, struct ps_arena *a, const char *const *extra,
                      size_t extra_count, struct ps_err *e)
{
    int r = 0;

    for (size_t i = 0; i < PS_DEFAULT_EVENTS && r == 0; i++)
        r = add_event(c, ps_event_defaults[i].name, false, e);
    for (size_t i = 0; i < extra_count && r == 0; i++)
        r = add_event(c, ps_arena_copy(a, extra[i]), true, e);
    return r;
}

static void set_unavailable(struct ps_event *event, const char *reason)
{
    event->state = PS_COUNT_UNAVAILABLE;
    event->reason = reason;
}

/* Why an event that did not open beside the others is missing. */
static const char *explain_alone(struct ps_counters *c, size_t i, struct ps_arena *a)
{
    int fd = ps_perf_open(&c->perf, &c->attrs[i], -1);

    if (fd >= 0) {
        close(fd);
        return "does not fit beside the others in one group";
    }
    return ps_perf_explain(&c->perf, &c->attrs[i], -fd, a);
}

/* Opens event i in the group of `leader` (-1: as the leader). The descriptor or -1. */
static int try_event(struct ps_counters *c, size_t i, int leader, struct ps_arena *a)
{
    const bool user_wanted = c->attrs[i].exclude_kernel;
    int fd = ps_perf_open(&c->perf, &c->attrs[i], leader);

    if (fd < 0) {
        set_unavailable(&c->events[i], leader < 0 ? ps_perf_explain(&c->perf, &c->attrs[i], -fd, a)
                                                  : explain_alone(c, i, a));
        return -1;
    }
    if (c->attrs[i].exclude_kernel && !user_wanted && !ps_perf_clock(&c->attrs[i])) {
        c->events[i].state = PS_COUNT_USER_ONLY;
        c->events[i].reason =
            c->perf.paranoid == PS_PARANOID_UNKNOWN
                ? "the kernel does not permit this user to count inside it"
                : ps_arena_format(a,
                                  "perf_event_paranoid %d hides the kernel's share from this user",
                                  c->perf.paranoid);
    }
    return fd;
}

/* Opens all on the calling thread, as each group will on its own, and leaves out what fails. */
static void try_events(struct ps_counters *c, struct ps_arena *a)
{
    int fds[PS_MAX_EVENTS];

    for (size_t i = 0; i < c->count; i++) {
        int fd = try_event(c, i, c->open_count ? fds[0] : -1, a);

        if (fd < 0)
            continue;
        fds[c->open_count] = fd;
        c->order[c->open_count++] = i;
    }
    /* Members before their leader: a leader that goes first leaves them as groups of their own. */
    for (size_t i = c->open_count; i-- > 0;)
        close(fds[i]);
}

static bool is_hardware(const struct perf_event_attr *attr)
{
    return attr->type != PERF_TYPE_SOFTWARE && attr->type != PERF_TYPE_TRACEPOINT;
}

/* A hardware event of a hybrid CPU belongs to one kind of core, and holds its whole group there. */
static void mark_one_kind(struct ps_counters *c)
{
    bool hardware = false;

    for (size_t i = 0; i < c->open_count; i++)
        hardware |= is_hardware(&c->attrs[c->order[i]]);
    for (size_t i = 0; i < c->open_count; i++)
        c->events[c->order[i]].one_kind = hardware && c->perf.pmu == PS_PMU_HYBRID;
}

static ptrdiff_t find_switches(const struct ps_counters *c)
{
    for (size_t i = 0; i < c->open_count; i++) {
        const struct perf_event_attr *attr = &c->attrs[c->order[i]];

        if (attr->type == PERF_TYPE_SOFTWARE && attr->config == PERF_COUNT_SW_CONTEXT_SWITCHES)
            return (ptrdiff_t)i;
    }
    return -1;
}

/* Cycles and instructions stand first among the defaults. */
static const char *diagnose(const struct ps_counters *c)
{
    for (size_t i = 0; i < 2; i++) {
        if (c->events[i].state == PS_COUNT_UNAVAILABLE)
            return c->events[i].reason;
    }
    return NULL;
}

int ps_counters_open_with(const struct ps_perf *perf, struct ps_arena *a, const char *const *extra,
                          size_t extra_count, bool none, struct ps_counters **c, struct ps_err *e)
{
    struct ps_counters *n = ps_arena_alloc(a, sizeof(*n));
    int r;

    n->perf = *perf;
    r = add_events(n, a, extra, extra_count, e);
    if (r < 0)
        return r;
    for (size_t i = 0; none && i < n->count; i++)
        set_unavailable(&n->events[i], NOT_COUNTED);
    if (!none)
        try_events(n, a);
    mark_one_kind(n);
    n->switches = find_switches(n);
    n->diagnosis = diagnose(n);
    *c = n;
    return 0;
}

int ps_counters_open(struct ps_arena *a, const char *const *extra, size_t extra_count, bool none,
                     struct ps_counters **c, struct ps_err *e)
{
    struct ps_perf perf;

    ps_perf_init(&perf);
    return ps_counters_open_with(&perf, a, extra, extra_count, none, c, e);
}

size_t ps_counters_events(const struct ps_counters *c, const struct ps_event **events)
{
    *events = c->events;
    return c->count;
}

bool ps_counters_any(const struct ps_counters *c)
{
    return c->open_count > 0;
}

const char *ps_counters_diagnosis(const struct ps_counters *c)
{
    return c->diagnosis;
}

const char *ps_count_doubt(const struct ps_event *event, const struct ps_counts *counts, size_t i)
{
    if (event->state == PS_COUNT_UNAVAILABLE)
        return event->reason;
    if (counts->enabled_ns == 0)
        return "no interval was counted";
    if (counts->running_ns == 0)
        return "it never got onto the PMU";
    if (event->one_kind && counts->running_ns < counts->enabled_ns)
        return "the thread also ran on cores of another kind, which this event does not count";
    if (event->nonzero && counts->value[i] == 0)
        return "it reads 0 although the thread ran: this machine does not really count it";
    return NULL;
}

static int compare_ns(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

double ps_counters_read_cost(const struct ps_counters *c)
{
    enum { WARM_UP = 5, PAIRS = 41 };
    struct ps_counter_group *g;
    uint64_t ns[PAIRS];
    int error;

    if (!ps_counters_any(c) || ps_group_create(c, &g) < 0)
        return NAN;
    for (int i = -WARM_UP; i < PAIRS; i++) {
        uint64_t start = ps_now_ns();

        ps_group_begin(g);
        ps_group_end(g);
        ns[i < 0 ? 0 : i] = ps_now_ns() - start;
    }
    error = ps_group_error(g);
    ps_group_destroy(g);
    if (error)
        return NAN;
    qsort(ns, PAIRS, sizeof(ns[0]), compare_ns);
    return (double)ns[PAIRS / 2] / 2 * 1e-9;
}
