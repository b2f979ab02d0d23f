/* The functions of a file by its symbol table: all that a file without debugging information says.
 */
#ifndef PS_SYMBOLS_SYMTAB_H
#define PS_SYMBOLS_SYMTAB_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ps_symbol {
    uint64_t start, end; /* addresses as libdwfl gives them */
    const char *name;    /* raw, of the file */
    bool local;
};

struct ps_symtab {
    struct ps_symbol *symbols; /* by start, one for each */
    size_t count;
};

/* Of what is broken or not there: empty. */
void ps_symtab_load(struct ps_symtab *t, Dwfl_Module *module);
void ps_symtab_free(struct ps_symtab *t);
/* NULL: none. */
const struct ps_symbol *ps_symtab_find(const struct ps_symtab *t, uint64_t address);

#endif
