#include "row_names.h"

#include <string.h>

size_t names_index(struct names *n, const char *name, struct ps_arena *a)
{
    for (size_t i = 0; i < n->count; i++)
        if (!strcmp(n->names[i], name))
            return i;
    if (n->count == NAMES_MOST)
        return NAMES_MOST - 1;
    n->names[n->count] = n->count == NAMES_MOST - 1 ? "others" : ps_arena_copy(a, name);
    return n->count++;
}
