#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define ROOM    65536   /* of the buffer */
#define LONGEST 2048    /* bytes of an event, at most */
#define LOOKS   4096    /* a power of two */
#define NAME    256     /* bytes of a name that is shown */
#define APART   1000000 /* ns between executions */

enum { EXECUTIONS = 1, SERIAL };

/* The last look at a thread. */
struct look {
    pid_t tid;
    uint64_t time;
    enum ps_wait_kind kind;
    uint64_t futex;
    char object[PS_WAIT_OBJECT];
};

struct ps_trace {
    ps_trace_write_fn *write;
    void *arg;
    struct ps_timeline_listener listener;
    struct look looks[LOOKS][2]; /* by the last bits of the thread's number; the last one first */
    char label[NAME];
    const char *between;         /* what stands before the next event */
    uint64_t origin, begin, end; /* ns: where time 0 is; of this execution; last time on the axis */
    size_t events, executions;
    bool cut;
    int error;
    size_t used;
    char buffer[ROOM];
};

/* ---- text ---- */

static void flush(struct ps_trace *t)
{
    if (!t->error && t->used)
        t->error = t->write(t->arg, t->buffer, t->used);
    t->used = 0;
}

static void put(struct ps_trace *t, const char *text)
{
    const size_t length = strlen(text);

    memcpy(t->buffer + t->used, text, length);
    t->used += length;
}

static void put_number(struct ps_trace *t, uint64_t number, unsigned digits)
{
    char text[24];
    size_t at = sizeof text - 1;

    text[at] = '\0';
    while (number || digits) {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
        digits -= digits > 0;
    }
    put(t, text + at);
}

/* In microseconds, as the format has times. */
static void put_time(struct ps_trace *t, const char *key, uint64_t ns)
{
    put(t, key);
    put_number(t, ns / 1000, 1);
    put(t, ".");
    put_number(t, ns % 1000, 3);
}

static void put_text(struct ps_trace *t, const char *text)
{
    char clean[NAME];

    ps_text_clean_to(clean, sizeof clean, text);
    for (const char *c = clean; *c; c++) {
        if (*c == '"' || *c == '\\')
            t->buffer[t->used++] = '\\';
        t->buffer[t->used++] = *c;
    }
}

/* {"ph":"X","pid":1,"tid":2 */
static void begin_event(struct ps_trace *t, const char *phase, pid_t pid, pid_t tid)
{
    if (t->used > ROOM - LONGEST)
        flush(t);
    put(t, t->between);
    t->between = ",\n";
    put(t, "{\"ph\":\"");
    put(t, phase);
    put(t, "\",\"pid\":");
    put_number(t, (uint64_t)pid, 1);
    put(t, ",\"tid\":");
    put_number(t, (uint64_t)tid, 1);
}

static uint64_t axis(struct ps_trace *t, uint64_t time)
{
    if (!t->origin) {
        t->begin = t->executions > 1 ? t->end + APART : 0;
        t->origin = time - t->begin;
    }
    return time - t->origin;
}

static void put_span(struct ps_trace *t, uint64_t from, uint64_t to)
{
    put_time(t, ",\"ts\":", axis(t, from));
    put_time(t, ",\"dur\":", to - from);
    if (axis(t, to) > t->end)
        t->end = axis(t, to);
}

/* Whether one event more may be written. */
static bool counts(struct ps_trace *t)
{
    t->cut |= t->events == PS_TRACE_MOST;
    t->events += !t->cut;
    return !t->cut;
}

/* ---- events ---- */

static const char *const waits[PS_WAIT_KINDS] = {
    [PS_WAIT_FUTEX] = "lock, condition or join",
    [PS_WAIT_SLEEP] = "sleep",
    [PS_WAIT_POLL] = "poll",
    [PS_WAIT_CHILD] = "child process",
    [PS_WAIT_READ] = "read",
    [PS_WAIT_WRITE] = "write",
    [PS_WAIT_SYNC] = "disk",
    [PS_WAIT_LOCK] = "file lock",
    [PS_WAIT_MEMORY] = "address space",
    [PS_WAIT_FAULT] = "page fault",
    [PS_WAIT_SIGNAL] = "signal",
    [PS_WAIT_SEMAPHORE] = "semaphore",
    [PS_WAIT_OTHER] = "system call",
};

/* The look that fell into the slice; NULL: there was none. */
static const struct look *look_in(const struct ps_trace *t, const struct ps_slice *s)
{
    const struct look *looks = t->looks[(unsigned)s->tid % LOOKS];

    for (size_t i = 0; i < 2; i++)
        if (looks[i].tid == s->tid && looks[i].time >= s->from && looks[i].time <= s->to)
            return &looks[i];
    return NULL;
}

static void put_wait(struct ps_trace *t, const struct look *l)
{
    put(t, ",\"name\":\"waiting: ");
    put(t, waits[l->kind]);
    put(t, "\",\"cat\":\"waiting\"");
    if (l->kind == PS_WAIT_FUTEX) {
        put(t, ",\"args\":{\"address\":\"");
        put_number(t, l->futex, 1);
        put(t, "\"}");
    } else if (*l->object) {
        put(t, ",\"args\":{\"object\":\"");
        put_text(t, l->object);
        put(t, "\"}");
    }
}

