#include "lcg.h"

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
