/* One step of unwinding by the unwind tables of a file: from the registers of a function to those
 * of its caller. Registers that aren't known stay so; where one is needed the step fails. */
#ifndef PS_SYMBOLS_CFI_H
#define PS_SYMBOLS_CFI_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registers.h"
#include "stack_copy.h"
#include "table.h"

struct ps_cfi {
    Dwarf_CFI *tables[2]; /* .eh_frame, .debug_frame; NULL: none */
    uint64_t biases[2];   /* to be added to an address in the table */
    struct ps_table rows; /* by address, as they are found */
};

void ps_cfi_free(struct ps_cfi *c); /* not the tables */
/* Whether the tables know the address at all. */
bool ps_cfi_has(struct ps_cfi *c, uint64_t address);
/* r becomes the registers in the caller; address is that of the code, in the file's addresses.
 * signal: a signal handler was called there, and the caller's address is exact. false: r is as it
 * was; there is no row, no caller, or something unknown is needed. */
bool ps_cfi_step(struct ps_cfi *c, uint64_t address, const struct ps_stack_copy *stack,
                 struct ps_registers *r, bool *signal);

#endif
