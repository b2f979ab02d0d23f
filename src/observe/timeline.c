#include "timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "timeline_state.h"

/* A stretch goes on through interruptions of less than this, and of less than a tenth of itself. */
#define BRIDGED_NS 100000
#define MOST_LIVE  (1u << 20)
#define FIRST_ROOM 64

int ps_timeline_init(struct ps_timeline *t)
{
    *t = (struct ps_timeline){0};
    t->state = calloc(1, sizeof *t->state);
    if (!t->state)
        return -ENOMEM;
    t->state->free_first = PS_IDS_NONE;
    t->state->told = SIZE_MAX;
    return 0;
}

void ps_timeline_free(struct ps_timeline *t)
{
    if (t->state) {
        ps_ids_free(&t->state->ids);
        free(t->state->live);
        ps_leaving_free(&t->state->leaving);
    }
    free(t->state);
    free(t->threads);
    *t = (struct ps_timeline){0};
}

/* ---- stretches ---- */

static uint64_t length(const struct ps_stretch *s)
{
    return s->end - s->begin;
}

static void keep_stretch(struct ps_timeline *t)
{
    struct ps_stretch s = t->state->open;
    size_t i = t->stretch_count;

    t->state->open.tid = 0;
    if (!s.tid || s.begin == s.end)
        return;
    if (t->listener)
        t->listener->stretch(t->listener->arg, &s, t->threads[s.thread].name);
    if (i == PS_TIMELINE_STRETCHES) {
        if (length(&t->stretches[i - 1]) >= length(&s))
            return;
        i--;
    } else {
        t->stretch_count++;
    }
    s.begin -= t->begin;
    s.end -= t->begin;
    for (; i > 0 && length(&t->stretches[i - 1]) < length(&s); i--)
        t->stretches[i] = t->stretches[i - 1];
    t->stretches[i] = s;
}

static bool goes_on(const struct ps_stretch *open, pid_t tid, uint64_t begin)
{
    const uint64_t gap = begin - open->end;

    return open->tid == tid && gap < BRIDGED_NS && gap <= length(open) / 10;
}

/* One thread alone ran from `now` on until `time`. */
static void was_alone(struct ps_timeline *t, uint64_t time)
{
    struct ps_timeline_state *s = t->state;
    const struct live *l = find_live(t->state, s->running_tids);

    if (!l)
        return;
    t->threads[l->thread].alone += time - s->now;
    if (!goes_on(&s->open, l->tid, s->now)) {
        keep_stretch(t);
        s->open = (struct ps_stretch){s->now, time, l->pid, l->tid, l->thread};
    }
    s->open.end = time;
}

/* ---- time passes ---- */

static size_t at_most(size_t count)
{
    return count < PS_TIMELINE_MOST ? count : PS_TIMELINE_MOST;
}

static void tell_running(struct ps_timeline *t)
{
    if (!t->listener || t->state->told == t->running)
        return;
    t->state->told = t->running;
    t->listener->running(t->listener->arg, t->state->now, t->running);
}

/* A new one comes late to a CPU even where all are idle. */
size_t ps_timeline_displaced(const struct ps_timeline *t)
{
    const size_t free = t->cpus > t->running ? t->cpus - t->running : 0;
    const size_t preempted = t->runnable - t->state->starting;

    return preempted < free ? preempted : free;
}

bool ps_timeline_alone(const struct ps_timeline *t)
{
    return t->running == 1 && !ps_timeline_displaced(t);
}

static void pass(struct ps_timeline *t, uint64_t time)
{
    struct ps_timeline_state *s = t->state;

    if (time <= s->now)
        return;
    tell_running(t);
    t->running_ns[at_most(t->running)] += time - s->now;
    t->runnable_ns[at_most(t->runnable)] += time - s->now;
    t->alive_ns[at_most(t->alive)] += time - s->now;
    t->displaced_ns += ps_timeline_displaced(t) * (time - s->now);
    ps_strip_add(&t->strip, s->now - t->begin, time - t->begin, t->running, ps_timeline_alone(t));
    t->crowded_ns += t->running + t->runnable > t->cpus ? time - s->now : 0;
    if (ps_timeline_alone(t)) {
        t->alone_ns += time - s->now;
        was_alone(t, time);
    }
    t->end = s->now = time;
}

static void settle(struct ps_timeline *t, struct live *l)
{
    struct ps_timeline_thread *thread = &t->threads[l->thread];
    const uint64_t ns = t->state->now - l->since;

    l->since = t->state->now;
    if (l->doing == PS_RUNNING)
        thread->on_cpu += ns;
    else if (l->doing == PS_RUNNABLE)
        thread->runnable += ns;
    else
        thread->blocked += ns;
}

/* What it did until now ends. */
static void tell_slice(const struct ps_timeline *t, struct live *l)
{
    const struct ps_slice s = {l->pid, l->tid, l->doing, l->began, t->state->now};

    l->began = s.to;
    if (t->listener && s.from != s.to)
        t->listener->slice(t->listener->arg, &s);
}

