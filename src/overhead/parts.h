/* The parts: each is a function and a row of parts.c. Internal to this layer. */
#ifndef PS_PARTS_H
#define PS_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "bench.h"

struct part;

/* Takes a sample, in a process of its own. 0, or -errno with the reason in the error. It leaves no
 * thread and no process behind. */
typedef int part_fn(const struct bench *bench, const struct part *p, struct sample *out,
                    struct ps_err *e);

struct part {
    const char *id, *what, *less; /* as in a row of the result */
    part_fn *measure;
    unsigned cpus;        /* that it needs */
    bool cpu_each;        /* it needs a CPU for each thread of a region */
    const char *strategy; /* of regions */
    double idle;          /* ns, of wake-ups */
    const char *none;     /* what happened where a sample has no value; NULL: it always has one */
};

extern const struct part parts[];
extern const size_t part_total;

/* -ENOENT, with the nearest id, where there is none such. */
int part_check(const char *id, struct ps_err *e);
/* Why it can't be measured on these CPUs; NULL where it may. */
const char *part_refusal(const struct part *p, const struct bench *bench, struct ps_arena *a);

part_fn part_clock, part_thread_clock, part_counter_read;
part_fn part_thread, part_thread_pinned, part_thread_touch, part_thread_malloc;
part_fn part_handover_spin, part_handover_sleep;
part_fn part_wake;
part_fn part_region, part_shared_region;
part_fn part_barrier_spin, part_barrier_sleep;
part_fn part_task, part_steal;
part_fn part_process;

#endif
