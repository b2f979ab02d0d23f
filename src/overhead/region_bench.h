/* A strategy's trial in which test and reference are compared. Internal to this layer. */
#ifndef PS_REGION_BENCH_H
#define PS_REGION_BENCH_H

#include "bench.h"
#include "strategy.h"

struct region_bench {
    const char *strategy;
    unsigned workers;
    batch_fn *test, *reference; /* get the region_bench */
    uint64_t delay;             /* iterations (bench_delay); 0: none */
    struct parscope_exec *exec; /* while it runs */
    struct sample *out;
    int err; /* of a region */
};

/* Both batches run on the strategy's caller, test and reference in turns, in one trial: between
 * regions the workers do what they do. */
int region_bench_run(const struct bench *bench, struct region_bench *c, struct ps_err *e);

#endif
