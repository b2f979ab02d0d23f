/* How long a round takes, and how many there is time for. Internal to this layer. */
#ifndef PS_BUDGET_H
#define PS_BUDGET_H

#include "session.h"

/* Whether time limits the run: not where a number of rounds was asked for, nor under the script. */
bool budget_limits(const struct session *s);
/* s of one round of the targets in focus: what their trials took so far; before the first, what one
 * execution of each took in the warm-up. */
double budget_round(const struct session *s);
/* Of programs, whether their warm-up has to be the first round: there is no time for both. */
bool budget_first_counts(const struct session *s);
/* Rounds that fit into the time that is left; at least 1 before the first round, which is always
 * run. */
size_t budget_fits(const struct session *s);
/* Says before the rounds that they are too few for an interval, and what would help. */
void budget_warn(struct session *s);

#endif
