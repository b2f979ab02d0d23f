/* A program that is launched with several numbers of ranks, round by round. */
#ifndef PS_RANK_SWEEP_H
#define PS_RANK_SWEEP_H

#include <stdatomic.h>

#include "child.h"
#include "err.h"
#include "hooks.h"
#include "program.h"
#include "rank_sweep_result.h"

struct ps_rank_sweep_request {
    const struct ps_program *program; /* the launcher, with {ranks} in its words */
    const char *version;
    const uint32_t *counts; /* ascending */
    size_t count;
    bool weak;
    uint64_t size; /* what {size} is with one rank */
    uint64_t runs; /* rounds exactly; 0: until precise, or the time is over */
    uint64_t warmup, seed;
    double precision, max_time, timeout;
    enum ps_child_output output;
    const char *output_path;
    const char *folder; /* that a folder for the ranks' files is made in: all of them must see it */
    const struct ps_measure_hooks *hooks;
};

/* "1,2,4", "1..8" or "1..64..x2". -EINVAL or -ERANGE. */
int ps_rank_counts(const char *text, struct ps_arena *a, uint32_t **counts, size_t *count,
                   struct ps_err *e);
/* -EINVAL where the command can't be right. */
int ps_rank_sweep_check(const struct ps_rank_sweep_request *q, struct ps_err *e);
/* As ps_measure(): after an interrupt (-EINTR) or a failure there is a result where rounds were
 * complete, else *out is NULL. */
int ps_rank_sweep(const struct ps_rank_sweep_request *q, struct ps_arena *a,
                  struct ps_rank_sweep **out, struct ps_err *e);

#endif
