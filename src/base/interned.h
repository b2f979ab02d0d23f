/* Texts that are kept once each. */
#ifndef PS_INTERNED_H
#define PS_INTERNED_H

#include <stddef.h>

struct ps_interned {
    char **texts; /* by hash; NULL: free */
    size_t room, count, bytes;
};

void ps_interned_free(struct ps_interned *s);
/* The kept copy: equal texts give the same one, valid until the end. NULL where there is no memory,
 * or `most` bytes are kept already. */
const char *ps_interned_keep(struct ps_interned *s, const char *text, size_t most);

#endif
