/* Counts to n by additions of a register to a register, in chains that do not depend on each other.
 * (Additions of an immediate are folded at rename by recent cores.) */
#include <errno.h>
#include <stdlib.h>

#include "kit.h"

#define MAX_CHAINS 12 /* with the one and the loop counter, what x86-64's registers hold */
#define UNROLL     8  /* increments of each chain in one turn of the loop */

enum { N, ILP, SIMD };

static const char *const off_on[] = {"off", "on", NULL};

static const struct parscope_param params[] = {
    {"n", PARSCOPE_COUNT, "64M", 1, 1e12, NULL, "increments"},
    {"ilp", PARSCOPE_COUNT, "1", 1, MAX_CHAINS, NULL, "independent chains of increments"},
    {"simd", PARSCOPE_CHOICE, "off", 0, 0, off_on, "count with vectors of two 64-bit numbers"},
    {NULL},
};

/* c += one, as one instruction of latency 1. */
#if defined(__x86_64__)
#define ADD_SCALAR(c, one) __asm__ volatile("addq %1, %0" : "+r"(c) : "r"(one) : "cc")
#define ADD_VECTOR(c, one) __asm__ volatile("paddq %1, %0" : "+x"(c) : "x"(one))
#define HAVE_VECTORS       1
#elif defined(__aarch64__)
#define ADD_SCALAR(c, one) __asm__ volatile("add %0, %0, %1" : "+r"(c) : "r"(one))
#define ADD_VECTOR(c, one) __asm__ volatile("add %0.2d, %0.2d, %1.2d" : "+w"(c) : "w"(one))
#define HAVE_VECTORS       1
#else
#define ADD_SCALAR(c, one)              \
    do {                                \
        (c) += (one);                   \
        __asm__ volatile("" : "+r"(c)); \
    } while (0)
#define ADD_VECTOR(c, one) ((c) += (one)) /* size() refuses */
#define HAVE_VECTORS       0
#endif

typedef uint64_t vector __attribute__((vector_size(16)));

#define ONCE(k, ADD)       \
    do {                   \
        ADD(c0, one);      \
        if ((k) > 1)       \
            ADD(c1, one);  \
        if ((k) > 2)       \
            ADD(c2, one);  \
        if ((k) > 3)       \
            ADD(c3, one);  \
        if ((k) > 4)       \
            ADD(c4, one);  \
        if ((k) > 5)       \
            ADD(c5, one);  \
        if ((k) > 6)       \
            ADD(c6, one);  \
        if ((k) > 7)       \
            ADD(c7, one);  \
        if ((k) > 8)       \
            ADD(c8, one);  \
        if ((k) > 9)       \
            ADD(c9, one);  \
        if ((k) > 10)      \
            ADD(c10, one); \
        if ((k) > 11)      \
            ADD(c11, one); \
    } while (0)

/* Lets k chains count to turns * UNROLL each and gives the sum of the chains. */
#define CHAINS(type, k, ADD, turns, one, sum)                              \
    do {                                                                   \
        type c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0}, c4 = {0}, c5 = {0};   \
        type c6 = {0}, c7 = {0}, c8 = {0}, c9 = {0}, c10 = {0}, c11 = {0}; \
                                                                           \
        for (uint64_t turn = (turns); turn > 0; turn--) {                  \
            ONCE(k, ADD);                                                  \
            ONCE(k, ADD);                                                  \
            ONCE(k, ADD);                                                  \
            ONCE(k, ADD);                                                  \
            ONCE(k, ADD);                                                  \
            ONCE(k, ADD);                                                  \
            ONCE(k, ADD);                                                  \
            ONCE(k, ADD);                                                  \
        }                                                                  \
        sum = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11; \
    } while (0)

typedef uint64_t count_fn(uint64_t turns);

#define COUNT(k)                                                                     \
    static __attribute__((noinline, aligned(64))) uint64_t scalar##k(uint64_t turns) \
    {                                                                                \
        uint64_t one = 1, sum;                                                       \
                                                                                     \
        __asm__ volatile("" : "+r"(one)); /* unknown, so never an immediate */       \
        CHAINS(uint64_t, k, ADD_SCALAR, turns, one, sum);                            \
        return sum;                                                                  \
    }                                                                                \
                                                                                     \
    static __attribute__((noinline, aligned(64))) uint64_t vector##k(uint64_t turns) \
    {                                                                                \
        vector one = {1, 1}, sum;                                                    \
                                                                                     \
        CHAINS(vector, k, ADD_VECTOR, turns, one, sum);                              \
        return sum[0] + sum[1];                                                      \
    }

COUNT(1)
COUNT(2)
COUNT(3)
COUNT(4)
COUNT(5)
COUNT(6)
COUNT(7)
COUNT(8)
COUNT(9)
COUNT(10)
COUNT(11)
COUNT(12)

static count_fn *const functions[2][MAX_CHAINS] = {
    {scalar1, scalar2, scalar3, scalar4, scalar5, scalar6, scalar7, scalar8, scalar9, scalar10,
     scalar11, scalar12},
    {vector1, vector2, vector3, vector4, vector5, vector6, vector7, vector8, vector9, vector10,
     vector11, vector12},
};

struct counter {
    count_fn *count;
    uint64_t n, turns, blocks; /* turns are dealt to blocks as evenly as they can be */
    unsigned rest;             /* increments that make no whole turn; the last block does them */
    struct ps_kit_partials partials;
};

static unsigned per_turn(const union parscope_value *v)
{
    return (unsigned)v[ILP].count * UNROLL * (v[SIMD].choice ? 2 : 1);
}

static uint64_t block_count(const union parscope_value *v)
{
    uint64_t turns = v[N].count / per_turn(v);

    if (turns == 0)
        return 1;
    return turns < PS_KIT_BLOCKS ? turns : PS_KIT_BLOCKS;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    if (v[SIMD].choice && !HAVE_VECTORS)
        return ps_kit_refuse(why, why_size, "simd=on is available for x86-64 and arm64 only");
    size->items = (double)v[N].count;
    size->tasks = block_count(v);
    size->bytes = 0;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct counter *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    if (ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    s->count = functions[v[SIMD].choice][v[ILP].count - 1];
    s->n = v[N].count;
    s->turns = v[N].count / per_turn(v);
    s->rest = (unsigned)(v[N].count % per_turn(v));
    s->blocks = block_count(v);
    *state = s;
    return 0;
}

/* The right result is n. */
static int reference(void *state)
{
    (void)state;
    return 0;
}

static uint64_t count_rest(unsigned rest)
{
    uint64_t one = 1, c = 0;

    for (; rest > 0; rest--)
        ADD_SCALAR(c, one);
    return c;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct counter *s = arg;
    struct ps_kit_partial *partial = &s->partials.slots[w->slot];
    uint64_t sum = s->count(s->turns * end / s->blocks - s->turns * begin / s->blocks);

    if (end == s->blocks)
        sum += count_rest(s->rest);
    partial->sum += sum;
    ps_kit_cover(partial, begin, end);
}

static int run(void *state, struct parscope_exec *x)
{
    struct counter *s = state;

    ps_kit_partials_start(&s->partials, x->slots);
    return parscope_range(x, s->blocks, body, s);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct counter *s = state;
    int err = ps_kit_check_sum(&s->partials, s->n, why, why_size);

    return err != 0 ? err : ps_kit_check_cover(&s->partials, s->blocks, why, why_size);
}

const struct parscope_workload ps_workload_counter = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "counter",
    .summary = "counts to n: compute-bound, one increment per cycle and chain",
    .unit = "increments",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
};
