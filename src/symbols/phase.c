#include "phase.h"

#include <string.h>

#include "instruction.h"

#define MOST_WAITS 32

/* Where code that is followed ends: at calls of functions that wait. */
struct code {
    const unsigned char *bytes;
    size_t size;
    int64_t
        waits[PS_PHASE_WAITS]; /* what they call, in bytes from the beginning of this function */
    size_t wait_count;
    bool known;               /* so far */
    size_t backs[MOST_WAITS]; /* where those that were met return to */
    size_t count;
    uint16_t open[PS_PHASE_CODE]; /* beginnings of instructions, still to be followed */
    size_t open_count;
};

bool ps_phase_has(const struct ps_phase *p, size_t at)
{
    return at < PS_PHASE_CODE && p->bytes[at / 8] >> at % 8 & 1;
}

static void set(struct ps_phase *p, size_t at, size_t length)
{
    for (size_t i = at; i < at + length && i < PS_PHASE_CODE; i++)
        p->bytes[i / 8] |= (unsigned char)(1u << i % 8);
}

/* Of a call, or of the slot that it goes through, that ends at `end`. INT64_MAX: of none. */
static int64_t called(const unsigned char *bytes, size_t end)
{
    int32_t far;

    if (end < 6)
        return INT64_MAX;
    memcpy(&far, bytes + end - 4, sizeof far);
    return bytes[end - 5] == 0xe8 || (bytes[end - 6] == 0xff && bytes[end - 5] == 0x15)
               ? (int64_t)end + far
               : INT64_MAX;
}

static void follow_from(struct code *c, const struct ps_phase *seen, int64_t at)
{
    if (at >= (int64_t)c->size && c->size == PS_PHASE_CODE)
        c->known = false;
    if (at < 0 || at >= (int64_t)c->size || ps_phase_has(seen, (size_t)at) ||
        c->open_count == PS_PHASE_CODE)
        return;
    c->open[c->open_count++] = (uint16_t)at;
}

/* Through an address in a register or in memory. */
static bool goes_anywhere(const struct ps_instruction *in)
{
    return in->always && !in->jumps && !in->returns;
}

static void meet_wait(struct code *c, size_t back)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->backs[i] == back)
            return;
    if (c->count < MOST_WAITS)
        c->backs[c->count++] = back;
    else
        c->known = false;
}

static bool is_wait(const struct code *c, size_t end)
{
    const int64_t target = called(c->bytes, end);

    for (size_t i = 0; i < c->wait_count; i++)
        if (target == c->waits[i] && target != INT64_MAX)
            return true;
    return false;
}

static void step(struct code *c, struct ps_phase *seen, size_t at)
{
    struct ps_instruction in;
    const bool known = ps_instruction_decode(c->bytes + at, c->size - at, &in);
    const size_t end = known ? at + in.length : at;

    if (!known || goes_anywhere(&in)) {
        c->known = false;
        return;
    }
    set(seen, at, in.length);
    if (in.calls && is_wait(c, end)) {
        meet_wait(c, end);
        return;
    }
    if (in.jumps)
        follow_from(c, seen, (int64_t)end + in.jump);
    if (in.always)
        return;
    c->known = c->known && end < c->size;
    follow_from(c, seen, (int64_t)end);
}

static void follow(struct code *c, size_t from, struct ps_phase *seen)
{
    *seen = (struct ps_phase){{0}};
    c->open_count = 0;
    follow_from(c, seen, (int64_t)from);
    while (c->open_count && c->known) {
        const size_t at = c->open[--c->open_count];

        if (!ps_phase_has(seen, at))
            step(c, seen, at);
    }
}

/* From its beginning, and from each wait. */
bool ps_phase_find(const unsigned char *function, size_t size, const size_t *backs, size_t count,
                   struct ps_phase *out)
{
    struct code c = {.bytes = function,
                     .size = size < PS_PHASE_CODE ? size : PS_PHASE_CODE,
                     .known = true,
                     .backs = {0},
                     .count = 1};
    struct ps_phase seen;
    bool found = false;

    for (; c.wait_count < count && c.wait_count < PS_PHASE_WAITS; c.wait_count++)
        c.waits[c.wait_count] =
            backs[c.wait_count] <= c.size ? called(function, backs[c.wait_count]) : INT64_MAX;
    *out = (struct ps_phase){{0}};
    if (!count || c.waits[0] == INT64_MAX)
        return false;
    for (size_t i = 0; i < c.count && c.known; i++) {
        follow(&c, c.backs[i], &seen);
        if (!ps_phase_has(&seen, backs[0] - 1))
            continue;
        found = true;
        for (size_t k = 0; k < sizeof seen.bytes; k++)
            out->bytes[k] |= seen.bytes[k];
    }
    return found && c.known;
}
