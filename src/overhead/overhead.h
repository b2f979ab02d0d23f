/*
 * This folder measures what each part of running things in parallel costs on this machine: the time
 * of a construct minus the time of a reference that lacks it (Bull, "Measuring Synchronisation and
 * Scheduling Overheads in OpenMP", 1999). In comes which parts, on which CPUs, for how long; out
 * goes a struct ps_overhead (result's overhead_result.h), a row for each part. parts.h is the list
 * of parts, bench.h and region_bench.h what they measure with, sample.h a sample in a process of
 * its own, estimate.h the difference with its interval. It needs nothing of plans and trials.
 *
 * Each sample is taken in a process of its own, which is forked for it while this process has one
 * thread, and has ended before the next begins: nothing of one part is there while another is
 * measured. All parts are visited once in each round, in an order shuffled anew.
 */
#ifndef PS_OVERHEAD_H
#define PS_OVERHEAD_H

#include <stdatomic.h>

#include "err.h"
#include "overhead_result.h"
#include "topology.h"

struct ps_overhead_request {
    const struct ps_topology *topology; /* of this machine */
    const int *cpus;                    /* to use, in this order; NULL: one of each core first */
    size_t cpu_count;
    unsigned threads; /* of regions and barriers */
    uint64_t runs;    /* rounds; 0: as many as max_time allows */
    double max_time;  /* s */
    uint64_t seed;
    const char *const *parts; /* ids */
    size_t part_count;        /* 0: all */
};

struct ps_overhead_hooks {
    const atomic_int *interrupted;                                                 /* NULL: never */
    void (*progress)(void *arg, const char *part, size_t round, double remaining); /* or NULL */
    void *progress_arg;
};

/* Its id, and what it is; NULL beyond the last. */
const char *ps_overhead_part(size_t i, const char **what);
/* -ENOENT, with the nearest known id, where one of them is none. */
int ps_overhead_check(const struct ps_overhead_request *q, struct ps_err *e);
/* To be called while this process has one thread. 0; -EINTR with what was measured so far. A part
 * that can't be measured is a row with its reason. */
int ps_overhead_measure(const struct ps_overhead_request *q, const struct ps_overhead_hooks *hooks,
                        struct ps_arena *a, struct ps_overhead **out, struct ps_err *e);

#endif
