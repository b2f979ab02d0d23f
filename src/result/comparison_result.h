/* What `parscope compare` finds: of two results, or of two programs that one run measured in turns.
 * All memory belongs to the arena. NaN stands for "no value" (null in JSON). SI units. */
#ifndef PS_COMPARISON_RESULT_H
#define PS_COMPARISON_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "change.h"
#include "result.h"

#define PS_COMPARISON_SCHEMA "parscope-comparison/1"

/* "same", "better", "not-worse", "inconclusive", "worse" */
#define PS_CHANGES 5
const char *ps_change_name(enum ps_change c);

/* One metric of one point, or the serial fraction of one curve, on both sides. */
struct ps_comparison_row {
    const char *subject; /* "steal with 2 threads on reduce" */
    const char *workload_label, *strategy_label, *placement;
    unsigned threads; /* 0: of a curve */
    const char *metric, *title, *unit;
    struct ps_interval base, now;
    bool difference;           /* the change is now - base, else it is now / base */
    struct ps_interval change; /* 95 % for this one alone */
    double low, high;          /* 95 % for all rows together, by which it is judged */
    bool less;                 /* less is better */
    enum ps_change verdict;
    const char *reason; /* why inconclusive; NULL */
    size_t rounds;      /* that the change is of; of results from two runs, the fewer */
    double *changes;    /* one per round, NaN where missing; NULL where rounds are not paired */
    bool rare; /* fewer than half of the rounds have a finite change; not in a loaded one */
};

struct ps_comparison_side {
    const char *name; /* the file, or the program */
    const char *started, *version;
};

struct ps_comparison {
    struct ps_arena *arena;
    const char *version;
    struct ps_comparison_side base, now;
    bool paired;      /* rounds of one run; else two runs */
    bool looked;      /* rounds went on until verdicts were there: limits are widened for that */
    double threshold; /* relative; of serial fractions absolute */
    struct ps_comparison_row *rows;
    size_t row_count;
    const char **differences; /* between the hosts, in what matters: "2 CPUs, then 4" */
    size_t difference_count;
    const char **notes; /* sentences: what is on one side alone, what else differs */
    size_t note_count;
    enum ps_change verdict;           /* the worst of the rows */
    const struct ps_result *measured; /* of one run, that run; NULL */
};

#endif
