/* /proc/cpuinfo; private to the topology layer. */
#ifndef PS_CPUINFO_H
#define PS_CPUINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* The value of "KEY : VALUE" in the part about the first CPU; false where it has no such key or an
 * empty value. */
bool ps_cpuinfo_value(const char *root, const char *key, char *value, size_t size);
/* The name of the first CPU, "unknown" where nothing says. */
const char *ps_cpuinfo_model(struct ps_arena *a, const char *root);

#endif
