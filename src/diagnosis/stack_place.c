#include "stack_place.h"

#include <string.h>

/* By the beginning of the name of the module. */
static const struct library {
    const char *prefix;
    bool runtime; /* of parallel regions or tasks; what runs in it is not work */
} libraries[] = {
    {"libc.", false},       {"libc-", false},       {"libm.", false},       {"libm-", false},
    {"libpthread", false},  {"ld-linux", false},    {"ld-", false},         {"libstdc++", false},
    {"libgcc_s", false},    {"[vdso]", false},      {"libdl", false},       {"libmvec", false},
    {"libjemalloc", false}, {"libtcmalloc", false}, {"libmimalloc", false}, {"libgomp", true},
    {"libomp", true},       {"libiomp", true},      {"libtbb", true},
};
#define LIBRARIES (sizeof libraries / sizeof *libraries)

/* Functions that do nothing but wait. */
static const char *const spinning[] = {"pthread_spin_lock", "sched_yield", "__sched_yield"};

static const struct {
    const char *part;
    enum ps_loss_kind kind;
    bool derived;
} futex_calls[] = {
    {"pthread_join", PS_LOSS_CONDITION, true},
    {"clockjoin", PS_LOSS_CONDITION, true},
    {"cond_", PS_LOSS_CONDITION, true},
    {"cnd_", PS_LOSS_CONDITION, true},
    {"barrier", PS_LOSS_CONDITION, true},
    {"sem_", PS_LOSS_CONDITION, true},
    {"condition_variable", PS_LOSS_CONDITION, true},
    {"lock", PS_LOSS_LOCK, false},
};

static const struct library *library_of(const struct ps_frame *f)
{
    for (size_t i = 0; f->module && i < LIBRARIES; i++)
        if (!strncmp(f->module, libraries[i].prefix, strlen(libraries[i].prefix)))
            return &libraries[i];
    return NULL;
}

static bool waits_only(const struct ps_frame *f)
{
    for (size_t i = 0; f->function && i < sizeof spinning / sizeof *spinning; i++)
        if (!strcmp(f->function, spinning[i]))
            return true;
    return false;
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

static void describe(const struct ps_frame *frames, size_t count, struct place_of *out)
{
    const struct library *first = library_of(&frames[0]);
    size_t own = 0;

    while (own < count && library_of(&frames[own]))
        own++;
    out->known = own < count && frames[own].module;
    out->runtime = first && first->runtime;
    out->spins = out->runtime || waits_only(&frames[0]);
    if (own && (out->runtime || !out->known))
        out->place.library = frames[0].module;
    else if (own)
        out->place.library = name_of(&frames[own - 1]);
    for (size_t i = own; i < count; i++) {
        const struct library *l = library_of(&frames[i]);

        out->region |= l && l->runtime;
    }
    if (!out->known)
        return;
    out->place.function = frames[own].function;
    out->place.module = frames[own].module;
    out->place.file = frames[own].file;
    out->place.line = frames[own].line;
    set_caller(frames, count, own, &out->place);
}

void place_find(struct ps_symbols *symbols, size_t space, const struct ps_seen *seen,
                struct place_of *out)
{
    struct ps_frame frames[PS_FRAMES_MOST];
    size_t count = ps_symbols_unwind(
        symbols, space, &(struct ps_stack_seen){&seen->registers, seen->stack, seen->stack_size},
        frames, PS_FRAMES_MOST);

    *out = (struct place_of){.region = seen->pid != seen->tid};
    if (count)
        describe(frames, count, out);
}

static enum ps_loss_kind futex_kind(const struct place_of *at, bool *derived)
{
    *derived = true;
    if (at->runtime)
        return PS_LOSS_RUNTIME;
    for (size_t i = 0; at->place.library && i < sizeof futex_calls / sizeof *futex_calls; i++) {
        if (!strstr(at->place.library, futex_calls[i].part))
            continue;
        *derived = futex_calls[i].derived;
        return futex_calls[i].kind;
    }
    /* A lock within a function of the C library, such as rand() or malloc(). */
    *derived = !at->known || !at->place.library;
    return *derived ? PS_LOSS_CONDITION : PS_LOSS_LOCK;
}

enum ps_loss_kind place_wait_kind(const struct ps_seen *seen, const struct place_of *at,
                                  bool *derived)
{
    const char *object = seen->wait.object;

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
        *derived = object && !strncmp(object, "pipe:", 5);
        return PS_LOSS_READ;
    case PS_WAIT_WRITE:
        *derived = object && !strncmp(object, "pipe:", 5);
        return PS_LOSS_WRITE;
    case PS_WAIT_SYNC:
        return PS_LOSS_SYNC;
    case PS_WAIT_MEMORY:
        return PS_LOSS_MEMORY;
    case PS_WAIT_FAULT:
        return PS_LOSS_FAULT;
    case PS_WAIT_OTHER:
        break;
    }
    return PS_LOSS_OTHER;
}
