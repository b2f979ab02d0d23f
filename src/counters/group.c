/*
 * The events of one thread, set by set. They count from their opening on and are never stopped: an
 * interval is the difference of two reads, because a read costs a quarter of what stopping and
 * starting costs. Hardware counters that the thread may read itself are read without a system call,
 * last before the work and first after it.
 *
 * The CPU time of an interval is the growth of the first set's time_enabled, which for an event of
 * a thread advances only while the thread is on a CPU, also while the set waits for the PMU. The
 * two kinds of context switches are asked of getrusage() only after the first set saw one.
 */
#include "group.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "core_kinds.h"
#include "group_open.h"
#include "page.h"
#include "ticks.h"

/* What read() gives for a set with PERF_FORMAT_GROUP | TOTAL_TIME_ENABLED | TOTAL_TIME_RUNNING:
 * the leader, then the others as they were opened. */
struct record {
    uint64_t count, enabled, running;
    uint64_t value[PS_MAX_EVENTS];
};

int ps_group_create(const struct ps_counters *c, struct ps_counter_group **g)
{
    /* Shared: the owner may be a thread of a process that is forked later. */
    struct ps_counter_group *n =
        mmap(NULL, sizeof *n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (n == MAP_FAILED)
        return -ENOMEM;
    n->counters = c;
    *g = n;
    return 0;
}

void ps_group_destroy(struct ps_counter_group *g)
{
    if (!g)
        return;
    group_close(g);
    munmap(g, sizeof *g);
}

static bool read_pages(struct ps_counter_group *g, size_t set, struct moment *m)
{
    const struct ps_event_set *s = &g->counters->sets[set];

    if (!g->pages[s->first])
        return false;
    for (size_t i = s->first; i < s->first + s->count; i++) {
        struct ps_page_sample sample;

        if (!ps_page_read(&g->counters->perf, g->pages[i], &sample))
            return false;
        m->value[i] = sample.value;
        if (i == s->first) {
            m->enabled[set] = sample.enabled;
            m->running[set] = sample.running;
        }
    }
    return true;
}

/* A pinned set that is pushed off the PMU reads as the end of a file from then on: the next
 * interval opens all anew, without pinning. */
static int lost_the_pmu(struct ps_counter_group *g)
{
    g->unpinned = true;
    g->owner = (struct identity){.born = 0};
    return -ENODATA;
}

static int read_record(struct ps_counter_group *g, size_t set, struct moment *m)
{
    const struct ps_perf *p = &g->counters->perf;
    const struct ps_event_set *s = &g->counters->sets[set];
    const size_t size = offsetof(struct record, value) + s->count * sizeof m->value[0];
    struct record r;
    ssize_t n;

    n = p->read(p->arg, g->fds[s->first], &r, sizeof r);
    if (n < 0)
        return (int)n;
    if (n == 0 && s->pinned && !g->unpinned)
        return lost_the_pmu(g);
    if ((size_t)n != size || r.count != s->count)
        return -EIO;
    m->enabled[set] = r.enabled;
    m->running[set] = r.running;
    memcpy(&m->value[s->first], r.value, s->count * sizeof r.value[0]);
    return 0;
}

static int read_set(struct ps_counter_group *g, size_t set, struct moment *m)
{
    return read_pages(g, set, m) ? 0 : read_record(g, set, m);
}

/* The switches up to the moment. As long as the first set has counted none, and has been on the PMU
 * all the time, the last answer stands. */
static struct switches count_switches(struct ps_counter_group *g, const struct moment *m)
{
    const ptrdiff_t position = g->counters->switches;
    struct rusage usage;

    if (g->fd_count > 0 && position >= 0) {
        const uint64_t seen = m->value[position], lag = m->enabled[0] - m->running[0];

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

static int note_error(struct ps_counter_group *g, int err)
{
    g->read_error = g->read_error ? g->read_error : err;
    return err;
}

static int take_first(struct ps_counter_group *g, struct moment *m)
{
    if (g->fd_count > 0) {
        int err = read_set(g, 0, m);

        if (err < 0)
            return note_error(g, err);
        m->cpu_ns = m->enabled[0];
    } else {
        m->cpu_ns = ps_thread_cpu_ns();
    }
    m->switches = count_switches(g, m);
    return 0;
}

static int take_others(struct ps_counter_group *g, struct moment *m)
{
    for (size_t s = 1; s < g->counters->set_count && g->fd_count > 0; s++) {
        int err = read_set(g, s, m);

        if (err < 0)
            return note_error(g, err);
    }
    g->sums.reads += g->fd_count > 0;
    return 0;
}

void ps_group_begin(struct ps_counter_group *g)
{
    group_adopt(g);
    g->started = take_first(g, &g->start) == 0 && take_others(g, &g->start) == 0;
}

/* Times by the page and by read() may differ by a rounding. */
static uint64_t growth(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

static void add_set(struct ps_counter_group *g, size_t set, const struct moment *to)
{
    const struct ps_counters *c = g->counters;
    const struct moment *from = &g->start;
    const uint64_t enabled = growth(from->enabled[set], to->enabled[set]);
    const uint64_t running = growth(from->running[set], to->running[set]);
    const struct ps_event_set *s = &c->sets[set];

    for (size_t i = s->first; i < s->first + s->count; i++) {
        const size_t event = c->order[i];

        g->sums.value[event] += to->value[i] - from->value[i];
        g->sums.enabled_ns[event] += enabled;
        g->sums.kinds_ns += (ptrdiff_t)event == c->witness ? enabled : 0;
        g->sums.running_ns[event] += running < enabled ? running : enabled;
    }
}

void ps_group_end(struct ps_counter_group *g)
{
    struct moment now;

    if (!g->started)
        return;
    g->started = false;
    if (take_others(g, &now) < 0 || take_first(g, &now) < 0)
        return;
    g->sums.cpu_ns += now.cpu_ns - g->start.cpu_ns;
    for (size_t s = 0; s < g->counters->set_count && g->fd_count > 0; s++)
        add_set(g, s, &now);
    ps_counts_settle(g->counters, &g->sums);
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
