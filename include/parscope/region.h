/* Marks regions of a program, so that parscope tells time, concurrency, serial fraction and waits
 * of each:
 *
 *     parscope_region_begin("factorise");
 *     ...
 *     parscope_region_end("factorise");
 *
 * This header is all there is: no library is needed, and nothing happens, at a nanosecond a pair,
 * unless `parscope run|sweep|smt-compare --diagnose` observes the program. Regions nest, up to 64
 * deep; a region is of the thread that it begins in, and must end in it, innermost first. Names are
 * told apart by their first 47 bytes; there may be 63 of them. Not for signal handlers, nor for
 * code that is unloaded by dlclose().
 *
 * C11 or C++11 with gcc or clang, on Linux. From other languages what is said below of the file can
 * be written directly; docs/design/diagnosis.md has an example in Python.
 *
 * The environment variable PARSCOPE_REGIONS holds the path of a file, which parscope made and
 * reads. All numbers in it have the machine's byte order.
 *
 *     0       "PARSREG1"
 *     8       u32: threads that found no free slot
 *     4096    u32[4096]: thread id of each slot's owner, 0: free
 *     65536   slots of 196608 bytes
 *
 * A thread takes the first free slot from its id modulo 4096 on, with an atomic exchange where the
 * language has that. In a slot:
 *
 *     0       u32 process id, u32 thread id
 *     8       u64 head: events that were written; the writer's
 *     16      u64 tail: events that were read; parscope's
 *     24      u64 regions for which there was no room
 *     32      u32 names
 *     64      char[256][48]: the names, each ending with a NUL
 *     16384   8192 events, number n at n modulo 8192: u64 time, u32 name, u32 0
 *
 * time: ns of CLOCK_MONOTONIC. name: 1 for the first one, ...; 0: the innermost open region ends.
 * What is written becomes valid by the head that is stored after it. A begin is written only if
 * head - tail + (regions open) + 2 <= 8192: so each region that began can end. */
#ifndef PARSCOPE_REGION_H
#define PARSCOPE_REGION_H

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if !defined MADV_DONTFORK || !defined O_CLOEXEC
#error "parscope/region.h needs the compiler's default -std, or -D_DEFAULT_SOURCE"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define PARSCOPE_REGION_SLOTS  4096
#define PARSCOPE_REGION_TABLE  4096 /* offset */
#define PARSCOPE_REGION_FIRST  65536
#define PARSCOPE_REGION_SLOT   196608
#define PARSCOPE_REGION_NAMES  256
#define PARSCOPE_REGION_NAME   48
#define PARSCOPE_REGION_EVENTS 8192
#define PARSCOPE_REGION_DEPTH  64
#define PARSCOPE_REGION_CACHE  64

struct parscope_region_event {
    uint64_t time;
    uint32_t name, reserved;
};

struct parscope_region_slot {
    uint32_t pid, tid;
    uint64_t head, tail, lost;
    uint32_t names, reserved[7];
    char name[PARSCOPE_REGION_NAMES][PARSCOPE_REGION_NAME];
    char unused[16384 - 64 - PARSCOPE_REGION_NAMES * PARSCOPE_REGION_NAME];
    struct parscope_region_event events[PARSCOPE_REGION_EVENTS];
};

/* In memory that a forked child finds zeroed, as the slot is not the child's. */
struct parscope_region_thread {
    struct parscope_region_slot *slot;
    uint64_t head, tail, recorded; /* tail: as last seen; recorded: a bit for each open region */
    uint32_t depth, open;
    struct {
        const char *text;
        uint32_t name;
    } cache[PARSCOPE_REGION_CACHE];
};

/* One of each in the program, however many files include this one. state: 0 not known yet, 1
 * observed, -1 not. */
__attribute__((weak)) int parscope_region_state;
__attribute__((weak)) pthread_key_t parscope_region_key;
__attribute__((weak)) __thread struct parscope_region_thread *parscope_region_self;

/* NULL where a program without threads is linked without their library. */
static __typeof__(pthread_key_create) parscope_region_key_create
    __attribute__((weakref("pthread_key_create"), unused));
static __typeof__(pthread_setspecific) parscope_region_setspecific
    __attribute__((weakref("pthread_setspecific"), unused));

__attribute__((unused)) static void parscope_region_forget(void *thread)
{
    struct parscope_region_thread *t = (struct parscope_region_thread *)thread;

    parscope_region_self = NULL;
    if (t->slot)
        munmap((void *)t->slot, sizeof *t->slot);
    munmap(thread, sizeof *t);
}

