/* A strategy's trial in which test and reference are compared. Internal to this layer. */
#ifndef PS_CONTEST_H
#define PS_CONTEST_H

#include "lab.h"
#include "strategy.h"

struct contest {
    const char *strategy;
    unsigned workers;
    batch_fn *test, *reference; /* get the contest */
    uint64_t turns;             /* of a delay; 0: none */
    struct parscope_exec *exec; /* while it runs */
    struct sample *out;
    int err; /* of a region */
};

/* Both batches run on the strategy's caller, test and reference in turns, in one trial: between
 * regions the workers do what they do. */
int contest_run(const struct lab *lab, struct contest *c, struct ps_err *e);

#endif
