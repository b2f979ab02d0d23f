/* How long the threads of a built-in workload were runnable without a CPU: the second field of
 * /proc/self/task/TID/schedstat, in ns. Reading an open descriptor takes about 1 us a thread, once
 * before and once after the timed part, where all threads sleep. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "schedstat.h"
#include "source.h"

#define NO_SLOT UINT_MAX

/* A descriptor for each thread, however many targets it works for. */
struct file {
    pid_t tid;
    int fd;
};

struct files {
    struct ps_arena *arena;
    struct file *items;
    size_t count;
};

struct thread {
    int fd;
    unsigned slot; /* NO_SLOT: of none that is known */
    struct ps_schedstat before;
};

struct state {
    struct ps_series *series;
    struct thread *threads;
    size_t count;
    bool others; /* nobody but other programs can have kept the threads waiting */
    bool failed;
};

static int fd_of(struct files *f, pid_t tid)
{
    char path[64];

    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].tid == tid)
            return f->items[i].fd;
    snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", (int)tid);
    f->items = ps_arena_grow(f->arena, f->items, f->count, sizeof *f->items);
    f->items[f->count] = (struct file){tid, open(path, O_RDONLY | O_CLOEXEC)};
    return f->items[f->count++].fd;
}

static void add_thread(struct session *s, struct state *st, struct files *f, pid_t tid,
                       unsigned slot)
{
    st->threads = ps_arena_grow(s->arena, st->threads, st->count, sizeof *st->threads);
    st->threads[st->count++] = (struct thread){.fd = fd_of(f, tid), .slot = slot};
}

/* In a process of its own a runtime has threads that are no members of the team. */
static void add_tasks(struct session *s, struct state *st, struct files *f)
{
    DIR *d = opendir("/proc/self/task");

    for (const struct dirent *entry; d && (entry = readdir(d));)
        if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != getpid())
            add_thread(s, st, f, atoi(entry->d_name), NO_SLOT);
    if (d)
        closedir(d);
}

static void add_members(struct session *s, struct target *t, struct state *st, struct files *f)
{
    const struct ps_team *team = t->counted_team->team;
    unsigned workers = t->plan->strategy->creates_threads ? 0 : t->instance->workers;

    for (unsigned i = 0; i < workers; i++)
        add_thread(s, st, f, ps_team_tid(team, i), i);
    if (t->plan->strategy->caller != PS_CALLER_WORKS)
        add_thread(s, st, f, ps_team_tid(team, t->counted_team->members), NO_SLOT);
}

static struct files *files_of(struct session *s, void **shared)
{
    if (!*shared) {
        struct files *f = ps_arena_alloc(s->arena, sizeof *f);

        f->arena = s->arena;
        *shared = f;
    }
    return *shared;
}

/* With a caller that runs beside the workers, or more workers than CPUs, the threads wait for each
 * other too; threads that live for one region are gone before they can be read. */
static bool waits_for_others_alone(const struct target *t)
{
    const struct ps_strategy *strategy = t->plan->strategy;

    return strategy->caller != PS_CALLER_WAITS && !strategy->creates_threads &&
           (double)t->plan->threads <= t->plan->p;
}

static void *open_threads(struct session *s, struct target *t, void **shared)
{
    struct files *f = files_of(s, shared);
    struct state *st;

    if (t->program)
        return NULL;
    st = ps_arena_alloc(s->arena, sizeof *st);
    st->series = t->series;
    st->others = waits_for_others_alone(t);
    if (t->plan->strategy->isolated)
        add_tasks(s, st, f);
    else
        add_members(s, t, st, f);
    return st;
}

static void begin(void *state)
{
    struct state *st = state;

    st->failed = !st->count;
    for (size_t i = 0; i < st->count; i++)
        st->failed |= !ps_schedstat_read(st->threads[i].fd, &st->threads[i].before);
}

static void end(void *state, double executions, double *raw)
{
    struct state *st = state;
    double sum = 0, others = 0, most = 0, wall = raw[PS_RAW_WALL] * executions * 1e9;

    for (size_t i = 0; i < st->count && !st->failed; i++) {
        const struct thread *t = &st->threads[i];
        struct ps_schedstat now;
        double beyond, delay;

        st->failed = !ps_schedstat_read(t->fd, &now);
        if (st->failed)
            break;
        delay = (double)(now.delay - t->before.delay);
        /* Waiting for the trial to begin is in the reading, and not in its time. */
        beyond = fmin(ps_schedstat_others(&t->before, &now), wall);
        sum += delay;
        others += beyond;
        most = fmax(most, beyond);
        if (t->slot < st->series->plan->threads)
            st->series->sums.workers[t->slot].run_delay += delay * 1e-9;
    }
    if (st->failed)
        return;
    raw[PS_RAW_RUN_DELAY] = sum * 1e-9 / executions;
    if (st->others) {
        raw[PS_RAW_OTHERS] = others * 1e-9 / executions;
        raw[PS_RAW_OTHERS_MOST] = most * 1e-9 / executions;
    }
}

static void close_files(void *shared)
{
    struct files *f = shared;

    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].fd >= 0)
            close(f->items[i].fd);
}

const struct source source_run_delay = {
    .open = open_threads,
    .begin = begin,
    .end = end,
    .close = close_files,
};
