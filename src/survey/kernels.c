#include "kernels.h"

#include "chains.h"

#define TWICE(x) x x
#define TURN(x)  TWICE(TWICE(TWICE(x)))

enum { TIMES = 8, WIDTH = 8, NOPS = TIMES * WIDTH, LOADS = TIMES * WIDTH };

#if defined(__x86_64__)
#define LOOP(body)     ".p2align 6\n1:\n" body "dec %[turns]\njnz 1b\n"
#define LOAD(at, into) "mov " #at "(%[from]), %%" #into "\n"
#define EIGHT_LOADS \
    LOAD(0, rax)    \
    LOAD(8, rcx) LOAD(16, rdx) LOAD(24, rsi) LOAD(32, r8) LOAD(40, r9) LOAD(48, r10) LOAD(56, r11)
#define LOADED "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11"
#elif defined(__aarch64__)
#define LOOP(body)     ".p2align 6\n1:\n" body "subs %[turns], %[turns], #1\nb.ne 1b\n"
#define LOAD(at, into) "ldr " #into ", [%[from], #" #at "]\n"
#define EIGHT_LOADS \
    LOAD(0, x9)     \
    LOAD(8, x10) LOAD(16, x11) LOAD(24, x12) LOAD(32, x13) LOAD(40, x14) LOAD(48, x15) LOAD(56, x8)
#define LOADED "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15"
#endif

#if defined(LOOP)

#define EIGHT_NOPS "nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n"

static void run_nop(uint64_t turns)
{
    __asm__ volatile(LOOP(TURN(EIGHT_NOPS)) : [turns] "+r"(turns) : : "cc");
}

/* One line, which stays in the first-level cache of whoever reads it. */
static void run_load(uint64_t turns)
{
    const _Alignas(64) uint64_t line[WIDTH] = {0};

    __asm__ volatile(LOOP(TURN(EIGHT_LOADS))
                     : [turns] "+r"(turns)
                     : [from] "r"(line), "m"(line)
                     : "cc", LOADED);
}

static void run_chain(uint64_t turns)
{
    size_t count;

    ps_chains(&count)[0].run(turns);
}

static const struct kernel table[] = {
    {"alu", "8 chains of additions", true, PS_CHAIN_INDEPENDENT, ps_chain_run_independent},
    {"nop", "does nothing", true, NOPS, run_nop},
    {"load", "loads from L1", true, LOADS, run_load},
    {"chain", "control: one chain", false, PS_CHAIN_TURN, run_chain},
};

const struct kernel *kernels(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

#else

const struct kernel *kernels(size_t *count)
{
    *count = 0;
    return NULL;
}

#endif
