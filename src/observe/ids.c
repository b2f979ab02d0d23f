#include "ids.h"

#include <stdlib.h>

#define FIRST_ROOM 64

void ps_ids_free(struct ps_ids *ids)
{
    free(ids->entries);
    *ids = (struct ps_ids){0};
}

static size_t home(const struct ps_ids *ids, pid_t id)
{
    return ((uint32_t)id * UINT32_C(2654435769) >> 7) & (ids->room - 1);
}

/* Where it is, or the free place where it would be. There is always a free one. */
static size_t place(const struct ps_ids *ids, pid_t id)
{
    size_t i = home(ids, id);

    while (ids->entries[i].id && ids->entries[i].id != id)
        i = (i + 1) & (ids->room - 1);
    return i;
}

uint32_t ps_ids_find(const struct ps_ids *ids, pid_t id)
{
    size_t i;

    if (!ids->count || !id)
        return PS_IDS_NONE;
    i = place(ids, id);
    return ids->entries[i].id ? ids->entries[i].index : PS_IDS_NONE;
}

static bool grow(struct ps_ids *ids)
{
    struct ps_ids larger = {.room = ids->room ? 2 * ids->room : FIRST_ROOM, .count = ids->count};

    larger.entries = calloc(larger.room, sizeof *larger.entries);
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < ids->room; i++) {
        const struct ps_ids_entry e = ids->entries[i];

        if (e.id)
            larger.entries[place(&larger, e.id)] = e;
    }
    free(ids->entries);
    *ids = larger;
    return true;
}

bool ps_ids_put(struct ps_ids *ids, pid_t id, uint32_t index)
{
    size_t i;

    if (2 * (ids->count + 1) > ids->room && !grow(ids))
        return false;
    i = place(ids, id);
    if (!ids->entries[i].id)
        ids->count++;
    ids->entries[i] = (struct ps_ids_entry){id, index};
    return true;
}

/* Those after it move up, so that none is behind a free place. */
void ps_ids_remove(struct ps_ids *ids, pid_t id)
{
    const size_t mask = ids->room - 1;
    size_t hole;

    if (ps_ids_find(ids, id) == PS_IDS_NONE)
        return;
    hole = place(ids, id);
    for (size_t i = (hole + 1) & mask; ids->entries[i].id; i = (i + 1) & mask) {
        const size_t from_home = (i - home(ids, ids->entries[i].id)) & mask;

        if (from_home < ((i - hole) & mask))
            continue;
        ids->entries[hole] = ids->entries[i];
        hole = i;
    }
    ids->entries[hole].id = 0;
    ids->count--;
}
