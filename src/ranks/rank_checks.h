/* Checks (check.h) on a sweep over ranks: METRIC[ranks=N] OP VALUE. */
#ifndef PS_RANK_CHECKS_H
#define PS_RANK_CHECKS_H

#include "check.h"
#include "rank_sweep_result.h"

/* counts: numbers of ranks that there will be. -EINVAL or -ENOENT, as ps_check_parse(). */
int ps_rank_check_parse(const char *text, const uint32_t *counts, size_t count, struct ps_arena *a,
                        struct ps_check_spec *c, struct ps_err *e);
/* Judges all of them, into s->checks. Without a number of ranks what compares with the fewest ranks
 * is judged on the others. */
void ps_rank_checks_judge(const struct ps_check_spec *specs, size_t count, struct ps_rank_sweep *s);

#endif
