/* A perf map: whatever it says, its entries are in order, and each is found by what it says. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "perf_map.h"
#include "readable.h"

static void check(const struct ps_perf_map *m, size_t size)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct ps_perf_entry *e = &m->entries[i];

        must(e->start < e->end, "an entry has a size");
        must(!i || m->entries[i - 1].start < e->start, "they are in order");
        must(*e->name && strlen(e->name) < size, "a name is of the text");
        must(ps_perf_map_find(m, e->start) == e, "the first address is in there");
    }
}

static void check_names(const struct ps_perf_map *m)
{
    struct ps_readable r;

    ps_readable_init(&r);
    for (size_t i = 0; i < m->count; i++) {
        const char *name = ps_readable_function(&r, m->entries[i].name);

        for (const char *s = name; s && *s; s++)
            must((unsigned char)*s >= ' ' && *s != 0x7f, "no control characters");
        must(!name || strlen(name) <= PS_READABLE_MOST, "a name is short");
    }
    ps_readable_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_perf_map m;
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    must(!ps_perf_map_parse(&m, text, size), "there is memory");
    check(&m, size);
    check_names(&m);
    ps_perf_map_free(&m);
    return 0;
}
