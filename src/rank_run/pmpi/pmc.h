/* A counter of this thread, read in user mode, as <linux/perf_event.h> describes it: what the
 * kernel has added up so far is in the event's page, with the number of the register that goes on
 * counting. The kernel changes `lock` whenever it changes the others. */
#ifndef PS_PMC_H
#define PS_PMC_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __x86_64__
#define PS_PMC_REGISTERS 1
#else
#define PS_PMC_REGISTERS 0
#endif

#ifndef PS_PMC_REGISTER /* tests have another one */
#if PS_PMC_REGISTERS
#define PS_PMC_REGISTER(index) __builtin_ia32_rdpmc((int)(index))
#else
#define PS_PMC_REGISTER(index) ((void)(index), 0)
#endif
#endif

/* The lowest `width` bits of a register, which may have begun below zero. */
static inline uint64_t ps_pmc_extend(uint64_t value, unsigned width)
{
    return width && width < 64 ? (uint64_t)((int64_t)(value << (64 - width)) >> (64 - width))
                               : value;
}

/* false: it is in no register now, or the kernel does not let us read it. */
static inline bool ps_pmc_read(const volatile struct perf_event_mmap_page *p, uint64_t *value)
{
    uint32_t before, index;
    uint64_t sum;

    do {
        before = p->lock;
        __asm__ volatile("" ::: "memory"); /* the kernel writes on this CPU: order is enough */
        index = p->index;
        if (!index || !p->cap_user_rdpmc)
            return false;
        sum =
            (uint64_t)p->offset + ps_pmc_extend((uint64_t)PS_PMC_REGISTER(index - 1), p->pmc_width);
        __asm__ volatile("" ::: "memory");
    } while (p->lock != before);
    *value = sum;
    return true;
}

#endif
