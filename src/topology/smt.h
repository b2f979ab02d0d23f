/* Hardware threads of one core. */
#ifndef PS_SMT_H
#define PS_SMT_H

#include <stddef.h>

#include "arena.h"
#include "cpus.h"
#include "err.h"
#include "host.h"

struct ps_smt_pair {
    int first, second; /* OS numbers of two hardware threads of one core */
};

/* The first two allowed CPUs of every core that has two, in the order in which spread takes the
 * cores. count may be 0. */
void ps_smt_pairs(const struct ps_topology *t, struct ps_arena *a, struct ps_smt_pair **pairs,
                  size_t *count);
/* "0,1": two different allowed CPUs, or -EINVAL. */
int ps_smt_pair_parse(const struct ps_topology *t, const char *text, struct ps_arena *a,
                      struct ps_smt_pair *pair, struct ps_err *e);
/* What the machine shows, where no core has two allowed CPUs: a sentence with the number of cores
 * and CPUs, smt/control and the virtualization. */
const char *ps_smt_absence(const struct ps_topology *t, const struct ps_host *h,
                           struct ps_arena *a);

#endif
