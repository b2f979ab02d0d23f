#include "stack_place.h"

#include <string.h>

static bool of_module(const struct ps_frame *f)
{
    const enum library_kind kind = library_of(f);

    return kind == LIBRARY_SYSTEM || kind == LIBRARY_RUNTIME;
}

static const char *name_of(const struct ps_frame *f)
{
    return f->function ? f->function : f->module;
}

/* The next frame of another function of the program's own. */
static void set_caller(const struct ps_frame *frames, size_t count, size_t own, struct ps_place *p)
{
    for (size_t i = own + 1; i < count; i++) {
        if (library_of(&frames[i]) || !frames[i].function || !frames[i].file)
            continue;
        if (p->function && !strcmp(p->function, frames[i].function))
            continue;
        p->caller = frames[i].function;
        p->caller_file = frames[i].file;
        p->caller_line = frames[i].line;
        return;
    }
}

/* The innermost of the program's own: of what a language's library put into it, the caller. */
static size_t own_frame(const struct ps_frame *frames, size_t count)
{
    size_t own = 0;

    while (own < count && library_of(&frames[own]))
        own++;
    if (own < count && frames[own].module)
        return own;
    for (own = 0; own < count && of_module(&frames[own]);)
        own++;
    return own;
}

static void set_library(const struct ps_frame *frames, size_t own, struct place_of *out)
{
    const bool entered = out->known && (!out->runtime || out->waits != WAITS_UNKNOWN);

    if (own)
        out->place.library = entered ? name_of(&frames[own - 1]) : frames[0].module;
}

/* Functions of a runtime that end with a jump into another one, as GNU's critical sections do, are
 * known by the call. */
static void name_by_call(struct ps_symbols *symbols, size_t space, const struct ps_frame *frames,
                         size_t own, struct place_of *out)
{
    const struct ps_frame called = {.function = ps_symbols_callee(symbols, space, &frames[own]),
                                    .module = frames[0].module};

    if (!called.function)
        return;
    out->waits = library_waits(&called, 1, &frames[own]);
    if (out->waits != WAITS_UNKNOWN)
        out->place.library = called.function;
}

static void set_own(const struct ps_frame *frames, size_t count, size_t own, struct ps_place *p)
{
    p->function = frames[own].function;
    p->module = frames[own].module;
    p->file = frames[own].file;
    p->line = frames[own].line;
    set_caller(frames, count, own, p);
}

/* The function of the program that an interpreter runs, where it tells the code that it makes for
 * that; else the interpreter as a whole. */
static void set_interpreted(const struct ps_frame *frames, size_t count, size_t own,
                            struct ps_place *p)
{
    p->module = frames[own].module;
    for (size_t i = own; i < count && !p->function; i++)
        if (frames[i].module && !strcmp(frames[i].module, PS_SYMBOLS_JIT))
            p->function = frames[i].function;
}

static void set_outer(const struct ps_frame *frames, size_t count, size_t own, struct place_of *out)
{
    size_t n = 0;

    for (size_t i = own + 1; i < count && n < OUTER_MOST; i++)
        if (!library_of(&frames[i]) && frames[i].function)
            out->outer[n++] = frames[i].function;
}

static void set_body(const struct ps_frame *frames, size_t count, size_t own, struct place_of *out)
{
    for (size_t i = own; i + 1 < count; i++) {
        if (library_of(&frames[i + 1]) != LIBRARY_RUNTIME)
            continue;
        out->body = frames[i].function;
        out->body_at = frames[i].offset;
        out->body_frame = frames[i];
        return;
    }
}

/* Whatever HotSpot does there, and the method that entered it, where that has a name. */
static void set_monitor(const struct ps_frame *frames, size_t count, struct place_of *out)
{
    out->waits = WAITS_LOCK;
    out->spins = true;
    out->place = (struct ps_place){.library = "ObjectMonitor::enter", .module = "[anon]"};
    for (size_t i = 0; i < count && !out->place.function; i++)
        if (frames[i].module && !strcmp(frames[i].module, PS_SYMBOLS_JIT))
            set_own(frames, count, i, &out->place);
}

static void describe(struct ps_symbols *symbols, size_t space, const struct ps_frame *frames,
                     size_t count, struct place_of *out)
{
    const size_t own = own_frame(frames, count);

    out->known = own < count && frames[own].module;
    out->runtime = library_in_runtime(frames, own);
    out->waits = library_waits(frames, own, out->known ? &frames[own] : NULL);
    out->module = frames[0].module;
    out->calls_kernel = library_calls_kernel(&frames[0]);
    out->spins = out->runtime || library_spins(&frames[0]);
    set_library(frames, own, out);
    if (out->runtime && out->known && out->waits == WAITS_UNKNOWN)
        name_by_call(symbols, space, frames, own, out);
    for (size_t i = own; i < count; i++)
        out->region |= library_of(&frames[i]) == LIBRARY_RUNTIME;
    if (!out->known)
        return;
    set_body(frames, count, own, out);
    set_outer(frames, count, own, out);
    if (ps_module_interprets(frames[own].module))
        set_interpreted(frames, count, own, &out->place);
    else
        set_own(frames, count, own, &out->place);
    if (library_in_monitor(frames, count))
        set_monitor(frames, count, out);
}

