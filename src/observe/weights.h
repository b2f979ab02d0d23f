/* How much CPU time each sample stands for. The timer of a thread that gives up its CPU after less
 * than a period is set anew at each switch, and where it expires at one it interrupts the kernel:
 * such threads have too few samples in user mode. How long each was on a CPU is known by the
 * records, and how much of all that was in the kernel by its accounts. So what the accounts have in
 * user mode and no sample has is shared out among such threads, by what they have without samples.
 */
#ifndef PS_WEIGHTS_H
#define PS_WEIGHTS_H

#include "observer.h"

#define PS_WEIGHTS_BRIEF_NS 500000 /* on a CPU at a time, on average, where samples are missing */

/* s, of each sample that was kept. Where no accounts are known all stand for as much. */
void ps_weights_find(const struct ps_observation *n, double *weights);

#endif
