#include "kit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

void *ps_kit_alloc_to_fill(struct parscope_memory *m, uint64_t count, size_t size)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *start = parscope_alloc(m, count, size);
    const uintptr_t before = (uintptr_t)start % page;

    /* Data begin within the first page of their mapping. An older kernel refuses. */
    if (start != NULL)
        (void)madvise((char *)start - before, before + count * size, MADV_POPULATE_WRITE);
    return start;
}

int ps_kit_partials_init(struct ps_kit_partials *p, struct parscope_memory *m, unsigned slots)
{
    p->slots = parscope_alloc(m, slots, sizeof *p->slots);
    p->used = 0;
    return p->slots == NULL ? -ENOMEM : 0;
}

void ps_kit_partials_start(struct ps_kit_partials *p, unsigned used)
{
    for (unsigned i = 0; i < used; i++) {
        p->slots[i].sum = 0;
        p->slots[i].cover = 0;
    }
    p->used = used;
}

int ps_kit_check_sum(const struct ps_kit_partials *p, uint64_t expected, char *why, size_t why_size)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < p->used; i++)
        sum += p->slots[i].sum;
    if (sum == expected)
        return 0;
    return ps_kit_bad(why, why_size, "the sum is %" PRIu64 " where %" PRIu64 " is right", sum,
                      expected);
}

int ps_kit_check_cover(const struct ps_kit_partials *p, uint64_t n, char *why, size_t why_size)
{
    uint64_t cover = 0;

    for (unsigned i = 0; i < p->used; i++)
        cover += p->slots[i].cover;
    if (cover == ps_kit_mix(n) - ps_kit_mix(0))
        return 0;
    return ps_kit_bad(why, why_size,
                      "of %" PRIu64 " items some were left out or done more than once", n);
}

int ps_kit_mutex_init(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;
    int err = pthread_mutexattr_init(&attributes);

    if (err != 0)
        return -err;
    err = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (err == 0)
        err = pthread_mutex_init(mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return -err;
}

int64_t ps_kit_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int ps_kit_bad(char *why, size_t why_size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, why_size, format, args);
    va_end(args);
    return -EBADMSG;
}

int ps_kit_refuse(char *why, size_t why_size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, why_size, format, args);
    va_end(args);
    return -EINVAL;
}
