/* What is known of a thread's memory. */
#ifndef PS_SYMBOLS_STACK_COPY_H
#define PS_SYMBOLS_STACK_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The bytes of a stack from `start` on. */
struct ps_stack_copy {
    uint64_t start;
    const unsigned char *bytes;
    size_t size;
};

/* size: 8 at most. false: not in there. */
static inline bool ps_stack_copy_read(const struct ps_stack_copy *s, uint64_t address, size_t size,
                                      uint64_t *value)
{
    uint64_t offset = address - s->start;

    if (address < s->start || s->size < size || offset > s->size - size)
        return false;
    *value = 0;
    memcpy(value, s->bytes + offset, size);
    return true;
}

#endif
