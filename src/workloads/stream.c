/* The triad of the STREAM benchmark: a[i] = b[i] + scale * c[i]. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "kit.h"

#define BLOCK 4096 /* elements in an item of the range: 96 KiB of traffic */

enum { SIZE };

static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "4M", 1, 1e11, NULL, "elements of each of the three arrays"},
    {NULL},
};

struct stream {
    double *a, *b, *c;
    uint64_t size, blocks;
    unsigned
        scale; /* of the last run; another one each run, so that no old result passes for new */
    struct ps_kit_partials partials;
};

/* Whole numbers below 2^20, so that the triad is exact. */
static double value(uint64_t i)
{
    return (double)(ps_kit_mix(i) >> 44);
}

static double value_of_b(uint64_t i)
{
    return value(2 * i);
}

static double value_of_c(uint64_t i)
{
    return value(2 * i + 1);
}

static uint64_t block_count(uint64_t size)
{
    return (size + BLOCK - 1) / BLOCK;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    size->items = (double)v[SIZE].count;
    size->tasks = block_count(v[SIZE].count);
    size->bytes = 3 * v[SIZE].count * sizeof(double);
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct stream *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->size = v[SIZE].count;
    s->blocks = block_count(s->size);
    s->a = ps_kit_alloc_to_fill(m, s->size, sizeof(double));
    s->b = ps_kit_alloc_to_fill(m, s->size, sizeof(double));
    s->c = ps_kit_alloc_to_fill(m, s->size, sizeof(double));
    if (s->a == NULL || s->b == NULL || s->c == NULL ||
        ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    for (uint64_t i = 0; i < s->size; i++) {
        s->a[i] = -1;
        s->b[i] = value_of_b(i);
        s->c[i] = value_of_c(i);
    }
    *state = s;
    return 0;
}

/* verify() computes every element from its index. */
static int reference(void *state)
{
    (void)state;
    return 0;
}

static __attribute__((noinline, aligned(64))) void triad(double *restrict a,
                                                         const double *restrict b,
                                                         const double *restrict c, uint64_t n,
                                                         double scale)
{
    for (uint64_t i = 0; i < n; i++)
        a[i] = b[i] + scale * c[i];
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct stream *s = arg;
    uint64_t from = begin * BLOCK, to = end < s->blocks ? end * BLOCK : s->size;

    triad(s->a + from, s->b + from, s->c + from, to - from, s->scale);
    ps_kit_cover(&s->partials.slots[w->slot], begin, end);
}

static int run(void *state, struct parscope_exec *x)
{
    struct stream *s = state;

    s->scale = s->scale % 8 + 1;
    ps_kit_partials_start(&s->partials, x->slots);
    return parscope_range(x, s->blocks, body, s);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct stream *s = state;

    for (uint64_t i = 0; i < s->size; i++) {
        double right = value_of_b(i) + s->scale * value_of_c(i);

        if (s->a[i] != right)
            return ps_kit_bad(why, why_size, "a[%" PRIu64 "] is %.0f where %.0f is right", i,
                              s->a[i], right);
    }
    return ps_kit_check_cover(&s->partials, s->blocks, why, why_size);
}

const struct parscope_workload ps_workload_stream = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "stream",
    .summary = "a = b + s * c over arrays, 24 bytes an element: bound by memory bandwidth",
    .unit = "elements",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
};
