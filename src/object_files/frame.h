/* A function that an address is in. */
#ifndef PS_FRAME_H
#define PS_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define PS_SYMBOLS_JIT "[jit]" /* module of code that a perf map names */

/* Strings live as long as the symbols (symbols.h). */
struct ps_frame {
    const char *function; /* demangled, control characters replaced, 200 bytes at most; NULL: not
                             known */
    const char *module;   /* base name of the file, "[vdso]", PS_SYMBOLS_JIT, "[anon]"; NULL:
                             not mapped */
    const char *file;     /* of the source, as the compiler was given it; NULL: not known */
    unsigned line;        /* 0: not known */
    bool inlined;         /* into the next frame */
    uint64_t address;     /* in the process */
    uint64_t offset; /* within the module's file, as addr2line takes it: of a caller, of its call */
    uint64_t start;  /* address of the function; 0: not known */
};

#endif
