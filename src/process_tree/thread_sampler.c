#include "thread_sampler.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schedstat.h"
#include "ticks.h"

#include "runtimes.h"

#define MOST_PROCESSES 16 /* whose mappings are read in a look */
#define PROBES         32 /* of the table of threads, until one is given up */
#define AS_FAR_APART   32 /* looks, until they are twice as far apart: in 26 s they take 0.08 s */
#define FARTHEST       64 /* times as far apart, at most */

/* One look; the queue holds the processes still to be looked at, and those that were. */
struct look {
    struct ps_thread_sampler *thread_sampler;
    pid_t queue[PS_THREAD_SAMPLER_MOST];
    size_t queued;
    size_t alive, running;
    pid_t process; /* that is looked at */
    pid_t runs;    /* one of those that do */
    bool outside, truncated;
};

void ps_thread_sampler_init(struct ps_thread_sampler *c, const int *cpus, size_t cpu_count,
                            double interval)
{
    *c = (struct ps_thread_sampler){
        .cpus = cpus, .cpu_count = cpu_count, .interval = interval, .weight = 1};
}

static void enqueue(struct look *l, pid_t pid)
{
    if (l->queued < PS_THREAD_SAMPLER_MOST)
        l->queue[l->queued++] = pid;
    else
        l->truncated = true;
}

static bool is_given(const struct ps_thread_sampler *c, int cpu)
{
    for (size_t i = 0; i < c->cpu_count; i++) {
        if (c->cpus[i] == cpu)
            return true;
    }
    return !c->cpus;
}

/* Field n, from 3 on; the second, the name, may hold blanks and parentheses. NULL: not there. */
static const char *field(const char *stat, int n)
{
    const char *at = strrchr(stat, ')');

    for (int i = 2; at && i < n; i++)
        at = strchr(at + 1, ' ');
    return at ? at + 1 : NULL;
}

static int open_of(int tasks, const char *thread, const char *file)
{
    char path[64];
    int length = snprintf(path, sizeof path, "%s/%s", thread, file);

    if (length < 0 || (size_t)length >= sizeof path)
        return -1;
    return openat(tasks, path, O_RDONLY | O_CLOEXEC);
}

/* NULL: no room. */
static struct ps_thread_seen *find_thread(struct ps_thread_sampler *c, pid_t tid)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct ps_thread_seen *t = &c->threads[((size_t)tid + i) % PS_THREAD_SAMPLER_SLOTS];

        if (t->tid == tid)
            return t;
        if (!t->tid && c->thread_count < PS_THREAD_SAMPLER_MOST) {
            t->tid = tid;
            c->thread_count++;
            return t;
        }
    }
    return NULL;
}

static void keep_time(struct look *l, int tasks, const char *thread)
{
    struct ps_thread_seen *t = find_thread(l->thread_sampler, (pid_t)strtol(thread, NULL, 10));
    int fd = open_of(tasks, thread, "schedstat");
    struct ps_schedstat now;

    if (ps_schedstat_read(fd, &now) && t) {
        t->cpu_ns = now.used;
        t->first = t->tid == l->process;
    }
    if (fd >= 0)
        close(fd);
}

static void look_at_thread(struct look *l, int tasks, const char *thread)
{
    char stat[1024];
    int fd = open_of(tasks, thread, "stat");
    ssize_t length = fd < 0 ? -1 : read(fd, stat, sizeof stat - 1);
    const char *state, *processor;

    if (fd >= 0)
        close(fd);
    stat[length > 0 ? length : 0] = '\0';
    state = field(stat, 3);
    if (!state || *state == 'Z' || *state == 'X')
        return;
    l->alive++;
    keep_time(l, tasks, thread);
    if (*state != 'R')
        return;
    l->running++;
    l->runs = (pid_t)strtol(thread, NULL, 10);
    processor = field(stat, 39);
    l->outside |= processor && !is_given(l->thread_sampler, atoi(processor));
}

/* "12 345 ", which a read may cut anywhere. */
static void queue_children(struct look *l, int tasks, const char *thread)
{
    char text[4096];
    int fd = open_of(tasks, thread, "children");
    ssize_t length;
    pid_t pid = 0;

    while (fd >= 0 && (length = read(fd, text, sizeof text)) > 0) {
        for (ssize_t i = 0; i < length; i++) {
            if (isdigit((unsigned char)text[i])) {
                pid = pid * 10 + (text[i] - '0');
            } else if (pid > 0) {
                enqueue(l, pid);
                pid = 0;
            }
        }
    }
    if (fd >= 0)
        close(fd);
}