/* A function of the C library, such as rand() or malloc(), that tries again does so at its lock. */
static bool in_locked(const struct ps_frame *innermost, enum waits_for waits)
{
    return library_of(innermost) == LIBRARY_SYSTEM &&
           (waits == WAITS_UNKNOWN || waits == WAITS_LOCK);
}

void place_find(struct ps_symbols *symbols, size_t space, const struct ps_seen *seen,
                struct place_of *out)
{
    struct ps_frame frames[PS_FRAMES_MOST];
    size_t count = ps_symbols_unwind(
        symbols, space, &(struct ps_stack_seen){&seen->registers, seen->stack, seen->stack_size},
        frames, PS_FRAMES_MOST);

    *out = (struct place_of){.region = seen->pid != seen->tid, .space = space};
    if (!count)
        return;
    describe(symbols, space, frames, count, out);
    out->hot = ps_symbols_hot(symbols, space, frames, count);
    if (out->hot == PS_HOT_SPIN && !out->spins && out->known) {
        out->spins = true;
        out->waits = in_locked(&frames[0], out->waits) ? WAITS_LOCK : WAITS_TURN;
    }
}

static enum ps_loss_kind futex_kind(const struct place_of *at, bool *derived)
{
    *derived = at->waits != WAITS_LOCK && at->waits != WAITS_INTERPRETER;
    if (at->waits == WAITS_INTERPRETER)
        return PS_LOSS_INTERPRETER;
    if (at->waits == WAITS_LOCK)
        return PS_LOSS_LOCK;
    if (at->runtime)
        return PS_LOSS_RUNTIME;
    /* A lock within a function of the C library, such as rand() or malloc(). */
    if (at->waits == WAITS_UNKNOWN && at->known && at->place.library &&
        strcmp(at->place.library, "syscall")) {
        *derived = false;
        return PS_LOSS_LOCK;
    }
    return PS_LOSS_CONDITION;
}

static bool of_pipe(const struct ps_seen *s)
{
    return s->wait.object && !strncmp(s->wait.object, "pipe:", 5);
}

static bool of_timer(const struct ps_seen *s)
{
    return s->wait.object && !strcmp(s->wait.object, "anon_inode:[timerfd]");
}

static bool of_event(const struct ps_seen *s)
{
    return s->wait.object && !strcmp(s->wait.object, "anon_inode:[eventfd]");
}

enum ps_loss_kind place_wait_kind(const struct ps_seen *seen, const struct place_of *at,
                                  bool *derived)
{
    *derived = false;
    switch (seen->wait.kind) {
    case PS_WAIT_FUTEX:
        return futex_kind(at, derived);
    case PS_WAIT_SLEEP:
        return PS_LOSS_SLEEP;
    case PS_WAIT_POLL:
        *derived = true;
        return PS_LOSS_POLL;
    case PS_WAIT_CHILD:
    case PS_WAIT_SIGNAL:
        *derived = true;
        return PS_LOSS_CHILD;
    case PS_WAIT_READ:
        *derived = of_pipe(seen) || of_event(seen);
        return of_timer(seen) ? PS_LOSS_SLEEP : of_event(seen) ? PS_LOSS_CONDITION : PS_LOSS_READ;
    case PS_WAIT_WRITE:
        *derived = of_pipe(seen);
        return PS_LOSS_WRITE;
    case PS_WAIT_SYNC:
        return PS_LOSS_SYNC;
    case PS_WAIT_LOCK:
        return PS_LOSS_LOCK;
    case PS_WAIT_SEMAPHORE:
        *derived = true;
        return PS_LOSS_CONDITION;
    case PS_WAIT_MEMORY:
        return PS_LOSS_MEMORY;
    case PS_WAIT_FAULT:
        return PS_LOSS_FAULT;
    case PS_WAIT_OTHER:
        break;
    }
    return PS_LOSS_OTHER;
}

enum awaits place_awaits(const struct ps_seen *seen, const struct place_of *at)
{
    if (of_pipe(seen))
        return AWAITS_PIPE;
    if (seen->wait.kind == PS_WAIT_SEMAPHORE || of_event(seen))
        return AWAITS_CONDITION;
    if (seen->wait.kind == PS_WAIT_SIGNAL)
        return AWAITS_SIGNAL;
    if (seen->wait.kind != PS_WAIT_FUTEX || !at->known)
        return AWAITS_NOTHING;
    if (at->waits == WAITS_ORDER)
        return AWAITS_ORDER;
    if (at->runtime)
        return AWAITS_NOTHING;
    if (at->waits == WAITS_BARRIER)
        return AWAITS_BARRIER;
    return at->waits == WAITS_SIGNAL || at->waits == WAITS_UNKNOWN ? AWAITS_CONDITION
                                                                   : AWAITS_NOTHING;
}

const char *place_awaits_name(enum awaits awaits)
{
    static const char *const names[] = {
        [AWAITS_PIPE] = "pipe",   [AWAITS_CONDITION] = "condition", [AWAITS_SIGNAL] = "signal",
        [AWAITS_ORDER] = "order", [AWAITS_BARRIER] = "barrier",     [AWAITS_JOIN] = "join",
    };

    return names[awaits];
}
