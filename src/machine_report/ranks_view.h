/* What people read of `parscope merge` and `parscope sweep --ranks`. */
#ifndef PS_RANKS_VIEW_H
#define PS_RANKS_VIEW_H

#include "grid.h"
#include "rank_sweep_result.h"
#include "ranks_result.h"
#include "str.h"

/* all: every node, and every file that was left out. */
void ps_ranks_text(const struct ps_ranks *r, bool all, struct ps_str *out);
/* checks_only: a line each, and nothing else. */
void ps_rank_sweep_text(const struct ps_rank_sweep *s, bool checks_only, struct ps_str *out);

/* Of their tables. */
ps_heads_fn ps_ranks_heads, ps_rank_sweep_heads;

#endif
