/* Names of the rows of a table that does not grow for ever. Internal to this layer. */
#ifndef PS_ROW_NAMES_H
#define PS_ROW_NAMES_H

#include <stddef.h>

#include "arena.h"

#define NAMES_MOST 64 /* the last of them is "others": all that come later */

struct names {
    const char *names[NAMES_MOST];
    size_t count;
};

/* The index of the name, which is copied where it is new. */
size_t names_index(struct names *n, const char *name, struct ps_arena *a);

#endif
