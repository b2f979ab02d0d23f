/* What a place in a function does, by the machine code around it. */
#include "instruction.h"

#define MOST_WAIT 64  /* bytes of a loop that only waits */
#define MOST_LOOP 256 /* of one that rewrites a word */

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

/* ---- a word that is rewritten ---- */

#define RSP 4
#define RBP 5

#define KEPT 32 /* words of memory that a loop writes */

/* What registers and memory hold, as numbers: what is made of equal ones in an equal way is equal.
 */
struct values {
    uint64_t of[REGISTERS + 1];
    struct {
        uint64_t address, value;
    } kept[KEPT];
    size_t count;
    uint64_t made; /* of those that nothing is known about */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * 0x9e3779b97f4a7c15u;
    return a ^ a >> 29;
}

static uint64_t unknown(struct values *v)
{
    return mix(0x5bd1e995, ++v->made);
}

/* Of the operand in memory. end: where the instruction ends. */
static uint64_t address_of(const struct values *v, const struct ps_instruction *in, size_t end)
{
    const uint64_t index = in->index == PS_NO_REGISTER ? 0 : v->of[in->index] << in->scale;

    if (in->relative)
        return mix(1, end + (uint64_t)(int64_t)in->displacement);
    return mix(in->base == PS_NO_REGISTER ? 2 : v->of[in->base], index) +
           (uint64_t)(int64_t)in->displacement;
}

static uint64_t value_at(const struct values *v, uint64_t address)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->kept[i].address == address)
            return v->kept[i].value;
    return mix(3, address);
}

static void keep(struct values *v, uint64_t address, uint64_t value)
{
    size_t i = 0;

    while (i < v->count && v->kept[i].address != address)
        i++;
    if (i < KEPT) {
        v->kept[i].address = address;
        v->kept[i].value = value;
        v->count += i == v->count;
    }
}

/* Of a register that it writes, by all that it may read. */
static uint64_t result(const struct values *v, const struct ps_instruction *in,
                       const unsigned char *bytes, uint64_t address)
{
    uint64_t x = in->relative ? address : 0;

    for (size_t i = 0; i < in->length && !in->relative; i++)
        x = mix(x, bytes[i]);
    x = mix(x, address);
    for (unsigned r = 0; r < REGISTERS && !in->sets; r++)
        x = in->touched >> r & 1 ? mix(x, v->of[r]) : x;
    return in->loads ? mix(x, value_at(v, address)) : x;
}

/* Returns the address of its operand in memory. */
static uint64_t run(struct values *v, const struct ps_instruction *in, const unsigned char *bytes,
                    size_t end)
{
    const uint64_t address = address_of(v, in, end), made = result(v, in, bytes, address);
    const uint64_t moved = in->moved_to == PS_NO_REGISTER ? 0
                           : in->loads                    ? value_at(v, address)
                                                          : v->of[in->moved_from];

    for (unsigned r = 0; r < REGISTERS; r++)
        if (in->touched >> r & 1)
            v->of[r] = r == in->moved_to ? moved : mix(made, r);
    if (in->stores)
        keep(v, address, unknown(v));
    return address;
}

/* Of a loop's bytes, beginnings of instructions from which its last one is reached within it: what
 * is left out leads out of it. */
struct around {
    bool has[MOST_LOOP + 1];
};

static bool leads_on(const struct around *a, const struct loop *l, const struct ps_instruction *in,
                     size_t end)
{
    const int64_t target = (int64_t)(end - l->from) + in->jump;

    if (end == l->to || (!in->always && a->has[end - l->from]))
        return true;
    return in->jumps && target >= 0 && target < (int64_t)(l->to - l->from) && a->has[target];
}

/* Twice, as jumps within it go back as well. */
static bool find_around(const unsigned char *function, const struct loop *l, struct around *a)
{
    size_t at[MOST_LOOP], count = 0;
    struct ps_instruction in;

    *a = (struct around){{false}};
    for (size_t i = l->from; i < l->to; i += in.length) {
        if (!ps_instruction_decode(function + i, l->to - i, &in) || in.calls)
            return false;
        at[count++] = i;
    }
    for (size_t k = 2 * count; k-- > 0;) {
        const size_t i = at[k % count];

        ps_instruction_decode(function + i, l->to - i, &in);
        a->has[i - l->from] = leads_on(a, l, &in, i + in.length);
    }
    return count;
}

/* It looks at memory, and does nothing else that lasts. A jump back to one that leaves closes no
 * loop. */
static bool only_waits(const unsigned char *function, const struct loop *l)
{
    struct ps_instruction in;
    struct around a;
    bool looks = false;

    for (size_t i = l->from; i < l->to; i += in.length) {
        if (!ps_instruction_decode(function + i, l->to - i, &in))
            return false;
        if (in.counts || in.calls || in.returns || (in.stores && !in.atomic))
            return false;
        looks |= in.loads || in.atomic;
    }
    return looks && find_around(function, l, &a) && a.has[0] && !walks(function, l);
}

/* What an address is in two rounds of a loop, and whether it is read and written in the second. */
struct word {
    uint64_t before, now;
    bool loaded, stored;
};

static void go_around(struct values *v, const unsigned char *function, const struct loop *l,
                      const struct around *a, size_t at, struct word *w)
{
    struct ps_instruction in;

    w->before = w->now;
    w->loaded = w->stored = false;
    for (size_t i = l->from; i < l->to; i += in.length) {
        uint64_t address;

        ps_instruction_decode(function + i, l->to - i, &in);
        if (!a->has[i - l->from])
            continue;
        address = run(v, &in, function + i, i + in.length);
        if (i == at)
            w->now = address;
        w->loaded |= in.loads && address == w->before;
        w->stored |= in.stores && address == w->before;
    }
}

/* A word that a loop reads and writes back each time around, at an address that stays: alone it is
 * in the nearest cache, so that what waits for it waits for another CPU that writes its line. Not
 * one on the stack, where compilers keep what has no register. at: of an instruction. */
static bool rewrites(const unsigned char *function, const struct loop *l, size_t at)
{
    struct ps_instruction in;
    struct around a;
    struct word w = {0};
    struct values v = {.count = 0};

    if (!ps_instruction_decode(function + at, l->to - at, &in) || !(in.loads || in.stores) ||
        (in.base == PS_NO_REGISTER && in.index == PS_NO_REGISTER) || in.base == RSP ||
        in.base == RBP || !find_around(function, l, &a))
        return false;
    for (unsigned r = 0; r < REGISTERS; r++)
        v.of[r] = unknown(&v);
    for (unsigned around = 0; around < 3; around++)
        go_around(&v, function, l, &a, at, &w);
    return w.now == w.before && w.loaded && w.stored;
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
    size_t i = 0, last = 0;

    for (; i < at; i += in.length) {
        if (!ps_instruction_decode(function + i, size - i, &in))
            return PS_HOT_OPEN;
        before = in;
        last = i;
    }
    if (i != at || !ps_instruction_decode(function + at, size - at, &in))
        return PS_HOT_OPEN;
    in_loop = find_loop(function, size, at, &l);
    if (in_loop && l.to - l.from <= MOST_WAIT && only_waits(function, &l))
        return PS_HOT_SPIN;
    /* A sample falls on the instruction that waits, or on the next one. */
    if (before.atomic || in.atomic)
        return PS_HOT_ATOMIC;
    if (in_loop && (rewrites(function, &l, at) || (last >= l.from && rewrites(function, &l, last))))
        return PS_HOT_STORE;
    return kind_of(in.stores || (in.loads && !before.stores) ? &in : &before);
}
