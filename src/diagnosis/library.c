#include "library.h"

#include <ctype.h>
#include <string.h>

#include "diagnosis_result.h"
#include "name.h"
#include "text.h"

/* By the beginning of the name of the module. */
static const struct {
    const char *prefix;
    enum library_kind kind;
} modules[] = {
    {"libc.", LIBRARY_SYSTEM},       {"libc-", LIBRARY_SYSTEM},
    {"libm.", LIBRARY_SYSTEM},       {"libm-", LIBRARY_SYSTEM},
    {"libpthread", LIBRARY_SYSTEM},  {"ld-linux", LIBRARY_SYSTEM},
    {"ld-", LIBRARY_SYSTEM},         {"libstdc++", LIBRARY_SYSTEM},
    {"libc++", LIBRARY_SYSTEM},      {"libgcc_s", LIBRARY_SYSTEM},
    {"[vdso]", LIBRARY_SYSTEM},      {"libdl", LIBRARY_SYSTEM},
    {"libmvec", LIBRARY_SYSTEM},     {"libgfortran", LIBRARY_SYSTEM},
    {"libjemalloc", LIBRARY_SYSTEM}, {"libtcmalloc", LIBRARY_SYSTEM},
    {"libmimalloc", LIBRARY_SYSTEM}, {"libgomp", LIBRARY_RUNTIME},
    {"libomp", LIBRARY_RUNTIME},     {"libiomp", LIBRARY_RUNTIME},
    {"libtbb", LIBRARY_RUNTIME},
};

/* Where the source of a language's own library lies; Rust's may be told without its root. */
static const char *const sources[] = {
    "/rust/deps/", "/usr/include/",     "/usr/lib/gcc/", "/include/c++/",
    "/rustc/",     "/lib/rustlib/src/", "/rustc-",
};
static const char *const rust_sources[] = {
    "library/std/src/",
    "library/core/src/",
    "library/alloc/src/",
};
static const char *const go_sources[] = {"/src/runtime/", "/src/sync/", "/src/internal/"};

/* Beginnings of names of functions in them; the return type may stand before. */
static const char *const spaces[] = {"std::", "__gnu_cxx::", "core::", "alloc::"};

/* The first row that any of the frames has a part of. */
static const struct {
    const char *part;
    enum waits_for waits;
} parts[] = {
    {"pthread_join", WAITS_JOIN},
    {"clockjoin", WAITS_JOIN},
    {"::join", WAITS_JOIN},
    {"thrd_join", WAITS_JOIN},
    {"barrier", WAITS_BARRIER},
    {"std::latch", WAITS_BARRIER},
    {"cond_", WAITS_SIGNAL},
    {"cnd_", WAITS_SIGNAL},
    {"condition_variable", WAITS_SIGNAL},
    {"condvar", WAITS_SIGNAL},
    {"Condvar", WAITS_SIGNAL},
    {"sem_", WAITS_SIGNAL},
    {"platform_wait", WAITS_SIGNAL},
    {"futex_wait_until", WAITS_SIGNAL},
    {"park", WAITS_SIGNAL},
};

static const struct {
    const char *part;
    enum waits_for waits;
} runtime_parts[] = {
    {"ordered_start", WAITS_ORDER}, {"kmpc_ordered", WAITS_ORDER}, {"critical", WAITS_LOCK},
    {"GOMP_atomic", WAITS_LOCK},    {"_lock", WAITS_LOCK},         {"_next", WAITS_PIECES},
    {"dispatch", WAITS_PIECES},     {"taskwait", WAITS_TASK},      {"taskgroup", WAITS_TASK},
    {"GOMP_task", WAITS_TASKS},     {"omp_task", WAITS_TASKS},
};

static const char *const turns[] = {"sched_yield", "__sched_yield"};
static const char *const spinning[] = {"pthread_spin_lock"};

#define COUNT(x) (sizeof(x) / sizeof *(x))

static bool among(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; name && i < count; i++)
        if (!strcmp(name, list[i]))
            return true;
    return false;
}

static bool is_source(const char *file)
{
    const char *end = strrchr(file, '.');

    for (size_t i = 0; i < COUNT(rust_sources); i++)
        if (!strncmp(file, rust_sources[i], strlen(rust_sources[i])))
            return true;
    return ps_text_holds_any(file, sources, COUNT(sources)) ||
           (end && !strcmp(end, ".go") && ps_text_holds_any(file, go_sources, COUNT(go_sources)));
}

