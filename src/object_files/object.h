/* object_files/: files with code, read by elfutils' libdw and never trusted: what is broken gives
 * fewer frames. Comes in: the path of a file, addresses within it. Goes out: its functions and
 * source lines (functions.h, symtab.h) and one step of unwinding (cfi.h), by the file's own
 * addresses.
 *
 * A file with code, opened when it is first needed, and shared by all the address spaces that map
 * it: everything is kept by the file's own addresses, and so there is one libdwfl session per file.
 */
#ifndef PS_SYMBOLS_OBJECT_H
#define PS_SYMBOLS_OBJECT_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cfi.h"
#include "frame.h"
#include "functions.h"
#include "readable.h"
#include "symtab.h"

struct ps_object {
    const char *path;
    const char *shown; /* the base name, to be printed */
    uint64_t device, inode;
    bool looked, usable, native; /* native: registers mean the same there as here */
    Dwfl_Callbacks callbacks;    /* of dwfl */
    Dwfl *dwfl;
    Dwfl_Module *module;
    struct ps_segment *segments;
    size_t segment_count;
    struct ps_symtab symtab;
    struct ps_functions functions;
    uint64_t functions_bias;
    struct ps_cfi cfi;
    struct ps_table chains; /* by address: struct ps_chain */
    struct ps_object *next; /* of the same hash */
};

/* What an address is, in the file's addresses: frames, innermost first. */
struct ps_chain {
    size_t count;
    struct ps_frame frames[];
};

/* NULL: no memory. The path is kept as it is. */
struct ps_object *ps_object_new(const char *path, const char *shown, uint64_t device,
                                uint64_t inode);
void ps_object_free(struct ps_object *o);
/* Opens it where that was not tried. pid: of a process that has or had it mapped. */
bool ps_object_usable(struct ps_object *o, pid_t pid);
/* The address in the file's own numbering of what lies at an offset. false: no code. */
bool ps_object_address(const struct ps_object *o, uint64_t offset, uint64_t *address);
/* Up to `most` bytes of it from an offset on; NULL: it has fewer than `least`. */
const unsigned char *ps_object_bytes(const struct ps_object *o, uint64_t offset, size_t least,
                                     size_t most, size_t *size);
/* Just so many bytes of code at an address, in the file's numbering; NULL: there are none. */
const unsigned char *ps_object_code(const struct ps_object *o, uint64_t address, size_t size);
/* NULL: no memory. */
const struct ps_chain *ps_object_chain(struct ps_object *o, uint64_t address,
                                       struct ps_readable *names);

#endif
