/* Latencies by the optimisation manuals of Intel, AMD and Arm; those that are not the same on all
 * cores are outvoted where they are wrong (multiplication on some Arm cores). Left out: additions
 * of an immediate, which recent Intel cores fold at rename; popcnt, 1 cycle on AMD and 3 on Intel.
 */
#include "chains.h"

#define TWICE(x) x x
#define TURN(x)  TWICE(TWICE(TWICE(TWICE(TWICE(x)))))
_Static_assert(PS_CHAIN_TURN == 1 << 5, "TURN doubles five times");
_Static_assert(PS_CHAIN_INDEPENDENT == PS_CHAIN_WIDTH << 4, "EIGHT is doubled four times");

#if defined(__x86_64__)

#define LOOP(body) ".p2align 6\n1:\n" body "dec %[turns]\njnz 1b\n"
#define STEP(op)   LOOP(TURN(op))
#define ADD(to)    "add %[other], %[" #to "]\n"

#elif defined(__aarch64__)

#define LOOP(body) ".p2align 6\n1:\n" body "subs %[turns], %[turns], #1\nb.ne 1b\n"
#define STEP(op)   LOOP(TURN(op))
#define ADD(to)    "add %[" #to "], %[" #to "], %[other]\n"

#endif

#if defined(STEP)

/* a is the chain's register. */
#define CHAIN(function, op)                                                                        \
    static void function(uint64_t turns)                                                           \
    {                                                                                              \
        uint64_t a = 0x9e3779b97f4a7c15u, other = 0xbf58476d1ce4e5b9u;                             \
                                                                                                   \
        __asm__ volatile(STEP(op) : [a] "+r"(a), [turns] "+r"(turns) : [other] "r"(other) : "cc"); \
    }

void ps_chain_run_independent(uint64_t turns)
{
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, other = 0xbf58476d1ce4e5b9u;

#define EIGHT ADD(a) ADD(b) ADD(c) ADD(d) ADD(e) ADD(f) ADD(g) ADD(h)
    __asm__ volatile(LOOP(TWICE(TWICE(TWICE(TWICE(EIGHT)))))
                     : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [e] "+r"(e), [f] "+r"(f),
                       [g] "+r"(g), [h] "+r"(h), [turns] "+r"(turns)
                     : [other] "r"(other)
                     : "cc");
}

CHAIN(run_add, ADD(a))

#endif

#if defined(__x86_64__)

CHAIN(run_xor, "xor %[other], %[a]\n")
CHAIN(run_lea, "lea (%[a],%[other]), %[a]\n")
CHAIN(run_ror, "ror $7, %[a]\n")
CHAIN(run_imul, "imul %[other], %[a]\n")
CHAIN(run_crc32, "crc32q %[other], %[a]\n")

static bool has_crc32(void)
{
    return __builtin_cpu_supports("sse4.2");
}

static const struct ps_chain chains[] = {
    {"add", PS_CHAIN_ADDER, 1, run_add},
    {"xor", PS_CHAIN_ADDER, 1, run_xor},
    {"lea", PS_CHAIN_ADDER, 1, run_lea},
    {"ror", PS_CHAIN_ROTATE, 1, run_ror},
    {"imul", PS_CHAIN_MULTIPLIER, 3, run_imul},
    {"crc32", PS_CHAIN_MULTIPLIER, 3, run_crc32, has_crc32},
};

#elif defined(__aarch64__)

CHAIN(run_eor, "eor %[a], %[a], %[other]\n")
CHAIN(run_ror, "ror %[a], %[a], #7\n")
CHAIN(run_mul, "mul %[a], %[a], %[other]\n")

static const struct ps_chain chains[] = {
    {"add", PS_CHAIN_ADDER, 1, run_add},
    {"eor", PS_CHAIN_ADDER, 1, run_eor},
    {"ror", PS_CHAIN_ROTATE, 1, run_ror},
    {"mul", PS_CHAIN_MULTIPLIER, 3, run_mul},
};

#else

void ps_chain_run_independent(uint64_t turns)
{
}

#endif

const struct ps_chain *ps_chains(size_t *count)
{
#if defined(STEP)
    *count = sizeof chains / sizeof chains[0];
    return chains;
#else
    *count = 0;
    return NULL;
#endif
}
