/* The words of a command line given as one text, as a shell splits them, without anything else that
 * a shell does: blanks separate; '...' is literal; in "..." a backslash makes \ " $ ` literal;
 * outside quotes it makes the next character literal. Variables, globs, pipes and redirections are
 * not interpreted; an unquoted one of | & ; < > ( ) or ` is refused, with the advice to use
 * --shell. */
#ifndef PS_WORDS_H
#define PS_WORDS_H

#include <stddef.h>

#include "arena.h"
#include "err.h"

#define PS_MAX_WORDS 65536

/* words ends with NULL, count without it. what names the text in errors ("-c", "--prepare").
 * -EINVAL: an unclosed quote (which, and at which column), a backslash at the end, no word at all,
 * an empty first word, a character that wants a shell. -E2BIG beyond PS_MAX_WORDS. */
int ps_words_split(const char *text, const char *what, struct ps_arena *a, const char ***words,
                   size_t *count, struct ps_err *e);
/* The reverse, for labels: words joined by blanks, quoted where they need it, so that splitting
 * gives the same words again. */
char *ps_words_join(const char *const *words, size_t count, struct ps_arena *a);

#endif
