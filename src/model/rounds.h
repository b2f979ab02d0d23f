/* Which rounds estimates are made of, where something else disturbed some.
 *
 * Rounds are chosen by a witness that does not know how the round went (how long others kept the
 * CPUs), never by their times: leaving out the slow ones would make any estimate too good. */
#ifndef PS_ROUNDS_H
#define PS_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>

#define PS_ROUNDS_LIMIT 0.01 /* share of the wall time that others took a CPU away */
#define PS_ROUNDS_LEAST \
    6 /* clean ones, and a third of all; two thirds of fewer, without interval */

/* While measuring goes on it is looked at after so many rounds, and then after an eighth more each
 * time. */
#define PS_ROUNDS_FIRST_LOOK 10
size_t ps_rounds_next_look(size_t rounds);

enum ps_rounds {
    PS_ROUNDS_UNKNOWN,   /* no witness */
    PS_ROUNDS_QUIET,     /* all are clean */
    PS_ROUNDS_CLEAN,     /* the clean ones are enough */
    PS_ROUNDS_DISTURBED, /* too few are clean: what is made of all tells of a busy machine */
};

/* share: one per round, NaN in those without a witness. */
bool ps_round_disturbed(double share);
/* Of `rounds` rounds with a witness, of which so many are clean. */
enum ps_rounds ps_rounds_choose(size_t rounds, size_t clean);

#endif