/* A part of a task folder. False: there is no room for more threads. */
static bool look_at_entries(struct look *l, int tasks, const char *entries, ssize_t length)
{
    const struct dirent64 *entry;

    for (ssize_t at = 0; at < length; at += entry->d_reclen) {
        entry = (const struct dirent64 *)(entries + at);
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        if (l->alive == PS_THREAD_SAMPLER_MOST) {
            l->truncated = true;
            return false;
        }
        look_at_thread(l, tasks, entry->d_name);
        queue_children(l, tasks, entry->d_name);
    }
    return true;
}

static void look_at_process(struct look *l, pid_t pid)
{
    _Alignas(struct dirent64) char entries[4096];
    char path[64];
    ssize_t length;
    int tasks;

    l->process = pid;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    tasks = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tasks < 0)
        return;
    do {
        length = getdents64(tasks, entries, sizeof entries);
    } while (length > 0 && look_at_entries(l, tasks, entries, length));
    close(tasks);
}

static void note_runtimes(struct ps_thread_sampler *c, const struct look *l)
{
    for (size_t i = 0; i < l->queued && i < MOST_PROCESSES; i++)
        c->runtimes |= ps_runtimes_of(l->queue[i]);
}

static void note_turn(struct ps_thread_sampler *c, const struct look *l)
{
    if (l->running != 1)
        return;
    if (c->alone && c->alone != l->runs) {
        c->turns += c->weight;
        c->turns_taken++;
    }
    c->alone = l->runs;
}

static void add(struct ps_thread_sampler *c, const struct look *l)
{
    c->looks += c->weight;
    c->last_ns = ps_now_ns();
    if (!c->first_ns)
        c->first_ns = c->last_ns;
    c->seen[l->running] += c->weight;
    c->alive_seen[l->alive] += c->weight;
    c->seen_taken[l->running]++;
    c->alive_taken[l->alive]++;
    if (c->weight > 1)
        c->alone = 0;
    note_turn(c, l);
    c->outside += l->outside ? c->weight : 0;
    c->truncated |= l->truncated;
    c->most_alive = l->alive > c->most_alive ? l->alive : c->most_alive;
}

/* Threads that run alone for longer than looks lie apart take turns as well, but not as under a
 * lock: after a look far from the last, there is a second one that shows only that. s until the
 * next. */
static double next_look(struct ps_thread_sampler *c)
{
    if (c->again) {
        c->again = false;
        return c->interval * (double)(c->weight - 1);
    }
    c->again = c->weight > 1;
    return c->interval;
}

double ps_thread_sampler_sample(void *thread_sampler, const pid_t *pids, size_t count)
{
    struct ps_thread_sampler *c = thread_sampler;
    struct look l = {.thread_sampler = c};

    for (size_t i = 0; i < count; i++)
        enqueue(&l, pids[i]);
    for (size_t i = 0; i < l.queued; i++)
        look_at_process(&l, l.queue[i]);
    if (l.alive == 0) {
        c->again = false;
        return c->interval * (double)c->weight;
    }
    if (c->again) {
        note_turn(c, &l);
        return next_look(c);
    }
    add(c, &l);
    c->taken++;
    if ((c->taken & (c->taken - 1)) == 0) /* the 1st, 2nd, 4th, 8th, ... */
        note_runtimes(c, &l);
    if (c->taken % AS_FAR_APART == 0 && c->weight < FARTHEST)
        c->weight *= 2;
    return next_look(c);
}

/* Descending; free places last. */
static int by_time(const void *a, const void *b)
{
    const struct ps_thread_seen *x = a, *y = b;

    return (x->cpu_ns < y->cpu_ns) - (x->cpu_ns > y->cpu_ns);
}

void ps_thread_sampler_end(struct ps_thread_sampler *c)
{
    qsort(c->threads, PS_THREAD_SAMPLER_SLOTS, sizeof *c->threads, by_time);
    for (size_t i = 0; i < c->thread_count; i++) {
        c->ranks[i] += c->threads[i].cpu_ns;
        c->later_ns += c->threads[i].first ? 0 : c->threads[i].cpu_ns;
    }
    if (c->thread_count > c->rank_count)
        c->rank_count = c->thread_count;
    memset(c->threads, 0, sizeof c->threads);
    c->thread_count = 0;
    c->looked_ns += c->last_ns - c->first_ns;
    c->first_ns = 0;
    c->alone = 0;
    c->again = false;
    c->taken = 0;
    c->weight = 1;
}
