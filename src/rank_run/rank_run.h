/* rank_run/: comes in: the program of a rank. Goes out: what was measured of it, with its calls of
 * MPI as a library within the program saw them (call_watch.h, pmpi/), or as samples of its stacks
 * tell (sampled.h).
 *
 * Runs the program of one rank, and measures it. The launcher sees what it would without us:
 * standard input and output are the program's, signals are passed on, and the end is told by the
 * caller. */
#ifndef PS_RANK_RUN_H
#define PS_RANK_RUN_H

#include "arena.h"
#include "err.h"
#include "rank_program.h"
#include "ranks_result.h"
#include "str.h"

/* Fills all of *r but rank, size and node, and adds the order of its calls (call_file.h) where
 * r->calls_reason is NULL. Must be called on the only thread. */
int ps_rank_run(const struct ps_rank_program *p, struct ps_arena *a, struct ps_rank *r,
                struct ps_str *calls, struct ps_err *e);

#endif
