/*
 * One perf_event group of one thread. It counts from its opening on and is never stopped: an
 * interval is the difference of two reads, because a read costs a quarter of what stopping and
 * starting costs.
 *
 * The CPU time of an interval is the growth of time_enabled, which for an event of a thread
 * advances only while the thread is on a CPU, also while the group waits for the PMU. The two kinds
 * of context switches are asked of getrusage() only after the group saw one.
 */
#include "counters.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cacheline.h"
#include "perf.h"
#include "ticks.h"

/* What read() gives for a group with PERF_FORMAT_GROUP | TOTAL_TIME_ENABLED | TOTAL_TIME_RUNNING:
 * the leader, then the others as they were opened. */
struct record {
    uint64_t count, enabled, running;
    uint64_t value[PS_MAX_EVENTS];
};

struct switches {
    uint64_t voluntary, involuntary;
};

struct moment {
    struct record record;
    struct switches switches;
    uint64_t cpu_ns;
};

/* A thread, unlike any other that lives or has lived: pthread_t and kernel ids are used again. */
struct identity {
    pthread_t thread;
    uint64_t born; /* ns, when the thread first came here; 0: nobody */
};

struct ps_counter_group {
    PS_ALIGNED const struct ps_counters *counters;
    struct identity owner;
    int fds[PS_MAX_EVENTS];
    size_t fd_count;
    bool started;
    int open_error, read_error; /* the first of each */
    struct moment start;
    /* The last getrusage(), and the record it was made at. */
    bool switches_known;
    struct switches switches;
    uint64_t switches_seen, switches_lag;
    struct ps_counts sums;
};

int ps_group_create(const struct ps_counters *c, struct ps_counter_group **g)
{
    /* Shared: the owner may be a thread of a process that is forked later. */
    struct ps_counter_group *n =
        mmap(NULL, sizeof(*n), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (n == MAP_FAILED)
        return -ENOMEM;
    n->counters = c;
    *g = n;
    return 0;
}

static void close_events(struct ps_counter_group *g)
{
    while (g->fd_count > 0)
        close(g->fds[--g->fd_count]);
}

void ps_group_destroy(struct ps_counter_group *g)
{
    if (!g)
        return;
    close_events(g);
    munmap(g, sizeof(*g));
}

static _Thread_local uint64_t born;

/* In the child of a fork(), whose thread is not the one that it looks like. */
static void forget_birth(void)
{
    born = 0;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forget_birth);
}

static struct identity self(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, watch_forks);
    if (!born)
        born = ps_now_ns();
    return (struct identity){pthread_self(), born};
}

static bool owns(const struct identity *who, const struct ps_counter_group *g)
{
    return g->owner.born == who->born && pthread_equal(g->owner.thread, who->thread);
}

/* The leader starts last: a member that joins a leader already counting would count only from the
 * thread's next context switch on. */
static int open_all(struct ps_counter_group *g)
{
    const struct ps_counters *c = g->counters;
    const struct ps_perf *p = &c->perf;

    for (size_t i = 0; i < c->open_count; i++) {
        struct perf_event_attr attr = c->attrs[c->order[i]];
        int fd;

        attr.disabled = i == 0;
        fd = p->open(p->arg, &attr, i ? g->fds[0] : -1);
        if (fd < 0)
            return fd;
        g->fds[g->fd_count++] = fd;
    }
    return g->fd_count ? p->start(p->arg, g->fds[0]) : 0;
}

static void adopt(struct ps_counter_group *g, const struct identity *who)
{
    close_events(g);
    g->owner = *who;
    g->switches_known = false;
    g->open_error = open_all(g);
    /* All or none: without its counters a thread still has its CPU time. */
    if (g->open_error)
        close_events(g);
}

static int read_record(struct ps_counter_group *g, struct record *r)
{
    const struct ps_perf *p = &g->counters->perf;
    const size_t size = offsetof(struct record, value) + g->fd_count * sizeof(r->value[0]);
    ssize_t n = p->read(p->arg, g->fds[0], r, sizeof(*r));

    if (n < 0)
        return (int)n;
    return (size_t)n == size && r->count == g->fd_count ? 0 : -EIO;
}

/* The switches up to the record. As long as the group has counted none, and has been on the PMU all
 * the time, the last answer stands. */
static struct switches count_switches(struct ps_counter_group *g, const struct record *r)
{
    const ptrdiff_t position = g->counters->switches;
    struct rusage usage;

    if (g->fd_count > 0 && position >= 0) {
        const uint64_t seen = r->value[position], lag = r->enabled - r->running;

        if (g->switches_known && g->switches_seen == seen && g->switches_lag == lag)
            return g->switches;
        g->switches_seen = seen;
        g->switches_lag = lag;
        g->switches_known = true;
    }
    if (getrusage(RUSAGE_THREAD, &usage) == 0)
        g->switches = (struct switches){(uint64_t)usage.ru_nvcsw, (uint64_t)usage.ru_nivcsw};
    return g->switches;
}

static int take(struct ps_counter_group *g, struct moment *m)
{
    if (g->fd_count > 0) {
        int r = read_record(g, &m->record);

        if (r < 0) {
            g->read_error = g->read_error ? g->read_error : r;
            return r;
        }
        g->sums.reads++;
        m->cpu_ns = m->record.enabled;
    } else {
        m->cpu_ns = ps_thread_cpu_ns();
    }
    m->switches = count_switches(g, &m->record);
    return 0;
}

void ps_group_begin(struct ps_counter_group *g)
{
    const struct identity who = self();

    if (!owns(&who, g))
        adopt(g, &who);
    g->started = take(g, &g->start) == 0;
}

static void add_record(struct ps_counter_group *g, const struct record *from,
                       const struct record *to)
{
    struct ps_counts *s = &g->sums;

    s->enabled_ns += to->enabled - from->enabled;
    s->running_ns += to->running - from->running;
    for (size_t i = 0; i < g->fd_count; i++)
        s->value[g->counters->order[i]] += to->value[i] - from->value[i];
}

void ps_group_end(struct ps_counter_group *g)
{
    struct moment now;

    if (!g->started)
        return;
    g->started = false;
    if (take(g, &now) < 0)
        return;
    if (g->fd_count > 0)
        add_record(g, &g->start.record, &now.record);
    g->sums.cpu_ns += now.cpu_ns - g->start.cpu_ns;
    g->sums.voluntary += now.switches.voluntary - g->start.switches.voluntary;
    g->sums.involuntary += now.switches.involuntary - g->start.switches.involuntary;
}

const struct ps_counts *ps_group_counts(const struct ps_counter_group *g)
{
    return &g->sums;
}

void ps_group_reset(struct ps_counter_group *g)
{
    g->sums = (struct ps_counts){0};
    g->read_error = 0;
}

int ps_group_error(const struct ps_counter_group *g)
{
    return g->open_error ? g->open_error : g->read_error;
}
