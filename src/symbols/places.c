#include "places.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The base name; "[anon]" where there is no file. */
static const char *shown(struct ps_symbols *s, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!*path || !strcmp(path, "//anon"))
        return "[anon]";
    return ps_readable_path(&s->names, slash && slash[1] ? slash + 1 : path);
}

static struct ps_object *object_of(struct ps_symbols *s, const struct ps_mapping *m)
{
    const char *path = ps_interned_keep(&s->paths, m->path, SIZE_MAX);
    uint64_t key = path ? ps_hash_text(path) ^ m->inode * 0x9e3779b97f4a7c15u ^ m->device : 0;
    struct ps_object *first = ps_table_get(&s->objects, key), *o = first;

    for (; o; o = o->next)
        if (o->path == path && o->inode == m->inode && o->device == m->device)
            return o;
    o = path ? ps_object_new(path, shown(s, path), m->device, m->inode) : NULL;
    if (!o)
        return NULL;
    if (first) {
        o->next = first->next;
        first->next = o;
    } else if (ps_table_put(&s->objects, key, o)) {
        ps_object_free(o);
        return NULL;
    }
    return o;
}

static bool widen(struct ps_symbols *s)
{
    size_t room = s->space_room ? 2 * s->space_room : 16;
    struct ps_place_space *spaces;

    if (s->space_count < s->space_room)
        return true;
    spaces = realloc(s->spaces, room * sizeof *spaces);
    if (!spaces)
        return false;
    s->spaces = spaces;
    s->space_room = room;
    return true;
}

size_t ps_places_add(struct ps_symbols *s, pid_t pid, const struct ps_mapping *m, size_t count)
{
    struct ps_place_space space = {.pid = pid};

    if (!widen(s))
        return 0;
    space.mappings = calloc(count ? count : 1, sizeof *space.mappings);
    for (size_t i = 0; space.mappings && i < count; i++) {
        struct ps_object *o = object_of(s, &m[i]);

        if (o)
            space.mappings[space.count++] =
                (struct ps_place_mapping){m[i].start, m[i].end, m[i].offset, o};
    }
    s->spaces[s->space_count] = space;
    return s->space_count++;
}

static void release_objects(void *value)
{
    for (struct ps_object *o = value; o;) {
        struct ps_object *next = o->next;

        ps_object_free(o);
        o = next;
    }
}

void ps_places_free(struct ps_symbols *s)
{
    for (size_t i = 0; i < s->space_count; i++) {
        free(s->spaces[i].mappings);
        ps_perf_map_free(&s->spaces[i].map);
    }
    free(s->spaces);
    ps_table_free(&s->objects, release_objects);
    ps_interned_free(&s->paths);
}

static const struct ps_place_mapping *mapping_of(const struct ps_place_space *space,
                                                 uint64_t address)
{
    size_t low = 0, high = space->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (space->mappings[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && address < space->mappings[low - 1].end ? &space->mappings[low - 1] : NULL;
}

struct ps_place ps_place_of(struct ps_symbols *s, size_t space, uint64_t address)
{
    struct ps_place p = {NULL, NULL, 0};

    if (space >= s->space_count)
        return p;
    p.mapping = mapping_of(&s->spaces[space], address);
    if (!p.mapping)
        return p;
    p.address = p.mapping->offset + (address - p.mapping->start);
    if (ps_object_usable(p.mapping->object, s->spaces[space].pid) &&
        ps_object_address(p.mapping->object, p.address, &p.address))
        p.object = p.mapping->object;
    return p;
}

const struct ps_perf_entry *ps_place_jitted(struct ps_symbols *s, size_t space, uint64_t address)
{
    struct ps_place_space *sp = space < s->space_count ? &s->spaces[space] : NULL;
    char path[64];

    if (!sp)
        return NULL;
    if (!sp->looked && s->map_budget) {
        snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)sp->pid);
        s->map_budget -= ps_perf_map_load(&sp->map, path, s->map_budget);
    }
    sp->looked = true;
    return ps_perf_map_find(&sp->map, address);
}
