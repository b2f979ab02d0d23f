#include "estimate.h"

#include <errno.h>
#include <stdlib.h>

int estimate_difference(const double *test, const double *reference, size_t n, uint64_t seed,
                        struct ps_interval *out)
{
    double *difference = calloc(n + 1, sizeof *difference);
    int err;

    if (!difference)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        difference[i] = test[i] - reference[i];
    err = ps_bootstrap_median(difference, n, seed, out);
    free(difference);
    return err;
}
