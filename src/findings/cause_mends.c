/* What mends a cause. */
#include <string.h>

#include "causes.h"
#include "text.h"

#define OWN_LOCK "Hold it for less time, or give each thread its own data."
#define SPIN_LOCK                                                                              \
    "Do less there, or sleep until it is ready (a mutex, a condition variable, a futex), and " \
    "give threads other work meanwhile."
#define HELD_LOCK "Do that outside of the lock, or give each thread its own data."
#define MORE_WORK                                                                               \
    "The threads compete for memory (bandwidth, caches, lines that several write), or do some " \
    "work more than once."

#define MORE_PAGES 1.3 /* times those with one thread */
#define MOST_PAGES 100 /* likewise: then one thread has almost none */

#define KEEP_MEMORY                                                                        \
    "Keep memory and reuse it (buffers that are kept, a larger M_MMAP_THRESHOLD, another " \
    "allocator)."
#define ALLOCATOR "Allocate less often, or use another allocator (jemalloc, mimalloc, tcmalloc)."
#define STREAM    "Give each thread a stream or a buffer of its own, or use larger blocks."
#define TIME_ZONE "Call it less often: keep its result, or do without the time zone."

/* What has no lock in place of functions of the C library that take one, by a part of their names.
 */
static const struct {
    const char *part, *mend;
} inside[] = {
    {"rand", "Give each thread a generator of its own (rand_r(), std::mt19937)."},
    {"_IO_", STREAM},
    {"getc", STREAM},
    {"gets", STREAM},
    {"getline", STREAM},
    {"putc", STREAM},
    {"puts", STREAM},
    {"print", STREAM},
    {"scanf", STREAM},
    {"fread", STREAM},
    {"fwrite", STREAM},
    {"fflush", STREAM},
    {"__tz_", TIME_ZONE},
    {"localtime", TIME_ZONE},
    {"gmtime", TIME_ZONE},
    {"mktime", TIME_ZONE},
    {"strftime", TIME_ZONE},
};

bool causes_of_allocator(const char *library)
{
    static const char *const names[] = {
        "free",
        "cfree",
        "__libc_free",
        "_int_free",
        "malloc",
        "calloc",
        "__libc_malloc",
        "__libc_calloc",
        "__libc_realloc",
        "_int_malloc",
        "realloc",
        "_int_realloc",
        "operator new",
        "operator new[]",
        "operator delete",
        "reallocarray",
        "operator delete[]",
        "posix_memalign",
        "aligned_alloc",
        "memalign",
        "valloc",
        "_mid_memalign",
        "_int_memalign",
        "_int_free_chunk",
        "_int_free_merge_chunk",
        "malloc_consolidate",
        "sysmalloc",
        "__rust_alloc",
        "__rust_dealloc",
    };
    const size_t length = library ? strcspn(library, "(@") : 0;

    for (size_t i = 0; library && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && !strncmp(library, names[i], length))
            return true;
    return false;
}

/* Of a lock that the program takes itself, or of a file, there is no other function to call. */
static const char *mend_lock(const struct cause *x)
{
    const char *library = x->place->library;

    if (!library || x->object || causes_of_lock(library))
        return x->holder ? HELD_LOCK : OWN_LOCK;
    if (causes_of_allocator(library))
        return ALLOCATOR;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (strstr(library, inside[i].part))
            return inside[i].mend;
    return "Call it less often, or give each thread its own data.";
}

/* Processes share no address space. */
static const char *mend_of_processes(int kind)
{
    if (kind == FAULTS)
        return "Each process touches memory of its own, and after a fork copies the pages that it "
               "writes to: reuse memory, or let processes live longer.";
    if (kind == MORE_KERNEL)
        return "Processes wait there for a file, a pipe or a socket that they share. Make fewer "
               "and larger calls.";
    return NULL;
}

bool causes_of_more_pages(const struct cause *x)
{
    return x->kind == FAULTS && x->times >= MORE_PAGES && x->times < MOST_PAGES;
}

const char *causes_mend(const struct causes *c, const struct cause *x)
{
    const char *of_processes = causes_share_memory(c) ? NULL : mend_of_processes(x->kind);

    if (of_processes)
        return of_processes;
    if (x->kind == PS_LOSS_LOCK)
        return mend_lock(x);
    if (x->kind == PS_LOSS_TURNS && x->waiter && x->waiter->library &&
        strstr(x->waiter->library, "sem_"))
        return "Let more of them in (the semaphore's value), or do less before it is given back.";
    if (x->kind == PS_LOSS_READ && x->object && !strncmp(x->object, "socket", 6))
        return "Ask for several things at once, or have the answers sooner.";
    if (causes_of_more_pages(x))
        return KEEP_MEMORY;
    if (x->kind == PS_LOSS_SPIN && x->holder &&
        !ps_text_same(x->holder->function, x->place->function))
        return SPIN_LOCK;
    if (x->kind == MORE_CPU)
        return c->counters ? MORE_WORK " Hardware counters tell which." : MORE_WORK;
    return cause_words[x->kind].mend;
}
