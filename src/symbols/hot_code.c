/* What a place in a function does, by the machine code around it. */
#include "instruction.h"

#define MOST_LOOP 64 /* bytes of a loop that only waits */

struct loop {
    size_t from, to;
};

/* The shortest that the place is in, of those that a jump back closes. */
static bool find_loop(const unsigned char *function, size_t size, size_t at, struct loop *out)
{
    struct ps_instruction in;
    bool found = false;

    for (size_t i = 0; i < size && i <= at + MOST_LOOP; i += in.length) {
        int64_t target;

        if (!ps_instruction_decode(function + i, size - i, &in))
            break;
        target = (int64_t)(i + in.length) + in.jump;
        if (!in.jumps || i < at || target < 0 || target > (int64_t)at)
            continue;
        if (!found || i - (size_t)target < out->to - out->from)
            *out = (struct loop){(size_t)target, i + in.length};
        found = true;
    }
    return found && out->to - out->from <= MOST_LOOP;
}

#define REGISTERS PS_NO_REGISTER

/* How many loads lie behind what a register holds, each by the address that the one before gave. */
struct depths {
    unsigned of[REGISTERS + 1]; /* of the last one: none */
    unsigned most;
};

static void move(struct depths *d, const struct ps_instruction *in)
{
    const unsigned base = d->of[in->base], index = d->of[in->index];
    unsigned now = in->loads ? 1 + (base > index ? base : index) : d->of[in->moved_from];

    if (in->moved_to == PS_NO_REGISTER)
        return;
    d->of[in->moved_to] = now;
    if (now > d->most)
        d->most = now;
}

/* Whether it walks along a list or down a tree: each time around the loads go deeper. */
static bool walks(const unsigned char *function, const struct loop *l)
{
    struct depths d = {{0}, 0};
    struct ps_instruction in;
    unsigned before = 0;

    for (unsigned around = 0; around < 3; around++) {
        before = d.most;
        for (size_t i = l->from; i < l->to; i += in.length) {
            if (!ps_instruction_decode(function + i, l->to - i, &in))
                return false;
            move(&d, &in);
        }
    }
    return d.most > before;
}

/* It looks at memory, and does nothing else that lasts. */
static bool only_waits(const unsigned char *function, const struct loop *l)
{
    struct ps_instruction in;
    bool looks = false;

    for (size_t i = l->from; i < l->to; i += in.length) {
        if (!ps_instruction_decode(function + i, l->to - i, &in))
            return false;
        if (in.counts || in.calls || in.returns || (in.stores && !in.atomic))
            return false;
        looks |= in.loads || in.atomic;
    }
    return looks && !walks(function, l);
}

static bool same_memory(const struct ps_instruction *a, const struct ps_instruction *b)
{
    return a->base == b->base && a->index == b->index && a->scale == b->scale &&
           a->displacement == b->displacement;
}

#define RSP 4
#define RBP 5

/* A word that a loop reads and writes back each time around, at an address that stays: alone it is
 * in the nearest cache, so that what waits for it waits for another CPU that writes its line. Not
 * one on the stack, where compilers keep what has no register. */
static bool rewrites(const unsigned char *function, const struct loop *l,
                     const struct ps_instruction *word)
{
    bool loaded = false, stored = false;
    unsigned touched = 0, address = 0;
    struct ps_instruction in;

    if (!(word->loads || word->stores) || word->base == PS_NO_REGISTER || word->base == RSP ||
        word->base == RBP)
        return false;
    for (size_t i = l->from; i < l->to; i += in.length) {
        if (!ps_instruction_decode(function + i, l->to - i, &in) || in.calls)
            return false;
        touched |= in.touched;
        loaded |= in.loads && same_memory(&in, word);
        stored |= in.stores && same_memory(&in, word);
    }
    address = 1u << word->base | (word->index != PS_NO_REGISTER ? 1u << word->index : 0);
    return loaded && stored && !(touched & address);
}

static enum ps_hot kind_of(const struct ps_instruction *in)
{
    return in->atomic   ? PS_HOT_ATOMIC
           : in->stores ? PS_HOT_STORE
           : in->loads  ? PS_HOT_LOAD
                        : PS_HOT_OPEN;
}

enum ps_hot ps_hot_code(const unsigned char *function, size_t size, size_t at)
{
    struct ps_instruction in, before = {0};
    struct loop l = {0, 0};
    bool in_loop;
    size_t i = 0;

    for (; i < at; i += in.length) {
        if (!ps_instruction_decode(function + i, size - i, &in))
            return PS_HOT_OPEN;
        before = in;
    }
    if (i != at || !ps_instruction_decode(function + at, size - at, &in))
        return PS_HOT_OPEN;
    in_loop = find_loop(function, size, at, &l);
    if (in_loop && only_waits(function, &l))
        return PS_HOT_SPIN;
    /* A sample falls on the instruction that waits, or on the next one. */
    if (before.atomic || in.atomic)
        return PS_HOT_ATOMIC;
    if (in_loop && (rewrites(function, &l, &in) || rewrites(function, &l, &before)))
        return PS_HOT_STORE;
    return kind_of(in.stores || (in.loads && !before.stores) ? &in : &before);
}