/* "std::x", "void std::x<int>", and not "run(std::x)" or "run<int, std::x>". */
static bool in_a_language(const char *function)
{
    const size_t most = strcspn(function, "(<");

    for (size_t i = 0; i < COUNT(spaces); i++) {
        const char *at = strstr(function, spaces[i]);

        if (at && (at == function || (at[-1] == ' ' && at < function + most) ||
                   (at == function + 1 && *function == '<')))
            return true;
    }
    return false;
}

enum library_kind library_of(const struct ps_frame *f)
{
    for (size_t i = 0; f->module && i < COUNT(modules); i++)
        if (!strncmp(f->module, modules[i].prefix, strlen(modules[i].prefix)))
            return modules[i].kind;
    if (f->file ? is_source(f->file) : f->function && in_a_language(f->function))
        return LIBRARY_INLINE;
    return LIBRARY_NONE;
}

bool library_in_runtime(const struct ps_frame *frames, size_t own)
{
    const enum library_kind kind = library_of(&frames[0]);

    if (kind == LIBRARY_RUNTIME)
        return true;
    return kind == LIBRARY_SYSTEM && own && library_of(&frames[own - 1]) == LIBRARY_RUNTIME &&
           !(frames[own - 1].function && strstr(frames[own - 1].function, "omp_get_"));
}

#define JVM     "libjvm.so"
#define NEAREST 8 /* frames, from where it spins or sleeps to the monitor */

bool library_in_monitor(const struct ps_frame *frames, size_t count)
{
    static const char *const enters[] = {"ObjectMonitor::enter", "ObjectMonitor::Enter",
                                         "ObjectMonitor::TrySpin", "ObjectMonitor::ReenterI",
                                         "ObjectMonitor::TryLock"};

    for (size_t i = 0; i < count && i < NEAREST; i++)
        if (frames[i].module && !strncmp(frames[i].module, JVM, strlen(JVM)) &&
            ps_text_holds_any(frames[i].function, enters, COUNT(enters)))
            return true;
    return false;
}

bool library_calls_kernel(const struct ps_frame *f)
{
    return ps_name_calls_kernel(f->function) && library_of(f) == LIBRARY_SYSTEM;
}

bool library_spins(const struct ps_frame *f)
{
    return among(f->function, spinning, COUNT(spinning)) || among(f->function, turns, COUNT(turns));
}

/* "mutex_lock", "Mutex::Lock", and neither "clock" nor "block". */
static bool has_lock(const char *name)
{
    for (const char *at = name; (at = strstr(at, "ock")); at++) {
        const char before = at > name + 1 ? (char)tolower((unsigned char)at[-2]) : ' ';

        if (at > name && tolower((unsigned char)at[-1]) == 'l' && before != 'c' && before != 'b')
            return true;
    }
    return false;
}

static enum waits_for in_runtime(const struct ps_frame *frames, size_t count)
{
    for (size_t i = 0; i < COUNT(runtime_parts); i++)
        for (size_t k = 0; k < count; k++)
            if (frames[k].function && strstr(frames[k].function, runtime_parts[i].part))
                return runtime_parts[i].waits;
    return WAITS_UNKNOWN;
}

static enum waits_for by_parts(const struct ps_frame *frames, size_t count)
{
    for (size_t i = 0; i < COUNT(parts); i++)
        for (size_t k = 0; k < count; k++)
            if (frames[k].function && strstr(frames[k].function, parts[i].part))
                return parts[i].waits;
    for (size_t k = 0; k < count; k++)
        if (frames[k].function && has_lock(frames[k].function))
            return WAITS_LOCK;
    return WAITS_UNKNOWN;
}

enum waits_for library_waits(const struct ps_frame *frames, size_t count,
                             const struct ps_frame *own)
{
    enum waits_for waits;

    if (!count)
        return WAITS_UNKNOWN;
    if (library_of(&frames[0]) == LIBRARY_RUNTIME ||
        library_of(&frames[count - 1]) == LIBRARY_RUNTIME)
        return in_runtime(frames, count);
    for (size_t i = 0; i < count; i++)
        if (among(frames[i].function, turns, COUNT(turns)))
            return WAITS_TURN;
    waits = by_parts(frames, count);
    /* Threads of Python's wait for others by semaphores. */
    if (waits == WAITS_SIGNAL && own && ps_module_interprets(own->module) &&
        frames[count - 1].function && strstr(frames[count - 1].function, "cond_timedwait"))
        return WAITS_INTERPRETER;
    return waits;
}
