#include "lcg.h"

#include <math.h>

#include "kit.h"

#define WINDOW  250e-6 /* s; of these so many are timed, and the fastest counts */
#define WINDOWS 20

/* Full period modulo 2^64 (Knuth's MMIX). Both need 64 bits, so neither becomes an immediate. */
#define MULTIPLIER UINT64_C(6364136223846793005)
#define INCREMENT  UINT64_C(1442695040888963407)

/* Keeps the compiler from seeing through a value, and with that from composing steps. */
#define OPAQUE(x) __asm__ volatile("" : "+r"(x))

#define STEP       \
    do {           \
        x *= a;    \
        OPAQUE(x); \
        x += c;    \
        OPAQUE(x); \
    } while (0)

__attribute__((noinline, aligned(64))) uint64_t ps_lcg_run(uint64_t x, uint64_t steps)
{
    uint64_t a = MULTIPLIER, c = INCREMENT;

    OPAQUE(a);
    OPAQUE(c);
    for (; steps >= 8; steps -= 8) {
        STEP;
        STEP;
        STEP;
        STEP;
        STEP;
        STEP;
        STEP;
        STEP;
    }
    for (; steps > 0; steps--)
        STEP;
    return x;
}

/* k steps are one step x * a + c with other constants; squaring them doubles k (F. Brown, "Random
 * Number Generation with Arbitrary Strides", 1994). */
uint64_t ps_lcg_skip(uint64_t x, uint64_t steps)
{
    uint64_t a = MULTIPLIER, c = INCREMENT;

    for (; steps > 0; steps >>= 1) {
        if (steps & 1)
            x = x * a + c;
        c *= a + 1;
        a *= a;
    }
    return x;
}

static double time_steps(uint64_t steps)
{
    int64_t start = ps_kit_ns();

    ps_lcg_run(1, steps);
    return 1e-9 * (double)(ps_kit_ns() - start);
}

double ps_lcg_seconds_per_step(void)
{
    uint64_t steps = 1024;
    double best = INFINITY;

    while (time_steps(steps) < WINDOW)
        steps *= 2;
    for (int i = 0; i < WINDOWS; i++)
        best = fmin(best, time_steps(steps) / (double)steps);
    return best;
}
