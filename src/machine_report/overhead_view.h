/* What people read of `parscope overhead`, as view.h has it for results. */
#ifndef PS_OVERHEAD_VIEW_H
#define PS_OVERHEAD_VIEW_H

#include "grid.h"
#include "overhead_result.h"
#include "text.h"

/* The sentence about the machine, and that about what was measured on it. */
const char *ps_overhead_host(const struct ps_overhead *o, struct ps_arena *a);
const char *ps_overhead_about(const struct ps_overhead *o, struct ps_arena *a);
void ps_overhead_grid(const struct ps_overhead *o, struct ps_arena *a, struct ps_grid *g);
ps_heads_fn ps_overhead_heads;
/* Why rows have no value, and the notes. */
struct ps_lines ps_overhead_notes(const struct ps_overhead *o, struct ps_arena *a);
const char *ps_overhead_ending(const struct ps_overhead *o, struct ps_arena *a);

#endif
