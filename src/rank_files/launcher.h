/* rank_files/: what stands of one rank outside its process. In comes what a launcher (mpirun, srun)
 * tells it of its place in the run (this header), and what was measured of it; out goes a line of
 * text (rank_file.h) and a file of its calls (call_file.h), and what is read of such files, trusted
 * in nothing.
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
