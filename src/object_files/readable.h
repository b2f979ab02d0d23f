/* Names out of files that nobody vouches for, as texts that can be printed. */
#ifndef PS_SYMBOLS_READABLE_H
#define PS_SYMBOLS_READABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "interned.h"
#include "table.h"

#define PS_READABLE_MOST 200 /* bytes of a function's name */

struct ps_readable {
    struct ps_interned strings;
    /* Of the C++ runtime, which is loaded for the first name that needs it; NULL: there is none. */
    char *(*demangle)(const char *name, char *buffer, size_t *size, int *status);
    void *library;
    bool looked;
    size_t budget; /* bytes that may still be demangled to: names can grow exponentially */
};

void ps_readable_init(struct ps_readable *r);
void ps_readable_free(struct ps_readable *r);
/* A function: demangled (C++, and Rust, whose newest mangling as a path alone) with compilers'
 * suffixes kept
 * (".constprop.0"), control characters spelt out, at most PS_READABLE_MOST bytes. NULL: empty, or
 * no memory. */
const char *ps_readable_function(struct ps_readable *r, const char *raw);
/* A path, whole. */
const char *ps_readable_path(struct ps_readable *r, const char *raw);
bool ps_readable_mangled(const char *raw);

#endif
