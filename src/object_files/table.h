/* What grows with the addresses that are looked at: a table by numbers. */
#ifndef PS_SYMBOLS_TABLE_H
#define PS_SYMBOLS_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct ps_table {
    struct ps_table_slot *slots;
    size_t count, room;
};

/* NULL: none there. */
void *ps_table_get(const struct ps_table *t, uint64_t key);
/* value must not be NULL, and the key must be new. -ENOMEM. */
int ps_table_put(struct ps_table *t, uint64_t key, void *value);
/* release is called for each value. */
void ps_table_free(struct ps_table *t, void (*release)(void *value));

uint64_t ps_hash_text(const char *text);

#endif
