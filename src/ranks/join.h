/* Files of ranks, joined into one result. */
#ifndef PS_RANKS_JOIN_H
#define PS_RANKS_JOIN_H

#include "arena.h"
#include "err.h"
#include "ranks_result.h"

/* paths: of files and folders. What does not belong to the run that most lines are of is left out,
 * and the result says so. -ENOENT: there is no rank in them; -EINVAL: ranks disagree about how many
 * they are. */
int ps_ranks_merge(const char *const *paths, size_t count, struct ps_arena *a,
                   struct ps_ranks **out, struct ps_err *e);

#endif
