/* The grammar of --threads: `2`, `1,2,4`, `1..8`, `1..64..x2`, `2..64..+2`, `pow2`, and the numbers
 * `cores` and `cpus`, which can begin or end a range. */
#ifndef PS_THREADS_H
#define PS_THREADS_H

#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "topology.h"

#define PS_MAX_THREADS 65536

/* Distinct counts in ascending order; -EINVAL or -ERANGE with the cause. */
int ps_threads_parse(const char *text, const struct ps_topology *t, struct ps_arena *a,
                     unsigned **threads, size_t *count, struct ps_err *e);

#endif
