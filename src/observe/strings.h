/* Texts that are kept once each. */
#ifndef PS_STRINGS_H
#define PS_STRINGS_H

#include <stddef.h>

struct ps_strings {
    char **texts; /* by hash; NULL: free */
    size_t room, count, bytes;
};

void ps_strings_free(struct ps_strings *s);
/* The kept copy: equal texts give the same one, valid until the end. "?" where there is no memory,
 * or `most` bytes are kept already. */
const char *ps_strings_keep(struct ps_strings *s, const char *text, size_t most);

#endif
