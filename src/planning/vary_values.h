/* The values that a NAME in a program's words takes: numbers, times or words. Internal to this
 * layer. */
#ifndef PS_VARY_VALUES_H
#define PS_VARY_VALUES_H

#include "spec.h"

struct ps_varied_values {
    struct parscope_param param; /* its name, and the type that all of its values are of */
    const char **texts;          /* canonical, "4k" */
    const char **fills; /* what the program gets, "4000": as written but for k, M ... of counts */
    union parscope_value *values;
    size_t count;
};

/* "1k..1M..x4", "1+2+4", "fast+slow". */
int ps_varied_range(const char *name, const char *range, struct ps_arena *a,
                    struct ps_varied_values *v, struct ps_err *e);
/* A file of columns, apart by commas, whose first line names them: an element of *axes for each,
 * with a value of each line. */
int ps_varied_file(const char *path, struct ps_arena *a, struct ps_varied_values **axes,
                   size_t *count, struct ps_err *e);

#endif
