/* The words of reports, explained: for `parscope help WORD` and for the page parscope-glossary(7),
 * which is made of the same rows (man/glossary_page.c).
 *
 *     PS_WORD(word, also, what, formula, todo)
 *
 * word: as it is listed. also: what else leads to it, separated by commas: ids of metrics and
 * findings, heads of columns, what sentences begin with. what, todo: sentences. formula: NULL where
 * there is none. */
#ifndef PS_GLOSSARY_H
#define PS_GLOSSARY_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct ps_word {
    const char *group; /* its title; words of a group stand together */
    const char *word, *also, *what, *formula, *todo;
};

/* Ends with word NULL. */
extern const struct ps_word ps_glossary[];

/* The word itself, or one of what leads to it; letter case, spaces and punctuation don't count. */
bool ps_word_is(const struct ps_word *w, const char *text);
/* The first from `from` on that the text leads to; NULL where there is none. Starts at ps_glossary.
 */
const struct ps_word *ps_word_next(const struct ps_word *from, const char *text);
/* The first name in `also`, and its length; NULL where there is none left. */
const char *ps_word_also(const char *also, size_t *length);
/* All words, and behind them all that leads to one; returns how many. */
size_t ps_word_names(const char *const **names, struct ps_arena *a);
/* "T the wall time, p the CPUs": the letters of the formula; "" where it has none. */
const char *ps_word_symbols(const char *formula, struct ps_arena *a);

#endif
