/* What parts need to measure: a test and its reference in turns, threads in their places, and a
 * known amount of work. Everything here runs in a sample's own process. Internal to this layer. */
#ifndef PS_BENCH_H
#define PS_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "team.h"

struct bench {
    const int *cpus;
    unsigned cpu_count;
    unsigned threads; /* of regions and barriers */
    const struct ps_topology *topology;
};

/* ns per operation. */
struct sample {
    double test, reference;
};

/* Does `reps` operations and returns the ns that one took; NaN where none counts. */
typedef double batch_fn(void *arg, uint64_t reps);

/* Finds out how many operations fill a batch, then takes batches of both in turns, each after a few
 * operations that bring back caches and spinning threads, and gives the medians. */
void bench_compare(batch_fn *test, batch_fn *reference, void *arg, struct sample *out);

/* References: nothing but the loop; two readings of the clock, one after the other. */
batch_fn bench_empty, bench_clock;

/* Keeps the compiler from knowing what happens here. */
static inline void bench_opaque(void)
{
    __asm__ volatile("" ::: "memory");
}

/* A chain of dependent multiplications; no memory, no system call. */
void bench_delay(uint64_t iterations);
/* Iterations that take about so long here and now. */
uint64_t bench_delay_iterations(double ns);

/* The calling thread uses this CPU only from now on; 0 or -errno. */
int bench_pin(const struct bench *bench, unsigned member, struct ps_err *e);
/* The same for all CPUs. */
int bench_float(const struct bench *bench, struct ps_err *e);
/* Threads pinned to the first CPUs, again from the first where there are more threads
 * than CPUs. */
int bench_team(const struct bench *bench, unsigned members, struct ps_team **team,
               struct ps_err *e);
/* Runs fn(arg, member) on the members of a new team and waits for them. */
int bench_run(const struct bench *bench, unsigned members, ps_member_fn *fn, void *arg,
              struct ps_err *e);

#endif