/* Before its slice is told. */
static void add_brief(struct ps_timeline *t, const struct live *l)
{
    const uint64_t ns = t->state->now - l->began;

    if (l->doing == PS_BLOCKED && ns < PS_TIMELINE_BRIEF_NS)
        t->brief_ns += ns;
}

static void becomes(struct ps_timeline *t, struct live *l, enum ps_doing doing)
{
    settle(t, l);
    if (l->starting && doing != PS_RUNNABLE) {
        l->starting = false;
        t->state->starting--;
    }
    if (l->doing == doing)
        return;
    add_brief(t, l);
    tell_slice(t, l);
    t->running += (doing == PS_RUNNING) - (size_t)(l->doing == PS_RUNNING);
    t->runnable += (doing == PS_RUNNABLE) - (size_t)(l->doing == PS_RUNNABLE);
    if (doing == PS_RUNNING || l->doing == PS_RUNNING)
        t->state->running_tids ^= l->tid;
    l->doing = doing;
}

/* ---- threads come and go ---- */

static bool more_threads(struct ps_timeline *t)
{
    struct ps_timeline_state *s = t->state;
    const size_t room = s->thread_room ? 2 * s->thread_room : FIRST_ROOM;
    void *larger = realloc(t->threads, (room + 1) * sizeof *t->threads);

    if (!larger)
        return false;
    t->threads = larger;
    s->thread_room = room;
    return true;
}

/* The index of a new thread's entry, or that of all others. There is one more place than room. */
static uint32_t new_thread(struct ps_timeline *t, pid_t pid, pid_t tid)
{
    struct ps_timeline_thread thread = {pid, tid, .born = t->state->now - t->begin};

    if (t->truncated) {
        t->others++;
        return (uint32_t)t->thread_count - 1;
    }
    if (t->thread_count == PS_TIMELINE_THREADS ||
        (t->thread_count == t->state->thread_room && !more_threads(t))) {
        t->truncated = true;
        t->others = 1;
        thread = (struct ps_timeline_thread){.name = "others", .born = thread.born};
    }
    if (!t->threads)
        return PS_IDS_NONE;
    t->threads[t->thread_count] = thread;
    return (uint32_t)t->thread_count++;
}

static bool more_live(struct ps_timeline_state *s)
{
    const size_t room = s->live_room ? 2 * s->live_room : FIRST_ROOM;
    void *larger = room <= MOST_LIVE ? realloc(s->live, room * sizeof *s->live) : NULL;

    if (!larger)
        return false;
    s->live = larger;
    s->live_room = room;
    return true;
}

static struct live *take_place(struct ps_timeline_state *s, pid_t tid)
{
    size_t i = s->free_first;

    if (i == PS_IDS_NONE && s->live_count == s->live_room && !more_live(s))
        return NULL;
    if (i == PS_IDS_NONE)
        i = s->live_count;
    if (!ps_ids_put(&s->ids, tid, (uint32_t)i))
        return NULL;
    if (i == s->live_count)
        s->live_count++;
    else
        s->free_first = (uint32_t)s->live[i].pid;
    return &s->live[i];
}

/* NULL: no memory, or too many. */
static struct live *add(struct ps_timeline *t, pid_t pid, pid_t tid, enum ps_doing doing)
{
    const uint32_t thread = new_thread(t, pid, tid);
    struct live *l = thread == PS_IDS_NONE ? NULL : take_place(t->state, tid);

    if (!l)
        return NULL;
    *l = (struct live){.pid = pid,
                       .tid = tid,
                       .doing = PS_BLOCKED,
                       .thread = thread,
                       .since = t->state->now,
                       .began = t->state->now};
    if (++t->alive > t->most_alive)
        t->most_alive = t->alive;
    becomes(t, l, doing);
    return l;
}

static void drop(struct ps_timeline *t, struct live *l)
{
    struct ps_timeline_state *s = t->state;
    struct ps_timeline_thread *thread = &t->threads[l->thread];

    becomes(t, l, PS_BLOCKED);
    tell_slice(t, l);
    if (thread->tid)
        thread->died = s->now - t->begin;
    t->alive--;
    ps_ids_remove(&s->ids, l->tid);
    l->tid = 0;
    l->pid = (pid_t)s->free_first;
    s->free_first = (size_t)(l - s->live);
}

static void set_name(struct ps_timeline *t, const struct live *l, const char *name)
{
    struct ps_timeline_thread *thread = &t->threads[l->thread];

    if (!thread->tid || !name)
        return;
    memset(thread->name, 0, sizeof thread->name);
    memcpy(thread->name, name, strnlen(name, sizeof thread->name - 1));
}

/* ---- records ---- */

/* Until it has a name of its own, a thread has that of who made it. */
static void name_like(struct ps_timeline *t, const struct live *l, pid_t parent)
{
    const struct live *p = find_live(t->state, parent);

    if (p && p != l && t->threads[l->thread].tid)
        memcpy(t->threads[l->thread].name, t->threads[p->thread].name, sizeof t->threads->name);
}

