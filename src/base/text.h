/* Text for terminals: made harmless, shortened, wrapped. Columns are UTF-8 code points. */
#ifndef PS_TEXT_H
#define PS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "str.h"

struct ps_texts {
    const char **items;
    size_t count;
};

/* The text with control characters, bidirectional overrides and bytes that are not UTF-8 spelt out
 * ("\x1b"), so that nothing from a file can drive a terminal. Idempotent; returns `text` itself
 * where there is nothing to do. */
const char *ps_text_clean(struct ps_arena *a, const char *text);

/* The same into `size` (> 3) bytes, the terminating NUL among them; where it doesn't fit it ends,
 * between characters, with "…". */
void ps_text_clean_to(char *to, size_t size, const char *text);

/* Equal, or both NULL. */
bool ps_text_same(const char *a, const char *b);
/* One of the parts is somewhere in it. text: NULL holds none. */
bool ps_text_holds_any(const char *text, const char *const *parts, size_t count);

/* At most `columns` (> 0) columns, the last one "…" where something was cut. */
const char *ps_text_shorten(struct ps_arena *a, const char *text, size_t columns);

/* Makes all of the text ASCII, in place, and keeps its columns: "x" for "×", "+-" for " ±", "?" for
 * what has no better. */
void ps_text_to_ascii(struct ps_str *s);

/* Adds the words of text in lines of at most `columns` columns, of which all but the first begin
 * with `indent` spaces. `used` columns of the first line are taken already. Words that are longer
 * than a line are broken. Ends with a newline. */
void ps_text_wrap(struct ps_str *out, const char *text, size_t used, size_t indent, size_t columns);

/* Sentences, each a paragraph of its own. */
struct ps_lines {
    struct ps_arena *arena;
    const char **items;
    size_t count;
};
/* Adds the sentence, made harmless; it must outlive the lines. */
void ps_lines_add(struct ps_lines *l, const char *text);

/* "0,2-5"; "-" where nothing is pinned. A thread without a CPU among others is "-1". */
const char *ps_text_cpu_list(struct ps_arena *a, const int *cpus, size_t count);
/* For people: threads that take the same CPUs in turns are "0,1 (×4)". */
const char *ps_text_cpus(struct ps_arena *a, const int *cpus, size_t count);

#endif
