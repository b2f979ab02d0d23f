/* Shared libraries that are loaded at their first use: programs that don't come there start without
 * them. */
#ifndef PS_LATE_H
#define PS_LATE_H

#include <stddef.h>

/* A function, and where its pointer is in a struct. */
struct ps_late_row {
    const char *name;
    size_t offset;
};

/* Loads it for good, and stores what all rows name in the struct. Returns NULL, or why it can't: a
 * text that stays, never freed. */
const char *ps_late_load(const char *file, const struct ps_late_row *rows, size_t count,
                         void *table);

#endif
