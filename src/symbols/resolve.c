#include "symbols.h"

#include <errno.h>
#include <stdlib.h>

#include "elfutils.h"
#include "places.h"

#define MOST_MAPS ((size_t)256 << 20) /* bytes of perf maps in all */

int ps_symbols_create(struct ps_symbols **s, struct ps_err *e)
{
    struct ps_symbols *made;
    int err = ps_elfutils_load(e);

    if (err < 0)
        return err;
    made = calloc(1, sizeof *made);
    if (!made)
        return ps_fail(e, ENOMEM, "no memory for symbols");
    made->map_budget = MOST_MAPS;
    ps_readable_init(&made->names);
    *s = made;
    return 0;
}

void ps_symbols_destroy(struct ps_symbols *s)
{
    if (!s)
        return;
    ps_places_free(s);
    ps_readable_free(&s->names);
    free(s);
}

size_t ps_symbols_add_space(struct ps_symbols *s, pid_t pid, const struct ps_mapping *m,
                            size_t count)
{
    return ps_places_add(s, pid, m, count);
}

/* Code without a file is that of a run-time compiler, if it says so, or anybody's. */
static void name_jitted(struct ps_symbols *s, size_t space, uint64_t address, struct ps_frame *f)
{
    const struct ps_perf_entry *entry = ps_place_jitted(s, space, address);

    if (!entry)
        return;
    f->module = PS_SYMBOLS_JIT;
    f->function = ps_readable_function(&s->names, entry->name);
    f->start = entry->start;
}

static size_t expand(struct ps_symbols *s, const struct ps_place *p, struct ps_frame base,
                     struct ps_frame *frames, size_t most)
{
    const struct ps_chain *chain = ps_object_chain(p->object, p->address, &s->names);
    size_t count = chain ? chain->count : 0;

    frames[0] = base;
    for (size_t i = 0; i < count && i < most; i++) {
        const struct ps_frame *from = &chain->frames[i];

        frames[i] = base;
        frames[i].function = from->function;
        frames[i].file = from->file;
        frames[i].line = from->line;
        frames[i].inlined = from->inlined;
        frames[i].start = from->start ? from->start - p->address + base.address : 0;
    }
    return count < most ? (count ? count : 1) : most;
}

size_t ps_symbols_resolve(struct ps_symbols *s, size_t space, uint64_t address, bool caller,
                          struct ps_frame *frames, size_t most)
{
    uint64_t looked_up = address - caller;
    struct ps_place p = ps_place_of(s, space, looked_up);
    struct ps_frame base = {.address = looked_up, .offset = p.address};
    size_t count = 1;

    if (!most)
        return 0;
    if (p.mapping)
        base.module = p.mapping->object->shown;
    if (p.object)
        count = expand(s, &p, base, frames, most);
    else {
        name_jitted(s, space, looked_up, &base);
        frames[0] = base;
    }
    for (size_t i = 0; i < count; i++)
        frames[i].address = address;
    return count;
}
