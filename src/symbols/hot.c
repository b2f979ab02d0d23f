#include "places.h"

/* The beginning of the function that the innermost frame was put into. */
static uint64_t function_start(const struct ps_frame *frames, size_t count)
{
    size_t i = 0;

    while (i + 1 < count && frames[i].inlined)
        i++;
    return frames[i].start;
}

/* From its beginning on, up to the address and as far beyond as there is. NULL: not known. */
static const unsigned char *code_of(const struct ps_place *p, uint64_t address, uint64_t start,
                                    size_t *size)
{
    if (!start || start < p->mapping->start || start > address || address - start >= PS_PHASE_CODE)
        return NULL;
    return ps_object_bytes(p->object, p->mapping->offset + (start - p->mapping->start),
                           (size_t)(address - start) + 1, PS_PHASE_CODE, size);
}

static enum ps_hot look(const struct ps_place *p, uint64_t address, uint64_t start)
{
    size_t size;
    const unsigned char *bytes = code_of(p, address, start, &size);

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

bool ps_symbols_phase(struct ps_symbols *s, size_t space, const struct ps_frame *caller,
                      const uint64_t *others, size_t count, struct ps_phase *out)
{
#ifdef __x86_64__
    const struct ps_place p = ps_place_of(s, space, caller->address - 1);
    size_t backs[PS_PHASE_WAITS] = {(size_t)(caller->address - caller->start)}, size, known = 1;
    const unsigned char *bytes;

    bytes = p.object ? code_of(&p, caller->address - 1, caller->start, &size) : NULL;
    for (size_t i = 0; i < count && known < PS_PHASE_WAITS; i++)
        if (others[i] > caller->start)
            backs[known++] = (size_t)(others[i] - caller->start);
    return bytes && ps_phase_find(bytes, size, backs, known, out);
#else
    return false;
#endif
}
