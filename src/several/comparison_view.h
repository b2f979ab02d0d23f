/* What people read of `parscope compare`, as view.h has it for results. */
#ifndef PS_COMPARISON_VIEW_H
#define PS_COMPARISON_VIEW_H

#include "comparison_result.h"
#include "grid.h"
#include "text.h"

/* What was compared with what, and how. */
const char *ps_comparison_about(const struct ps_comparison *c, struct ps_arena *a);
/* The answer, in one sentence. */
const char *ps_comparison_answer(const struct ps_comparison *c, struct ps_arena *a);
/* all: of many rows those too that are not worse. */
void ps_comparison_table(const struct ps_comparison *c, bool all, bool colour, struct ps_arena *a,
                         struct ps_str *out);
/* In what the hosts differ, why rows are inconclusive, what the intervals mean. */
struct ps_lines ps_comparison_notes(const struct ps_comparison *c, bool all, struct ps_arena *a);
/* The heads of its columns, and its verdicts. */
ps_heads_fn ps_comparison_heads;
/* "+9.6 %"; of a difference "+0.031". */
const char *ps_comparison_change(const struct ps_comparison_row *row, struct ps_arena *a);
/* "[+8.1, +11.2]", the limits that it is judged by; "" where there are none. */
const char *ps_comparison_limits(const struct ps_comparison_row *row, struct ps_arena *a);
/* "wall time of reduce with 2 threads is 10 % more" */
const char *ps_comparison_row_text(const struct ps_comparison_row *row, struct ps_arena *a);

#endif
