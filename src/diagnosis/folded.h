/* Stacks as flame graph tools read them: a line for each, its frames apart by semicolons, outermost
 * first, then a space and how many samples had it. Comes in: observations. Goes out: text whose
 * counts sum to the samples. */
#ifndef PS_FOLDED_H
#define PS_FOLDED_H

#include "observer.h"
#include "str.h"
#include "symbols.h"

#define PS_FOLDED_MOST  ((size_t)64 << 20) /* bytes of text; other stacks are one line then */
#define PS_FOLDED_FRAME 200                /* bytes of a frame's name */

struct ps_folded;

/* NULL: no memory. */
struct ps_folded *ps_folded_create(void);
void ps_folded_destroy(struct ps_folded *f); /* accepts NULL */
/* What all stacks begin with from now on, copied; NULL: nothing. */
void ps_folded_head(struct ps_folded *f, const char *head);
/* Adds the samples of an execution; spaces: the symbols' index of each of its spaces. The first
 * frames are the number of threads that ran at the sample and the program. */
void ps_folded_add(struct ps_folded *f, struct ps_symbols *symbols, const size_t *spaces,
                   const struct ps_observation *n);
/* Adds the lines, sorted. *out fails where there was no memory at any time. */
void ps_folded_write(struct ps_folded *f, struct ps_str *out);

#endif
