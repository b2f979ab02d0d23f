/* ranks/: programs of many processes, maybe on many machines. In come the files of the ranks of a
 * run, read one behind the other (gather.h); out goes one result with the metrics of the POP
 * project (here, pop.h). A launcher run again and again with several numbers of ranks is a sweep
 * (rank_sweep.h). Durations alone are compared: each machine has a clock of its own.
 *
 * Files of ranks, joined into one result. */
#ifndef PS_RANKS_JOIN_H
#define PS_RANKS_JOIN_H

#include "arena.h"
#include "err.h"
#include "ranks_result.h"

/* paths: of files and folders. Of several runs the complete ones come first, then those whose files
 * are newer; what does not belong to the first is left out, and the result says so. -ENOENT: there
 * is nothing in them; -EINVAL: what there is are no ranks, or ones that disagree about how many
 * they are. */
int ps_ranks_merge(const char *const *paths, size_t count, struct ps_arena *a,
                   struct ps_ranks **out, struct ps_err *e);

#endif