static void take_slice(void *arg, const struct ps_slice *s)
{
    static const char *const names[] = {
        [PS_BLOCKED] = ",\"name\":\"waiting\",\"cat\":\"waiting\"",
        [PS_RUNNABLE] = ",\"name\":\"runnable, no CPU\",\"cat\":\"runnable\"",
        [PS_RUNNING] = ",\"name\":\"running\",\"cat\":\"running\"",
    };
    struct ps_trace *t = arg;
    const struct look *l = s->doing == PS_BLOCKED ? look_in(t, s) : NULL;

    if (!counts(t))
        return;
    begin_event(t, "X", s->pid, s->tid);
    put_span(t, s->from, s->to);
    if (l)
        put_wait(t, l);
    else
        put(t, names[s->doing]);
    put(t, "}");
}

static void take_stretch(void *arg, const struct ps_stretch *s, const char *thread)
{
    struct ps_trace *t = arg;

    if (s->end - s->begin < PS_TRACE_SERIAL || !counts(t))
        return;
    begin_event(t, "X", PS_TRACE_OURS, SERIAL);
    put_span(t, s->begin, s->end);
    put(t, ",\"name\":\"serial: ");
    put_text(t, thread);
    put(t, "\",\"cat\":\"serial\",\"args\":{\"tid\":");
    put_number(t, (uint64_t)s->tid, 1);
    put(t, "}}");
}

static void put_running(struct ps_trace *t, uint64_t time, size_t running)
{
    begin_event(t, "C", PS_TRACE_OURS, 0);
    put_time(t, ",\"ts\":", axis(t, time));
    put(t, ",\"name\":\"running threads\",\"cat\":\"running\",\"args\":{\"running\":");
    put_number(t, running, 1);
    put(t, "}}");
}

static void take_running(void *arg, uint64_t time, size_t running)
{
    struct ps_trace *t = arg;

    if (counts(t))
        put_running(t, time, running);
}

static void put_name(struct ps_trace *t, const char *what, const struct ps_timeline_thread *thread)
{
    begin_event(t, "M", thread->pid, thread->tid);
    put(t, ",\"name\":\"");
    put(t, what);
    put(t, "\",\"args\":{\"name\":\"");
    put_text(t, thread->name);
    put(t, "\"}}");
}

/* ---- executions ---- */

struct ps_trace *ps_trace_create(ps_trace_write_fn *write, void *arg)
{
    static const struct ps_timeline_thread ours[] = {
        {PS_TRACE_OURS, 0, "parscope"},
        {PS_TRACE_OURS, EXECUTIONS, "executions"},
        {PS_TRACE_OURS, SERIAL, "one runs alone"},
    };
    struct ps_trace *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->write = write;
    t->arg = arg;
    t->listener = (struct ps_timeline_listener){take_slice, take_stretch, take_running, t};
    t->between = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
    put_name(t, "process_name", &ours[0]);
    put_name(t, "thread_name", &ours[1]);
    put_name(t, "thread_name", &ours[2]);
    return t;
}

void ps_trace_destroy(struct ps_trace *t)
{
    free(t);
}

const struct ps_timeline_listener *ps_trace_begin(struct ps_trace *t, const char *label)
{
    ps_text_clean_to(t->label, sizeof t->label, label);
    memset(t->looks, 0, sizeof t->looks);
    t->executions++;
    t->origin = 0;
    return &t->listener;
}

void ps_trace_look(struct ps_trace *t, pid_t tid, uint64_t time, const struct ps_wait *w)
{
    struct look *l = t->looks[(unsigned)tid % LOOKS];

    l[1] = l[0];
    *l = (struct look){.tid = tid, .time = time, .kind = w->kind, .futex = w->argument};
    memcpy(l->object, w->object, sizeof l->object);
    if (w->kind == PS_WAIT_OTHER && w->call)
        ps_text_clean_to(l->object, sizeof l->object, w->call);
}

/* Of a process that was more than one program its last name. */
void ps_trace_end(struct ps_trace *t, const struct ps_timeline *timeline)
{
    for (size_t i = 0; i < timeline->thread_count; i++) {
        const struct ps_timeline_thread *thread = &timeline->threads[i];

        if (thread->tid == thread->pid && thread->tid)
            put_name(t, "process_name", thread);
        if (thread->tid)
            put_name(t, "thread_name", thread);
    }
    if (!t->origin)
        return;
    put_running(t, timeline->end, 0);
    begin_event(t, "X", PS_TRACE_OURS, EXECUTIONS);
    put_span(t, timeline->begin, timeline->end);
    put(t, ",\"name\":\"");
    put_text(t, t->label);
    put(t, "\"}");
}

int ps_trace_finish(struct ps_trace *t, size_t *executions, bool *cut)
{
    put(t, "\n],\"otherData\":{\"cut\":\"");
    if (t->cut) {
        put(t, "nothing after the first ");
        put_number(t, PS_TRACE_MOST, 1);
        put(t, " slices, stretches and counter values");
    }
    put(t, "\"}}\n");
    flush(t);
    *executions = t->executions;
    *cut = t->cut;
    return t->error;
}
