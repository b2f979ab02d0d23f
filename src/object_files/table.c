#include "table.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_ROOM 64

struct ps_table_slot {
    uint64_t key;
    void *value;
};

/* The slot with the key, or the free one where it belongs. */
static struct ps_table_slot *slot_of(const struct ps_table *t, uint64_t key)
{
    uint64_t hash = key * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash ^ hash >> 32) & (t->room - 1);

    while (t->slots[at].value && t->slots[at].key != key)
        at = (at + 1) & (t->room - 1);
    return &t->slots[at];
}

void *ps_table_get(const struct ps_table *t, uint64_t key)
{
    return t->room ? slot_of(t, key)->value : NULL;
}

static int widen(struct ps_table *t)
{
    struct ps_table wide = {.count = t->count, .room = t->room ? t->room * 2 : FIRST_ROOM};

    wide.slots = calloc(wide.room, sizeof *wide.slots);
    if (!wide.slots)
        return -ENOMEM;
    for (size_t i = 0; i < t->room; i++)
        if (t->slots[i].value)
            *slot_of(&wide, t->slots[i].key) = t->slots[i];
    free(t->slots);
    *t = wide;
    return 0;
}

int ps_table_put(struct ps_table *t, uint64_t key, void *value)
{
    if (t->count >= t->room / 2 && widen(t))
        return -ENOMEM;
    *slot_of(t, key) = (struct ps_table_slot){key, value};
    t->count++;
    return 0;
}

void ps_table_free(struct ps_table *t, void (*release)(void *value))
{
    for (size_t i = 0; i < t->room; i++)
        if (t->slots[i].value)
            release(t->slots[i].value);
    free(t->slots);
    *t = (struct ps_table){0};
}

uint64_t ps_hash_text(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}
