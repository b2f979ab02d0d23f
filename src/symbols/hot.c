#include "places.h"

#define MOST_CODE 4096 /* bytes from the beginning of a function, as far as is looked */

/* The beginning of the function that the innermost frame was put into. */
static uint64_t function_start(const struct ps_frame *frames, size_t count)
{
    size_t i = 0;

    while (i + 1 < count && frames[i].inlined)
        i++;
    return frames[i].start;
}

static enum ps_hot look(const struct ps_place *p, uint64_t address, uint64_t start)
{
    const uint64_t from = p->mapping->offset + (start - p->mapping->start);
    const unsigned char *bytes;
    size_t size;

    if (!start || start < p->mapping->start || start > address || address - start >= MOST_CODE)
        return PS_HOT_OPEN;
    bytes = ps_object_bytes(p->object, from, (size_t)(address - start) + 1, MOST_CODE, &size);
    return bytes ? ps_hot_code(bytes, size, (size_t)(address - start)) : PS_HOT_OPEN;
}

enum ps_hot ps_symbols_hot(struct ps_symbols *s, size_t space, const struct ps_frame *frames,
                           size_t count)
{
#ifdef __x86_64__
    const struct ps_place p = ps_place_of(s, space, count ? frames[0].address : 0);
    struct ps_hot_seen *seen = &s->hot[p.address % PS_HOT_SEEN];

    if (!p.object)
        return PS_HOT_OPEN;
    if (seen->object != p.object || seen->address != p.address)
        *seen = (struct ps_hot_seen){p.object, p.address,
                                     look(&p, frames[0].address, function_start(frames, count))};
    return seen->hot;
#else
    return PS_HOT_OPEN;
#endif
}
