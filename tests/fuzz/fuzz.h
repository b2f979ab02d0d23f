/* What the targets share: the input as a text or as a file, memory for it, and what must be true.
 */
#ifndef PS_FUZZ_H
#define PS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with the sentence where it is not so; the fuzzer keeps the input. */
#define must(condition, sentence) fuzz_must((condition), __FILE__, __LINE__, (sentence))
void fuzz_must(bool so, const char *file, int line, const char *sentence);

void fuzz_arena(struct ps_arena *a);
/* Up to the first NUL, as texts from a command line are. */
const char *fuzz_text(struct ps_arena *a, const uint8_t *data, size_t size);
/* The path of a file in memory with these bytes, the same one each time. */
const char *fuzz_file(const uint8_t *data, size_t size);
/* A reader gives 0, or an error with its text. */
void fuzz_check_error(int rc, const struct ps_err *e);

#endif
