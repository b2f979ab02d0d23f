/* From what was observed of a program to what it spent its time on and waited for. Comes in:
 * observations (timeline, stacks as bytes), and the number of cores that it was to use. Goes out:
 * places in the code with their CPU time, and cores that had nothing to do with the reason.
 *
 * Cores without work come from looks at blocked threads: of p cores, those without a runnable
 * thread are shared out among the threads that wait for something by itself (a lock, sleep, a
 * file). What is left, where threads wait for the work of others (at the end of a parallel region,
 * in join), is serial or imbalance, by where the threads were that did work: outside or inside a
 * parallel region. */
#ifndef PS_DIAGNOSIS_H
#define PS_DIAGNOSIS_H

#include "arena.h"
#include "diagnosis_result.h"
#include "err.h"
#include "folded.h"
#include "observer.h"

struct ps_diagnoser;

/* cores: that the program was to use at once. -ENOMEM, or as ps_symbols_create(). */
int ps_diagnoser_create(double cores, struct ps_arena *a, struct ps_diagnoser **d,
                        struct ps_err *e);
void ps_diagnoser_destroy(struct ps_diagnoser *d); /* accepts NULL */
/* The stacks of executions that are added from now on go to f too. */
void ps_diagnoser_fold(struct ps_diagnoser *d, struct ps_folded *f);
/* One execution more. */
int ps_diagnoser_add(struct ps_diagnoser *d, const struct ps_observation *n, struct ps_err *e);
/* The share of the CPU time which that execution could have had, that others took. 0 too where it
 * is not known, since the program has more threads at work than CPUs. */
double ps_observation_others(const struct ps_observation *n);
/* Of all of them, per execution, without the slowdown; once, before it is destroyed. */
struct ps_diagnosis *ps_diagnoser_result(struct ps_diagnoser *d);

#endif
