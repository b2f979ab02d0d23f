/* Several results beside each other, each under a name of its own. */
#ifndef PS_RESULTS_H
#define PS_RESULTS_H

#include "result.h"

struct ps_named_result {
    const char *name;
    const struct ps_result *r;
};

struct ps_results {
    struct ps_arena *arena;
    struct ps_named_result *items;
    size_t count;
};

/* What tells files apart: of each path the last part without its suffix, with as many folders
 * before it as that takes, and a number where two paths are the same. From the arena. */
const char **ps_result_names(const char *const *paths, size_t count, struct ps_arena *a);

#endif