/* The process that began the one of a thread. */
static pid_t parent_of(const struct ps_timeline *t, pid_t tid)
{
    const struct live *l = find_live(t->state, tid);

    return l ? l->parent : 0;
}

static void take_birth(struct ps_timeline *t, const struct ps_record *r)
{
    struct live *l = find_live(t->state, r->tid);

    if (l)
        drop(t, l);
    t->births++;
    t->processes += r->pid != r->parent_pid;
    l = add(t, r->pid, r->tid, PS_RUNNABLE);
    if (!l)
        return;
    l->parent = r->pid == r->parent_pid ? parent_of(t, r->parent) : r->parent_pid;
    if (t->threads[l->thread].tid)
        t->threads[l->thread].parent = r->parent_pid;
    l->starting = true;
    t->state->starting++;
    name_like(t, l, r->parent);
}

/* The thread that calls exec becomes the process's only one, under the process's number. */
static void take_exec(struct ps_timeline *t, const struct ps_record *r)
{
    struct ps_timeline_state *s = t->state;
    struct live *l;

    for (size_t i = 0; i < s->live_count; i++) {
        l = &s->live[i];
        if (l->tid && l->tid != r->tid && l->pid == r->pid)
            drop(t, l);
    }
    l = find_live(t->state, r->tid);
    t->execs++;
    t->processes += !l;
    if (!l)
        l = add(t, r->pid, r->tid, PS_RUNNING);
    if (!l)
        return;
    becomes(t, l, PS_RUNNING);
    set_name(t, l, r->name);
}

static void take_switch(struct ps_timeline *t, const struct ps_record *r, enum ps_doing doing)
{
    struct live *l = find_live(t->state, r->tid);

    t->switches += doing != PS_RUNNING;
    if (!l) {
        l = add(t, r->pid, r->tid, doing);
        if (l)
            name_like(t, l, r->pid);
    }
    if (!l)
        return;
    t->threads[l->thread].switches += doing != PS_RUNNING;
    becomes(t, l, doing);
}

static void take_name(struct ps_timeline *t, const struct ps_record *r)
{
    struct live *l = find_live(t->state, r->tid);

    if (l)
        set_name(t, l, r->name);
}

static void leave(struct ps_timeline *t, struct live *l, uint64_t gone)
{
    if (!ps_leaving_add(&t->state->leaving, l->tid, gone)) {
        drop(t, l);
        return;
    }
    becomes(t, l, PS_RUNNING);
    l->gone = gone;
}

static void take_exit(struct ps_timeline *t, const struct ps_record *r)
{
    struct live *l = find_live(t->state, r->tid);

    if (l && r->gone > r->time)
        leave(t, l, r->gone);
    else if (l)
        drop(t, l);
}

static void drop_gone(struct ps_timeline *t, pid_t tid, uint64_t gone)
{
    struct live *l = find_live(t->state, tid);

    if (l && l->gone == gone) /* and the number is not another thread's meanwhile */
        drop(t, l);
}

static void advance(struct ps_timeline *t, uint64_t time)
{
    struct ps_timeline_state *s = t->state;
    uint64_t gone;
    pid_t tid;

    if (!s->now)
        t->begin = t->end = s->now = time;
    while (ps_leaving_take(&s->leaving, time, &tid, &gone)) {
        pass(t, gone);
        drop_gone(t, tid, gone);
    }
    pass(t, time);
}

static bool counts(enum ps_record_kind kind)
{
    return kind != PS_RECORD_SAMPLE && kind != PS_RECORD_FAULT && kind != PS_RECORD_MAPPING &&
           kind != PS_RECORD_THROTTLED;
}

void ps_timeline_take(struct ps_timeline *t, const struct ps_record *r)
{
    if (!counts(r->kind))
        return;
    advance(t, r->time);
    if (r->kind == PS_RECORD_IN)
        take_switch(t, r, PS_RUNNING);
    else if (r->kind == PS_RECORD_OUT)
        take_switch(t, r, PS_BLOCKED);
    else if (r->kind == PS_RECORD_PREEMPTED)
        take_switch(t, r, PS_RUNNABLE);
    else if (r->kind == PS_RECORD_BIRTH)
        take_birth(t, r);
    else if (r->kind == PS_RECORD_EXIT)
        take_exit(t, r);
    else if (r->kind == PS_RECORD_NAME)
        take_name(t, r);
    else if (r->kind == PS_RECORD_EXEC)
        take_exec(t, r);
    else if (r->kind == PS_RECORD_LOST)
        t->lost += r->weight;
}

void ps_timeline_end(struct ps_timeline *t)
{
    struct ps_timeline_state *s = t->state;

    if (s->leaving.count)
        advance(t, s->leaving.leaving[s->leaving.count - 1].gone);
    for (size_t i = 0; i < s->live_count; i++) {
        if (!s->live[i].tid)
            continue;
        settle(t, &s->live[i]);
        tell_slice(t, &s->live[i]);
    }
    keep_stretch(t);
}
