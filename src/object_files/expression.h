/* The few operations of DWARF that unwind tables use. */
#ifndef PS_SYMBOLS_EXPRESSION_H
#define PS_SYMBOLS_EXPRESSION_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registers.h"
#include "stack_copy.h"

struct ps_expression_input {
    const struct ps_registers *registers;
    const struct ps_stack_copy *stack;
    uint64_t cfa;
    bool cfa_known;
};

/* The value left on top. false: an operation is unknown, jumps, or needs what isn't known. */
bool ps_expression_value(const Dwarf_Op *ops, size_t count, const struct ps_expression_input *in,
                         uint64_t *value);

#endif
