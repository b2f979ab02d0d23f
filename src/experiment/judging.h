/* The exit status that checks and comparisons ask for. */
#ifndef PS_JUDGING_H
#define PS_JUDGING_H

#include "comparison_result.h"

/* What can't be decided counts as. */
enum ps_on_inconclusive { PS_INCONCLUSIVE_TELL, PS_INCONCLUSIVE_PASS, PS_INCONCLUSIVE_FAIL };
extern const char *const ps_on_inconclusive_names[];

/* A failure counts more than an open question. */
int ps_judge_checks(const struct ps_result *r, enum ps_on_inconclusive on_inconclusive);
int ps_judge_comparison(const struct ps_comparison *c, enum ps_on_inconclusive on_inconclusive);
/* The one of two statuses that counts more: failed, then worse, then open. */
int ps_judge_both(int a, int b);

#endif
