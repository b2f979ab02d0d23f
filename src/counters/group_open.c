#include "group_open.h"

#include <unistd.h>

#include "ticks.h"

/* The memory is shared with processes where the same addresses may be something else. */
static void unmap_pages(struct ps_counter_group *g)
{
    const struct ps_perf *p = &g->counters->perf;

    for (size_t i = 0; i < PS_MAX_EVENTS; i++) {
        if (g->pages[i] && g->mapper == getpid())
            p->unmap(p->arg, g->pages[i]);
        g->pages[i] = NULL;
    }
}

void group_close(struct ps_counter_group *g)
{
    if (g->mapper)
        unmap_pages(g);
    g->mapper = 0;
    while (g->fd_count > 0)
        close(g->fds[--g->fd_count]);
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

static int open_set(struct ps_counter_group *g, const struct ps_event_set *set)
{
    const struct ps_counters *c = g->counters;

    for (size_t i = set->first; i < set->first + set->count; i++) {
        struct perf_event_attr attr = c->attrs[c->order[i]];
        const bool leader = i == set->first;
        int fd;

        attr.disabled = leader;
        attr.pinned = leader && set->pinned && !g->unpinned;
        fd = c->perf.open(c->perf.arg, &attr, leader ? -1 : g->fds[set->first]);
        if (fd < 0)
            return fd;
        g->fds[g->fd_count++] = fd;
    }
    return 0;
}

static int open_events(struct ps_counter_group *g)
{
    int err = 0;

    for (size_t s = 0; s < g->counters->set_count && err == 0; s++)
        err = open_set(g, &g->counters->sets[s]);
    return err;
}

/* Leaders start last: a member that joins a leader already counting would count only from the
 * thread's next context switch on. */
static int start_sets(struct ps_counter_group *g)
{
    const struct ps_counters *c = g->counters;
    int err = 0;

    for (size_t s = 0; s < c->set_count && err == 0; s++)
        err = c->perf.start(c->perf.arg, g->fds[c->sets[s].first]);
    return err;
}

/* All or nothing of a set: one that can't be mapped is read by system calls. */
static void map_set(struct ps_counter_group *g, const struct ps_event_set *set)
{
    const struct ps_perf *p = &g->counters->perf;

    g->mapper = getpid();
    for (size_t i = set->first; i < set->first + set->count; i++) {
        g->pages[i] = p->map(p->arg, g->fds[i]);
        if (g->pages[i])
            continue;
        while (i-- > set->first) {
            p->unmap(p->arg, g->pages[i]);
            g->pages[i] = NULL;
        }
        return;
    }
}

static void map_sets(struct ps_counter_group *g)
{
    const struct ps_counters *c = g->counters;

    for (size_t s = 0; s < c->set_count && c->user_reads; s++) {
        if (c->sets[s].hardware)
            map_set(g, &c->sets[s]);
    }
}

int group_open(struct ps_counter_group *g)
{
    group_close(g);
    g->owner = self();
    g->switches_known = false;
    g->open_error = open_events(g);
    return g->open_error;
}

int group_start(struct ps_counter_group *g)
{
    if (!g->open_error)
        g->open_error = start_sets(g);
    /* All or none: without its counters a thread still has its CPU time. */
    if (g->open_error)
        group_close(g);
    else
        map_sets(g);
    return g->open_error;
}

void group_adopt(struct ps_counter_group *g)
{
    const struct identity who = self();

    if (owns(&who, g))
        return;
    group_open(g);
    group_start(g);
}
