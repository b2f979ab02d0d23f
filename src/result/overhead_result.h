/* What `parscope overhead` found: a row for each part of running things in parallel. All memory
 * belongs to an arena. NaN stands for "no value" (null in JSON). SI units. */
#ifndef PS_OVERHEAD_RESULT_H
#define PS_OVERHEAD_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

#include "arena.h"

#define PS_OVERHEAD_SCHEMA "parscope-overhead/1"

struct ps_overhead_row {
    const char *id;   /* "thread-touch" */
    const char *what; /* one phrase */
    const char *less; /* what the reference is, whose time is subtracted; one phrase */
    /* Test minus reference, s: median over rounds and its 95 % interval. May be negative. */
    double value, low, high;
    double reference;    /* median, s */
    double *tests;       /* one per round, s, NaN where missing */
    double *references;  /* likewise */
    const char *reason;  /* NULL, or why there is no value or only one of some rounds */
    size_t sample_count; /* rounds that have one */
};

struct ps_overhead {
    struct ps_arena *arena;
    const char *version, *started; /* RFC 3339 */
    double elapsed;
    const char *cpu_model, *kernel, *virtualization;
    double cpu_quota; /* NaN: none */
    int *cpus;        /* that were used, the pair of two-sided parts first */
    size_t cpu_count;
    unsigned threads; /* of regions and barriers */
    uint64_t seed, runs;
    double max_time;
    size_t rounds;
    enum ps_end ended_by;
    struct ps_overhead_row *rows;
    size_t row_count;
    const char **notes; /* whole sentences */
    size_t note_count;
};

#endif
