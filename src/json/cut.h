/* Samples, which are most of a result, apart from the tree of the document: a number in the tree
 * takes five times the memory of a double, and a microsecond. */
#ifndef PS_JSON_CUT_H
#define PS_JSON_CUT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "str.h"

struct ps_cut_series {
    const char *name;
    double *values; /* NaN: null */
    size_t count;
};

/* The samples of one point. */
struct ps_cut {
    struct ps_cut_series *series;
    size_t count;
};

struct ps_cuts {
    struct ps_cut *items;
    size_t count;
    size_t values; /* in all */
};

#define PS_CUT_KEY "cut"

/* Takes the samples of points out of a text, which is untrusted and ends with NUL, and leaves
 * {"cut": INDEX} in their place. What is not as parscope writes it (other things than numbers,
 * escapes in a name, a name twice) stays where it is. */
void ps_cut_samples(struct ps_str *text, struct ps_arena *a, struct ps_cuts *out);

#endif
