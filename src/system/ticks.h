/* system/: what the kernel and the CPU give to every layer, without a subject of their own: clocks
 * (here) and a thread's times (schedstat.h), the spacing of shared data, a thread's registers and
 * mappings as plain structures, files that are written whole, libraries that are loaded late, and
 * what is said when code of others crashes. base/ has what is made of memory alone.
 *
 * Clocks. Nanoseconds of CLOCK_MONOTONIC for durations that are reported; ticks, the cheapest
 * steady counter of the machine, for time stamps inside regions. */
#ifndef PS_TICKS_H
#define PS_TICKS_H

#include <stdint.h>
#include <time.h>

static inline uint64_t ps_clock_ns(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t ps_now_ns(void)
{
    return ps_clock_ns(CLOCK_MONOTONIC);
}

/* CPU time of the calling thread, ns; about 300 ns a call. */
static inline uint64_t ps_thread_cpu_ns(void)
{
    return ps_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* Steady on every x86-64 whose TSC is invariant, which Linux checks before using it as its clock
 * source, and on aarch64 by definition; elsewhere nanoseconds. Not ordered with the code around it:
 * good to some tens of nanoseconds. By the compiler's own name: to read <x86intrin.h> takes longer
 * than to compile most files. */
static inline uint64_t ps_ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t value;

    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
    return ps_now_ns();
#endif
}

/* Two readings at one moment. The nanoseconds in a tick follow from two of them some time apart. */
struct ps_tick_mark {
    uint64_t ticks, ns;
};

struct ps_tick_mark ps_tick_mark(void);
/* ns per tick between the marks; they should be at least 1 ms apart. */
double ps_tick_ns(struct ps_tick_mark from, struct ps_tick_mark to);

static inline void ps_cpu_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
