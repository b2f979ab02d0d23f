/* What became better or worse. Comes in: two constant results, or one that has two programs, whose
 * rounds were measured in turns. Goes out: a row for each metric of each point that both sides
 * have, with its change, the interval of that and a verdict; and in what the hosts differ. Nothing
 * here measures or prints. */
#ifndef PS_COMPARE_H
#define PS_COMPARE_H

#include "comparison_result.h"
#include "err.h"

struct ps_compare_request {
    const char *base, *now;     /* names; NULL: those of the programs */
    const char *const *metrics; /* ids; none: those that gates are about */
    size_t metric_count;
    double threshold; /* 0.05 */
    uint64_t seed;    /* of intervals over paired rounds */
};

/* -ENOENT for a metric that is not compared, naming the nearest. */
int ps_compare_check(const struct ps_compare_request *q, struct ps_err *e);

/* Both fail with -ENOENT where the sides have no point or no metric in common, -ENOMEM. */
int ps_compare_results(const struct ps_result *base, const struct ps_result *now,
                       const struct ps_compare_request *q, struct ps_arena *a,
                       struct ps_comparison **c, struct ps_err *e);
int ps_compare_programs(const struct ps_result *r, const struct ps_compare_request *q,
                        struct ps_arena *a, struct ps_comparison **c, struct ps_err *e);

/* By what factor the widest interval that leaves a verdict open is too wide: 0 where none does, or
 * where one is worse, as rounds won't change that; infinity while there are no intervals. */
double ps_comparison_undecided(const struct ps_comparison *c);
/* The ids of what is compared; ids: room for PS_MOST_COMPARED. */
#define PS_MOST_COMPARED 32
size_t ps_compare_metrics(const struct ps_compare_request *q, const char **ids);

#endif
