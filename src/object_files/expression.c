#include "expression.h"

#include <dwarf.h>

#include "registers.h"

#define MOST_DEEP 32
#define MOST_OPS  256

struct machine {
    const struct ps_expression_input *in;
    uint64_t stack[MOST_DEEP];
    size_t depth;
};

static bool push(struct machine *m, uint64_t value)
{
    if (m->depth == MOST_DEEP)
        return false;
    m->stack[m->depth++] = value;
    return true;
}

static bool push_register(struct machine *m, uint64_t number, uint64_t offset)
{
    const struct ps_registers *r = m->in->registers;

    return number < PS_REGISTERS_MOST && r->known >> number & 1 &&
           push(m, r->value[number] + offset);
}

static bool compare(unsigned atom, int64_t x, int64_t y, uint64_t *out)
{
    switch (atom) {
    case DW_OP_eq:
        *out = x == y;
        return true;
    case DW_OP_ne:
        *out = x != y;
        return true;
    case DW_OP_lt:
        *out = x < y;
        return true;
    case DW_OP_le:
        *out = x <= y;
        return true;
    case DW_OP_gt:
        *out = x > y;
        return true;
    case DW_OP_ge:
        *out = x >= y;
        return true;
    default:
        return false;
    }
}

static bool binary(unsigned atom, uint64_t a, uint64_t b, uint64_t *out)
{
    int64_t x = (int64_t)a, y = (int64_t)b;
    bool shifts = b < 64;

    switch (atom) {
    case DW_OP_and:
        *out = a & b;
        return true;
    case DW_OP_or:
        *out = a | b;
        return true;
    case DW_OP_xor:
        *out = a ^ b;
        return true;
    case DW_OP_plus:
        *out = a + b;
        return true;
    case DW_OP_minus:
        *out = a - b;
        return true;
    case DW_OP_mul:
        *out = a * b;
        return true;
    case DW_OP_shl:
        *out = shifts ? a << b : 0;
        return true;
    case DW_OP_shr:
        *out = shifts ? a >> b : 0;
        return true;
    case DW_OP_shra:
        *out = (uint64_t)(x >> (shifts ? b : 63));
        return true;
    default:
        return compare(atom, x, y, out);
    }
}

static bool do_binary(struct machine *m, unsigned atom)
{
    if (m->depth < 2)
        return false;
    m->depth--;
    return binary(atom, m->stack[m->depth - 1], m->stack[m->depth], &m->stack[m->depth - 1]);
}

static bool do_top(struct machine *m, const Dwarf_Op *op)
{
    uint64_t *top = m->depth ? &m->stack[m->depth - 1] : NULL;

    if (!top)
        return false;
    switch (op->atom) {
    case DW_OP_dup:
        return push(m, *top);
    case DW_OP_drop:
        m->depth--;
        return true;
    case DW_OP_over:
        return m->depth > 1 && push(m, top[-1]);
    case DW_OP_neg:
        *top = -*top;
        return true;
    case DW_OP_not:
        *top = ~*top;
        return true;
    case DW_OP_plus_uconst:
        *top += op->number;
        return true;
    case DW_OP_deref:
        return ps_stack_copy_read(m->in->stack, *top, 8, top);
    case DW_OP_deref_size:
        return op->number <= 8 && ps_stack_copy_read(m->in->stack, *top, op->number, top);
    default:
        return do_binary(m, op->atom);
    }
}

static bool do_one(struct machine *m, const Dwarf_Op *op)
{
    unsigned atom = op->atom;

    if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
        return push(m, atom - DW_OP_lit0);
    if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
        return push_register(m, atom - DW_OP_breg0, op->number);
    if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
        return push_register(m, atom - DW_OP_reg0, 0);
    /* libdw has extended the signs already. */
    if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
        return push(m, op->number);
    switch (atom) {
    case DW_OP_bregx:
        return push_register(m, op->number, op->number2);
    case DW_OP_regx:
        return push_register(m, op->number, 0);
    case DW_OP_call_frame_cfa:
        return m->in->cfa_known && push(m, m->in->cfa);
    case DW_OP_nop:
        return true;
    default:
        return do_top(m, op);
    }
}

bool ps_expression_value(const Dwarf_Op *ops, size_t count, const struct ps_expression_input *in,
                         uint64_t *value)
{
    struct machine m = {.in = in};

    if (count > MOST_OPS)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!do_one(&m, &ops[i]))
            return false;
    if (!m.depth)
        return false;
    *value = m.stack[m.depth - 1];
    return true;
}
