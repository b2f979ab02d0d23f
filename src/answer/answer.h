/* What the first screen says of a result: which columns, the answer, which warnings. Comes in: a
 * const result. Goes out: texts in the view's arena. */
#ifndef PS_ANSWER_H
#define PS_ANSWER_H

#include "view.h"

/* Whether it has one: what is varied over a parameter has tables of its own. */
bool ps_has_first_screen(const struct ps_view *v);
/* The ids of the columns, ending with NULL. */
const char *const *ps_first_columns(const struct ps_block *b);

/* How much faster, why not more, what to do next. */
struct ps_lines ps_block_answer(const struct ps_view *v, const struct ps_block *b);
/* answer_laws.c: the last of it, of the point that is told. fewest: threads that are as many as it
 * takes and told already; 0: none. */
void ps_answer_laws(const struct ps_view *v, const struct ps_point *p, unsigned fewest,
                    struct ps_lines *l);
/* That threads take turns, where the lock is a cause that the answer tells. */
bool ps_finding_is_named(const struct ps_view *v, const struct ps_finding *f);
/* Told below the answer; what only informs is a detail. */
bool ps_finding_changes_answer(const struct ps_view *v, const struct ps_finding *f);

#endif
