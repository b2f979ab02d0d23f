#include "symbols.h"

#include <string.h>

#include "places.h"
#include "stack_copy.h"

#ifdef __aarch64__
#define FRAME_POINTER 29
#define CODE_BITS     0xffffffffffffu /* of an address that is signed */
#else
#define FRAME_POINTER 6
#define CODE_BITS     UINT64_MAX
#endif

static bool known(const struct ps_registers *r, unsigned reg)
{
    return r->known >> reg & 1;
}

/* {the caller's frame pointer, the address to return to} lie where the frame pointer says. */
static bool step_by_pointer(const struct ps_stack_copy *stack, struct ps_registers *r)
{
    uint64_t fp = r->value[FRAME_POINTER], next_fp, pc;

    if (!known(r, FRAME_POINTER) || fp % 8 || fp < r->value[PS_REGISTER_SP] ||
        !ps_stack_copy_read(stack, fp, 8, &next_fp) || !ps_stack_copy_read(stack, fp + 8, 8, &pc))
        return false;
    r->known = 1ull << FRAME_POINTER | 1ull << PS_REGISTER_SP | 1ull << PS_REGISTER_PC;
    r->value[FRAME_POINTER] = next_fp;
    r->value[PS_REGISTER_SP] = fp + 16;
    r->value[PS_REGISTER_PC] = pc;
    return true;
}

#ifdef __x86_64__
static bool begins_with_push(const struct ps_object *o, uint64_t start)
{
    static const unsigned char endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
    const unsigned char *bytes = ps_object_code(o, start, sizeof endbr + 1);

    return bytes && bytes[memcmp(bytes, endbr, sizeof endbr) ? 0 : sizeof endbr] == 0x55;
}

/* Of a blocked thread the frame pointer is not known: the frame of a function that needs it ends
 * with the address behind a call of that function, below which it saved the caller's. */
static bool step_by_call(struct ps_symbols *s, size_t space, const struct ps_place *p,
                         const struct ps_stack_copy *stack, struct ps_registers *r)
{
    const struct ps_chain *chain = ps_object_chain(p->object, p->address, &s->names);
    const uint64_t start = chain && chain->count ? chain->frames[chain->count - 1].start : 0;
    uint64_t at = r->value[PS_REGISTER_SP] + 8, back;

    if (known(r, FRAME_POINTER) || !start || !begins_with_push(p->object, start))
        return false;
    for (; ps_stack_copy_read(stack, at, 8, &back); at += 8) {
        const struct ps_place from = ps_place_of(s, space, back - 1);

        if (from.object != p->object || ps_callee_start(from.object, from.address + 1) != start)
            continue;
        ps_stack_copy_read(stack, at - 8, 8, &r->value[FRAME_POINTER]);
        r->known = 1ull << FRAME_POINTER | 1ull << PS_REGISTER_SP | 1ull << PS_REGISTER_PC;
        r->value[PS_REGISTER_SP] = at + 8;
        r->value[PS_REGISTER_PC] = back;
        return true;
    }
    return false;
}
#else
static bool step_by_call(struct ps_symbols *s, size_t space, const struct ps_place *p,
                         const struct ps_stack_copy *stack, struct ps_registers *r)
{
    return false;
}
#endif

/* To the caller; false where there is none, or none that can be known. The stack must shrink: but
 * for a function that has nothing on it, which is the innermost. */
static bool step(struct ps_symbols *s, size_t space, const struct ps_stack_copy *stack,
                 struct ps_registers *r, bool *caller)
{
    bool signal = false, innermost = !*caller;
    uint64_t sp = r->value[PS_REGISTER_SP];
    struct ps_place p = ps_place_of(s, space, r->value[PS_REGISTER_PC] - *caller);

    if (!p.mapping)
        return false;
    if (p.object && ps_cfi_has(&p.object->cfi, p.address)) {
        if (!p.object->native || (!ps_cfi_step(&p.object->cfi, p.address, stack, r, &signal) &&
                                  !step_by_call(s, space, &p, stack, r)))
            return false;
    } else if (!step_by_pointer(stack, r))
        return false;
    r->value[PS_REGISTER_PC] &= CODE_BITS;
    *caller = !signal;
    if (r->value[PS_REGISTER_SP] < sp + !innermost)
        return false;
    return ps_place_of(s, space, r->value[PS_REGISTER_PC] - *caller).mapping;
}

size_t ps_symbols_unwind(struct ps_symbols *s, size_t space, const struct ps_stack_seen *stack,
                         struct ps_frame *frames, size_t most)
{
    const struct ps_registers *r = stack->registers;
    struct ps_registers now = *r;
    struct ps_stack_copy copy = {r->value[PS_REGISTER_SP], stack->bytes, stack->size};
    bool caller = false;
    size_t count = 0;

    if (!known(r, PS_REGISTER_PC) || !known(r, PS_REGISTER_SP))
        copy.size = 0;
    do
        count += ps_symbols_resolve(s, space, now.value[PS_REGISTER_PC], caller, frames + count,
                                    most - count);
    while (count < most && copy.size && step(s, space, &copy, &now, &caller));
    return count;
}
