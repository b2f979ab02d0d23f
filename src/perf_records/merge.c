#include "merge.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024

void ps_merge_free(struct ps_merge *m)
{
    free(m->keys);
    free(m->spare);
    *m = (struct ps_merge){0};
}

static bool grow(struct ps_merge *m)
{
    const size_t room = m->room ? 2 * m->room : FIRST_ROOM;
    void *keys = realloc(m->keys, room * sizeof *m->keys), *spare;

    if (!keys)
        return false;
    m->keys = keys;
    spare = realloc(m->spare, room * sizeof *m->spare);
    if (!spare)
        return false;
    m->spare = spare;
    m->room = room;
    return true;
}

bool ps_merge_add(struct ps_merge *m, uint64_t time, bool first, uint32_t ring, size_t offset)
{
    if (m->count == m->room && !grow(m))
        return false;
    m->keys[m->count++] = (struct ps_merge_key){2 * time + !first, ring, (uint32_t)offset};
    return true;
}

/* The end of what is in order from `from` on. */
static size_t run_end(const struct ps_merge_key *keys, size_t from, size_t count)
{
    size_t i = from + 1;

    while (i < count && keys[i - 1].time <= keys[i].time)
        i++;
    return i < count ? i : count;
}

static void merge_two(const struct ps_merge_key *keys, struct ps_merge_key *to, size_t middle,
                      size_t end)
{
    size_t a = 0, b = middle, n = 0;

    while (a < middle && b < end)
        to[n++] = keys[b].time < keys[a].time ? keys[b++] : keys[a++];
    memcpy(to + n, keys + a, (middle - a) * sizeof *keys);
    memcpy(to + n + middle - a, keys + b, (end - b) * sizeof *keys);
}

/* Merges neighbouring runs two by two, until there is one: each ring's records are all but in order
 * already. */
void ps_merge_sort(struct ps_merge *m)
{
    while (m->count > 1 && run_end(m->keys, 0, m->count) < m->count) {
        struct ps_merge_key *const sorted = m->spare;

        for (size_t from = 0; from < m->count;) {
            const size_t middle = run_end(m->keys, from, m->count);
            const size_t end = middle < m->count ? run_end(m->keys, middle, m->count) : middle;

            merge_two(m->keys + from, sorted + from, middle - from, end - from);
            from = end;
        }
        m->spare = m->keys;
        m->keys = sorted;
    }
}
