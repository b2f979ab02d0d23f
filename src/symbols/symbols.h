/* Functions, source lines and callers of code addresses. Comes in: what a process had mapped, the
 * registers of a thread and a copy of its stack. Goes out: frames, innermost first, inlined ones
 * among them. object_files/ reads each file; here are the address spaces that they are mapped to.
 *
 * A symbol table is made after a program has run: it costs time and memory that a measurement must
 * not see. */
#ifndef PS_SYMBOLS_H
#define PS_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "frame.h"
#include "instruction.h"
#include "mapping.h"
#include "phase.h"
#include "registers.h"

#define PS_FRAMES_MOST 64

/* Of a thread: bytes that lie from the stack pointer on. */
struct ps_stack_seen {
    const struct ps_registers *registers;
    const unsigned char *bytes;
    size_t size;
};

struct ps_symbols;

/* -ENOMEM. Without libdw: -ENOTSUP, with a text. */
int ps_symbols_create(struct ps_symbols **s, struct ps_err *e);
void ps_symbols_destroy(struct ps_symbols *s); /* accepts NULL */
/* An address space; returns its index. The mappings, by start, are copied: code of a file (or
 * "[vdso]", "//anon": by /tmp/perf-PID.map where there is one). Another file at that path now,
 * which is one of another inode, is not read. */
size_t ps_symbols_add_space(struct ps_symbols *s, pid_t pid, const struct ps_mapping *m,
                            size_t count);
/* What the address is: its function, preceded by those inlined there, at most `most` frames. The
 * number of frames; at least 1. caller: the address is one that a call returns to, and the line is
 * that of the call. */
size_t ps_symbols_resolve(struct ps_symbols *s, size_t space, uint64_t address, bool caller,
                          struct ps_frame *frames, size_t most);
/* The same of a whole stack: bytes that lie from the stack pointer on. Only the registers that are
 * known are used (program counter and stack pointer at least), and unwinding ends at what is not.
 * By the unwind tables of each module; where there are none, by frame pointers if they make sense.
 */
size_t ps_symbols_unwind(struct ps_symbols *s, size_t space, const struct ps_stack_seen *stack,
                         struct ps_frame *frames, size_t most);
/* The function of another module that was called there, by the call before the address that a
 * caller's frame has: where it was left by a jump, it has no frame of its own. NULL: not known. */
const char *ps_symbols_callee(struct ps_symbols *s, size_t space, const struct ps_frame *caller);
/* What the innermost of so many frames does at its address, by the file's machine code; on another
 * machine than x86-64 nothing is known. */
enum ps_hot ps_symbols_hot(struct ps_symbols *s, size_t space, const struct ps_frame *frames,
                           size_t count);
/* The phase of its function that ends with the call which a caller's frame is at, a wait for all
 * threads; others: where calls of other waits in it return to, at most PS_PHASE_WAITS - 1. False:
 * not known, as on other machines than x86-64. */
bool ps_symbols_phase(struct ps_symbols *s, size_t space, const struct ps_frame *caller,
                      const uint64_t *others, size_t count, struct ps_phase *out);

#endif
