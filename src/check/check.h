/* Checks for CI: METRIC[selector] OP VALUE, judged by the interval.
 *
 *     speedup[strategy=steal,threads=2] >= 1.8     serial_fraction <= 0.1     wall_time < 20ms
 *
 * METRIC is a metric id, an event that is counted, a value that a workload measures itself,
 * serial_fraction, or of a varied parameter crossover, crossover_idle or metg. The selector has
 * workload, strategy (a name, or a whole label), threads and placement, all optional; without it
 * every point is meant. OP is >=, >, <= or <. VALUE has the metric's unit: a plain number, a time
 * for seconds, a percentage for ratios, k M G suffixes for counts. Blanks are free. */
#ifndef PS_CHECK_H
#define PS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "result.h"
#include "stats.h"

#define PS_MAX_CHECKS 256

enum ps_check_op { PS_CHECK_GE, PS_CHECK_GT, PS_CHECK_LE, PS_CHECK_LT };

struct ps_check_spec {
    const char *text; /* normalised: "speedup[threads=2] >= 1.8" */
    const char *metric;
    const char *workload, *strategy, *placement; /* NULL: any */
    unsigned threads;                            /* 0: any */
    enum ps_check_op op;
    double value;     /* SI */
    const char *unit; /* of the metric, as in ps_metrics; "count" for events; "parameter" for what
                         is in the unit of a varied parameter */
    const char *value_unit; /* of what a grain check in the unit of a parameter was given: "count"
                             * with a suffix, "s"; NULL for a plain number, and otherwise */
    bool model; /* serial_fraction: of curves, which have no thread count, instead of points */
    bool grain; /* crossover, crossover_idle, metg: likewise, of curves over a parameter */
};

/* A point, as a selector sees it. */
struct ps_check_subject {
    const char *workload, *workload_label, *strategy, *strategy_label, *placement;
    unsigned threads;
    bool baseline;
};

/* What a check may name besides the built-in metrics. */
struct ps_check_names {
    const char *const *events; /* of -e */
    size_t event_count;
    const struct ps_metric_info *custom; /* what workloads measure themselves; ends with id NULL;
                                            of several with the same id the first counts */
    bool ranks; /* the selector has ranks, in place of all that it has otherwise */
};

/* -EINVAL for what the grammar doesn't
 * have, with what was expected and where; -ENOENT for an unknown metric or selector key, with the
 * nearest. */
int ps_check_parse(const char *text, const struct ps_check_names *names, struct ps_arena *a,
                   struct ps_check_spec *c, struct ps_err *e);

/* True where the check is about this point (for model checks: about its curve). The reference of a
 * ratio is not judged by it: a baseline never matches a metric that is relative to it (speedup,
 * speedup_idle, efficiency, cycle_speedup, load_balance, serial_fraction, crossover,
 * crossover_idle, metg). */
bool ps_check_matches(const struct ps_check_spec *c, const struct ps_check_subject *p);

/* -ENOENT where none of the subjects match, naming the first part of the selector (workload,
 * strategy, placement, threads) that excludes all that are left, and what there is instead ("no
 * point has threads=3: there are 1, 2"). */
int ps_check_any(const struct ps_check_spec *c, const struct ps_check_subject *subjects,
                 size_t count, struct ps_err *e);

/* Holds where the whole interval satisfies it, fails where none of it does, else inconclusive, as
 * without an interval. */
enum ps_check_outcome ps_check_judge(const struct ps_check_spec *c, struct ps_interval i);

/* As an interval to judge: beyond the range, its value is the end that is known. */
struct ps_interval ps_check_from(const struct ps_result_threshold *f);
/* The one that a grain check is about. */
const struct ps_result_threshold *ps_check_grain(const struct ps_check_spec *c,
                                                 const struct ps_grain *g);

/* Judges on a result, over all points or models that match: fails if one fails, is inconclusive if
 * one is, holds if all hold. Points that lack the metric do not count; where all do, it is
 * inconclusive. The evidence says which one decided, with value and interval, or why its value is
 * missing: the first that fails, else the first that is inconclusive, else the nearest to the
 * bound. Memory from r->arena. */
struct ps_check ps_check_on_result(const struct ps_check_spec *c, const struct ps_result *r);
/* Adds all of them to the result, judged. */
void ps_check_add(const struct ps_check_spec *specs, size_t count, struct ps_result *r);

#endif
