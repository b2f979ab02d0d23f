/* Lists of CPUs as text, "0,2-5". */
#ifndef PS_CPU_LIST_H
#define PS_CPU_LIST_H

#include <stddef.h>

#include "arena.h"
#include "cpus.h"
#include "err.h"

/* "0,2-5" -> OS numbers in the order given; each must be allowed. Duplicates, ranges that run
 * backwards and empty items are refused with -EINVAL, numbers above 65535 with -ERANGE. */
int ps_cpu_list_parse(const struct ps_topology *t, const char *text, struct ps_arena *a, int **cpus,
                      size_t *count, struct ps_err *e);
/* The reverse, with ranges folded where they ascend: "0,2-5". */
char *ps_cpu_list_format(struct ps_arena *a, const int *cpus, size_t count);

#endif
