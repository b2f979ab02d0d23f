/* The functions of a file by its debugging information: which of them an address is in, with what
 * was inlined there. */
#ifndef PS_SYMBOLS_FUNCTIONS_H
#define PS_SYMBOLS_FUNCTIONS_H

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

#define PS_FUNCTIONS_DEPTH 64

struct ps_functions {
    Dwarf *dwarf; /* NULL: none */
    struct ps_unit *units;
    struct ps_span *spans; /* of the units */
    size_t unit_count, span_count;
};

struct ps_function_chain {
    Dwarf_Die unit;
    Dwarf_Die scopes[PS_FUNCTIONS_DEPTH]; /* the function, then what was inlined, outermost first */
    size_t count;                         /* 0: none is known there */
};

void ps_functions_load(struct ps_functions *f, Dwarf *dwarf);
void ps_functions_free(struct ps_functions *f);
void ps_functions_find(struct ps_functions *f, uint64_t address, struct ps_function_chain *c);

/* As the compiler calls it for the linker, or as the source does; NULL: not known. */
const char *ps_function_name(Dwarf_Die *die);
/* Of a scope's address in the unit, or of the call that was replaced. NULL, 0: not known. */
const char *ps_function_line(const struct ps_function_chain *c, uint64_t address, unsigned *line);
const char *ps_function_call(const struct ps_function_chain *c, size_t scope, unsigned *line);

#endif
