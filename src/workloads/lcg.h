/* Work of a known length: a chain of dependent instructions.
 *
 * A step is one multiplication and one addition, x = x * A + C modulo 2^64, each waiting for the
 * one before (3 or 4 cycles and 1 on today's cores). The chain is bound by latency and leaves most
 * of the core idle, so a busy hardware thread beside it hardly slows it. There is nothing else in
 * the loop, and the cost of a call is a few cycles, so steps done in pieces cost what they cost in
 * one go. What a chain must end in is known without running it. */
#ifndef PS_LCG_H
#define PS_LCG_H

#include <stdint.h>

uint64_t ps_lcg_run(uint64_t x, uint64_t steps);
/* The value that ps_lcg_run(x, steps) ends in, in time log(steps). */
uint64_t ps_lcg_skip(uint64_t x, uint64_t steps);
/* Seconds that a step takes here at best: interruptions and waking up only ever make it slower.
 * Runs for some milliseconds. */
double ps_lcg_seconds_per_step(void);

#endif
