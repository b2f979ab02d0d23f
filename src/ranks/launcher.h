/* ranks/: programs of many processes, which a launcher (mpirun, srun) starts, maybe on many
 * machines. In comes what one of them is told of its place among them (this header), and its
 * program, which rank_run.h runs and measures; out goes a line of text for each (rank_file.h). Many
 * such lines, read one behind the other and trusted in nothing (gather.h), become a result with the
 * metrics of the POP project (join.h, pop.h), and launchers run again
 * and again with several numbers of ranks (rank_sweep.h). Durations alone are compared: each
 * machine has a clock of its own.
 *
 * This header: which rank of how many this process is, by the environment that launchers give it.
 */
#ifndef PS_LAUNCHER_H
#define PS_LAUNCHER_H

#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "ranks_result.h"

struct ps_place_in_run {
    const char *launcher; /* "Open MPI" */
    uint32_t rank, size;
    const char *run; /* that all ranks of one run have in common, and no other; NULL: not told */
};

/* environment: ends with NULL. -ENOENT where there is no launcher that we know; -EINVAL where what
 * it says is no rank of a size. */
int ps_launcher_find(const char *const *environment, struct ps_arena *a,
                     struct ps_place_in_run *out, struct ps_err *e);

/* The value of a variable, or NULL. */
const char *ps_environment_value(const char *const *environment, const char *name);

#endif
