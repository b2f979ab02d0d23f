/* Work of a known length: a chain of dependent instructions.
 *
 * A step is one multiplication and one addition, x = x * A + C modulo 2^64, each waiting for the
 * one before (3 or 4 cycles and 1 on today's cores). The chain is bound by latency and leaves most
 * of the core idle, so a busy hardware thread beside it hardly slows it. There is nothing else in
 * the loop, and the cost of a call is a few cycles, so steps done in pieces cost what they cost in
 * one go, as long as each waits for the one before: between chains that don't, a core that works
 * out of order begins one some 20 ns before the other has ended. What a chain must end in is known
 * without running it. */
#ifndef PS_LCG_H
#define PS_LCG_H

#include <stdint.h>

uint64_t ps_lcg_run(uint64_t x, uint64_t steps);
/* The value that ps_lcg_run(x, steps) ends in, in time log(steps). */
uint64_t ps_lcg_skip(uint64_t x, uint64_t steps);
/* The value x, which is not there before `earlier` is: a chain from it waits for that one. */
static inline uint64_t ps_lcg_after(uint64_t earlier, uint64_t x)
{
    uint64_t none = 0; /* which the compiler doesn't know */

    __asm__("" : "+r"(none));
    return x + (earlier & none);
}
/* Seconds that a step takes here at best: interruptions and waking up only ever make it slower.
 * Runs for some milliseconds. */
double ps_lcg_seconds_per_step(void);

#endif
