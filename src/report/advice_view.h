/* Recommendations after a sweep, in sentences. */
#ifndef PS_REPORT_ADVICE_VIEW_H
#define PS_REPORT_ADVICE_VIEW_H

#include "view.h"

/* What the answer has of it: what was asked for, else the number of threads that is enough where
 * that is below `threads`, which the answer tells already; NULL. */
const char *ps_advice_answer(const struct ps_view *v, const struct ps_model *m, unsigned threads);
/* All of it. name: of the model, where there are several. */
void ps_advice_lines(const struct ps_view *v, const struct ps_model *m, const char *name,
                     struct ps_lines *l);

#endif
