/* saved/: results read back from their files. Comes in: the path of a document that json/ wrote, by
 * this or by another version; nothing in it is trusted: sizes and counts are bounded, types
 * checked, and errors name the path in the document ("points[3].threads: expected a whole number").
 * Goes out: a result that renders to the same text as the one that was saved. All memory from the
 * arena. */
#ifndef PS_SAVED_H
#define PS_SAVED_H

#include <stdbool.h>

#include "arena.h"
#include "err.h"
#include "rank_sweep_result.h"
#include "result.h"

int ps_result_load(const char *path, struct ps_arena *a, struct ps_result **r, struct ps_err *e);
/* Whether the file begins as a saved sweep over ranks. */
bool ps_rank_sweep_is_saved(const char *path);
int ps_rank_sweep_load(const char *path, struct ps_arena *a, struct ps_rank_sweep **out,
                       struct ps_err *e);

#endif
