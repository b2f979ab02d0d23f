/* Just enough of x86-64 machine code to tell what a hot loop does: where instructions end, which
 * of them write memory or are atomic, and where jumps go. Bytes are never trusted. */
#ifndef PS_INSTRUCTION_H
#define PS_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ps_instruction {
    size_t length;
    bool atomic; /* a locked change of memory, or an exchange with it */
    bool stores, loads;
    bool pauses;
    bool counts; /* changes a register by arithmetic */
    bool calls, returns;
    bool jumps, always;   /* always: what follows is not reached from here */
    int64_t jump;         /* from the next instruction on */
    unsigned base, index; /* registers that a memory operand's address is made of, 0 to 15 */
    unsigned scale;       /* of the index, as a power of two */
    int32_t displacement;
    bool relative;    /* to the next instruction, that address */
    bool sets;        /* the register that it writes, to what does not depend on its value before */
    uint16_t touched; /* registers that it may write, by bits: too many rather than too few */
    unsigned moved_to;   /* the register that a plain move goes to */
    unsigned moved_from; /* likewise, and the one that it comes from where it does not load */
};
#define PS_NO_REGISTER 16

/* False: it is none that is known, or it does not end within the bytes. */
bool ps_instruction_decode(const unsigned char *bytes, size_t size, struct ps_instruction *out);

enum ps_hot {
    PS_HOT_OPEN,   /* nothing can be said */
    PS_HOT_SPIN,   /* a loop that tries again until somebody else changed something */
    PS_HOT_ATOMIC, /* at an atomic change of memory, or behind it */
    PS_HOT_STORE,  /* at a plain write to memory, or behind it */
    PS_HOT_LOAD,   /* at a read, or behind it */
};
/* What the instruction `at` bytes into a function does. */
enum ps_hot ps_hot_code(const unsigned char *function, size_t size, size_t at);

#endif