/* The first free slot; -1: there is none. */
__attribute__((unused)) static long parscope_region_claim(int file, uint32_t tid)
{
    char *map =
        (char *)mmap(NULL, PARSCOPE_REGION_FIRST, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    uint32_t *owners;
    long found = -1;

    if (map == (char *)MAP_FAILED)
        return -1;
    owners = (uint32_t *)(void *)(map + PARSCOPE_REGION_TABLE);
    for (uint32_t i = 0; found < 0 && i < PARSCOPE_REGION_SLOTS; i++) {
        uint32_t at = (tid + i) % PARSCOPE_REGION_SLOTS, none = 0;

        if (__atomic_compare_exchange_n(&owners[at], &none, tid, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            found = (long)at;
    }
    if (found < 0)
        __atomic_fetch_add((uint32_t *)(void *)(map + 8), 1u, __ATOMIC_RELAXED);
    munmap((void *)map, PARSCOPE_REGION_FIRST);
    return found;
}

__attribute__((unused)) static struct parscope_region_slot *parscope_region_map(void)
{
    const uint32_t tid = (uint32_t)syscall(SYS_gettid);
    const char *path = getenv("PARSCOPE_REGIONS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    long slot = file < 0 ? -1 : parscope_region_claim(file, tid);
    struct parscope_region_slot *s = NULL;
    void *map = slot < 0 ? MAP_FAILED
                         : mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED, file,
                                (off_t)PARSCOPE_REGION_FIRST + (off_t)slot * PARSCOPE_REGION_SLOT);

    if (file >= 0)
        close(file);
    if (map == MAP_FAILED)
        return NULL;
    madvise(map, sizeof *s, MADV_DONTFORK);
    s = (struct parscope_region_slot *)map;
    s->pid = (uint32_t)getpid();
    s->tid = tid;
    return s;
}

__attribute__((unused)) static struct parscope_region_thread *parscope_region_open(void)
{
    struct parscope_region_thread *t = parscope_region_self;

    if (!t) {
        void *map =
            mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (map == MAP_FAILED)
            return NULL;
        if (madvise(map, sizeof *t, MADV_WIPEONFORK)) {
            munmap(map, sizeof *t);
            return NULL;
        }
        t = (struct parscope_region_thread *)map;
    }
    t->slot = parscope_region_map();
    if (!t->slot) {
        munmap((void *)t, sizeof *t);
        parscope_region_self = NULL;
        return NULL;
    }
    t->head = t->slot->head;
    t->tail = t->slot->tail;
    parscope_region_self = t;
    if (parscope_region_setspecific)
        parscope_region_setspecific(parscope_region_key, t);
    return t;
}

/* Of two threads that are here at once both find the same; the one key too many does no harm. */
__attribute__((unused)) static int parscope_region_look(void)
{
    int state = getenv("PARSCOPE_REGIONS") ? 1 : -1;

    if (state > 0 && parscope_region_key_create && parscope_region_setspecific &&
        parscope_region_key_create(&parscope_region_key, parscope_region_forget))
        state = -1;
    __atomic_store_n(&parscope_region_state, state, __ATOMIC_RELEASE);
    return state;
}

/* 0: there are too many. */
__attribute__((unused)) static uint32_t parscope_region_number(struct parscope_region_thread *t,
                                                               const char *text)
{
    const uintptr_t bits = (uintptr_t)text;
    const size_t at = (size_t)((bits >> 3 ^ bits >> 9) % PARSCOPE_REGION_CACHE);
    struct parscope_region_slot *s = t->slot;
    uint32_t i = t->cache[at].text == text ? t->cache[at].name - 1 : 0;

    for (; i < s->names && i < PARSCOPE_REGION_NAMES; i++)
        if (!strncmp(s->name[i], text, PARSCOPE_REGION_NAME - 1))
            break;
    if (i >= PARSCOPE_REGION_NAMES)
        return 0;
    if (i >= s->names) {
        strncpy(s->name[i], text, PARSCOPE_REGION_NAME - 1);
        s->names = i + 1;
    }
    t->cache[at].text = text;
    t->cache[at].name = i + 1;
    return i + 1;
}

__attribute__((unused)) static uint64_t parscope_region_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

__attribute__((unused)) static void parscope_region_put(struct parscope_region_thread *t,
                                                        uint32_t name, uint64_t time)
{
    struct parscope_region_event *e = &t->slot->events[t->head % PARSCOPE_REGION_EVENTS];

    e->time = time;
    e->name = name;
    /* Pairs with the reader's: the event is there before the head tells of it. */
    __atomic_store_n(&t->slot->head, ++t->head, __ATOMIC_RELEASE);
}

__attribute__((unused)) static int parscope_region_room(struct parscope_region_thread *t)
{
    const uint64_t needed = t->head + t->open + 2;

    if (needed - t->tail > PARSCOPE_REGION_EVENTS)
        t->tail = __atomic_load_n(&t->slot->tail, __ATOMIC_ACQUIRE);
    return needed - t->tail <= PARSCOPE_REGION_EVENTS;
}

__attribute__((unused, noinline)) static void parscope_region_enter(const char *name)
{
    struct parscope_region_thread *t = parscope_region_self;
    uint32_t depth, number;

    if (!parscope_region_state && parscope_region_look() < 0)
        return;
    if (!t || !t->slot)
        t = parscope_region_open();
    if (!t)
        return;
    depth = t->depth++;
    number = depth < PARSCOPE_REGION_DEPTH && parscope_region_room(t)
                 ? parscope_region_number(t, name)
                 : 0;
    if (!number) {
        t->slot->lost++;
        return;
    }
    t->recorded |= (uint64_t)1 << depth;
    t->open++;
    parscope_region_put(t, number, parscope_region_now());
}

__attribute__((unused, noinline)) static void parscope_region_leave(void)
{
    struct parscope_region_thread *t = parscope_region_self;
    uint64_t bit;

    if (!t || !t->slot || !t->depth || --t->depth >= PARSCOPE_REGION_DEPTH)
        return;
    bit = (uint64_t)1 << t->depth;
    if (!(t->recorded & bit))
        return;
    t->recorded &= ~bit;
    t->open--;
    parscope_region_put(t, 0, parscope_region_now());
}

static inline void parscope_region_begin(const char *name)
{
    if (__builtin_expect(parscope_region_state >= 0, 0))
        parscope_region_enter(name);
}

/* name: for whoever reads the program; it is the innermost region that ends. */
static inline void parscope_region_end(const char *name)
{
    (void)name;
    if (__builtin_expect(parscope_region_state > 0, 0))
        parscope_region_leave();
}

#ifdef __cplusplus
}
#endif

#endif
