#include "cfi.h"

#include <dwarf.h>
#include <stdlib.h>

#include "elfutils.h"
#include "expression.h"

enum how {
    SAME,
    AT_CFA, /* saved at the CFA plus `offset` */
    IS_CFA, /* the CFA plus `offset` */
    AT_EXPRESSION,
    IS_EXPRESSION,
};

struct rule {
    uint8_t reg, how;
    uint16_t count; /* of the operations */
    union {
        int64_t offset;
        const Dwarf_Op *ops; /* libdw's, while the table is */
    };
};

struct row {
    bool known, signal;
    uint8_t return_register;
    Dwarf_Frame *frame; /* kept where the CFA is an expression, which is in there */
    struct rule cfa;    /* IS_CFA: register `reg` plus offset */
    size_t count;       /* of registers that can be told */
    struct rule rules[];
};

static void release(void *value)
{
    struct row *row = value;

    free(row->frame);
    free(row);
}

void ps_cfi_free(struct ps_cfi *c)
{
    ps_table_free(&c->rows, release);
}

static Dwarf_Frame *frame_at(const struct ps_cfi *c, uint64_t address)
{
    Dwarf_Frame *frame = NULL;

    for (size_t i = 0; i < 2 && !frame; i++)
        if (c->tables[i] &&
            ps_elfutils()->dwarf_cfi_addrframe(c->tables[i], address - c->biases[i], &frame))
            frame = NULL;
    return frame;
}

static bool find_cfa(Dwarf_Frame *frame, struct rule *cfa)
{
    Dwarf_Op *ops;
    size_t count;

    if (ps_elfutils()->dwarf_frame_cfa(frame, &ops, &count) || !count || count > UINT16_MAX)
        return false;
    if (count == 1 && ops->atom == DW_OP_bregx && ops->number < PS_REGISTERS_MOST)
        *cfa = (struct rule){(uint8_t)ops->number, IS_CFA, 0, {(int64_t)ops->number2}};
    else if (count == 1 && ops->atom >= DW_OP_breg0 && ops->atom <= DW_OP_breg31)
        *cfa = (struct rule){(uint8_t)(ops->atom - DW_OP_breg0), IS_CFA, 0, {(int64_t)ops->number}};
    else
        *cfa = (struct rule){0, IS_EXPRESSION, (uint16_t)count, {.ops = ops}};
    return true;
}

/* "the CFA", "the CFA plus a number": what nearly all rules say. */
static bool plain(const Dwarf_Op *ops, size_t count, int64_t *offset)
{
    if (!count || ops->atom != DW_OP_call_frame_cfa)
        return false;
    *offset = count == 2 ? (int64_t)ops[1].number : 0;
    return count == 1 || (count == 2 && ops[1].atom == DW_OP_plus_uconst);
}

/* false: nothing is known of the register in the caller. */
static bool find_rule(Dwarf_Frame *frame, int reg, struct rule *rule)
{
    Dwarf_Op memory[3], *ops;
    size_t count;
    int64_t offset;
    bool value;

    if (ps_elfutils()->dwarf_frame_register(frame, reg, memory, &ops, &count) || count > UINT16_MAX)
        return false;
    *rule = (struct rule){(uint8_t)reg, SAME, 0, {0}};
    if (!count)
        return !ops;
    value = ops[count - 1].atom == DW_OP_stack_value;
    count -= value;
    if (plain(ops, count, &offset)) {
        rule->how = value ? IS_CFA : AT_CFA;
        rule->offset = offset;
        return true;
    }
    if (ops == memory)
        return false;
    rule->how = value ? IS_EXPRESSION : AT_EXPRESSION;
    rule->count = (uint16_t)count;
    rule->ops = ops;
    return true;
}

static struct row *make_row(const struct ps_cfi *c, uint64_t address)
{
    Dwarf_Frame *frame = frame_at(c, address);
    struct rule rules[PS_REGISTERS_MOST];
    struct row head = {0}, *row;
    size_t count = 0;
    int ra = frame ? ps_elfutils()->dwarf_frame_info(frame, NULL, NULL, &head.signal) : -1;

    head.known = ra >= 0 && ra < PS_REGISTERS_MOST && find_cfa(frame, &head.cfa);
    head.return_register = (uint8_t)ra;
    for (int reg = 0; head.known && reg < PS_REGISTERS_MOST; reg++)
        count += find_rule(frame, reg, &rules[count]);
    row = malloc(sizeof *row + count * sizeof *rules);
    if (row) {
        *row = head;
        row->count = count;
        for (size_t i = 0; i < count; i++)
            row->rules[i] = rules[i];
    }
    if (row && head.cfa.how == IS_EXPRESSION)
        row->frame = frame;
    else
        free(frame);
    return row;
}

/* NULL: none, or no memory. */
static const struct row *row_at(struct ps_cfi *c, uint64_t address)
{
    struct row *row = ps_table_get(&c->rows, address);

    if (!row) {
        row = make_row(c, address);
        if (row && ps_table_put(&c->rows, address, row)) {
            release(row);
            row = NULL;
        }
    }
    return row && row->known ? row : NULL;
}

bool ps_cfi_has(struct ps_cfi *c, uint64_t address)
{
    return row_at(c, address);
}

static bool apply(const struct rule *rule, const struct ps_expression_input *in, uint64_t *value)
{
    switch ((enum how)rule->how) {
    case SAME:
        *value = in->registers->value[rule->reg];
        return in->registers->known >> rule->reg & 1;
    case IS_CFA:
        *value = in->cfa + (uint64_t)rule->offset;
        return true;
    case AT_CFA:
        return ps_stack_copy_read(in->stack, in->cfa + (uint64_t)rule->offset, 8, value);
    case IS_EXPRESSION:
    case AT_EXPRESSION:
        return ps_expression_value(rule->ops, rule->count, in, value) &&
               (rule->how == IS_EXPRESSION || ps_stack_copy_read(in->stack, *value, 8, value));
    }
    return false;
}

static bool find_frame(const struct row *row, struct ps_expression_input *in)
{
    const struct ps_registers *r = in->registers;

    if (row->cfa.how == IS_EXPRESSION)
        in->cfa_known = ps_expression_value(row->cfa.ops, row->cfa.count, in, &in->cfa);
    else
        in->cfa_known = r->known >> row->cfa.reg & 1;
    if (row->cfa.how == IS_CFA && in->cfa_known)
        in->cfa = r->value[row->cfa.reg] + (uint64_t)row->cfa.offset;
    return in->cfa_known;
}

static void set(struct ps_registers *r, unsigned reg, uint64_t value)
{
    r->known |= 1ull << reg;
    r->value[reg] = value;
}

bool ps_cfi_step(struct ps_cfi *c, uint64_t address, const struct ps_stack_copy *stack,
                 struct ps_registers *r, bool *signal)
{
    const struct row *row = row_at(c, address);
    struct ps_expression_input in = {.registers = r, .stack = stack};
    struct ps_registers next = {0};

    if (!row || !find_frame(row, &in))
        return false;
    for (size_t i = 0; i < row->count; i++) {
        uint64_t value;

        if (row->rules[i].reg != PS_REGISTER_SP && apply(&row->rules[i], &in, &value))
            set(&next, row->rules[i].reg, value);
    }
    if (!(next.known >> row->return_register & 1))
        return false;
    set(&next, PS_REGISTER_SP, in.cfa);
    set(&next, PS_REGISTER_PC, next.value[row->return_register]);
    *r = next;
    *signal = row->signal;
    return true;
}
