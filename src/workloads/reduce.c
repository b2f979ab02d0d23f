/* Multiplies each element by a pseudo-random number that follows from its index, and sums. Integers
 * wrap, so every order of summing gives the same result. */
#include <errno.h>
#include <stdlib.h>

#include "kit.h"

enum { SIZE, WORK };

static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "1M", 1, 1e11, NULL, "elements"},
    {"work", PARSCOPE_COUNT, "1", 1, 1e6, NULL, "rounds of the generator per element"},
    {NULL},
};

struct reduce {
    uint64_t *elements;
    uint64_t size;
    unsigned work;
    uint64_t expected;
    struct ps_kit_partials partials;
};

/* One round is a shift, an exclusive or and a multiplication, each waiting for the one before. */
static inline uint64_t draw(uint64_t i, unsigned rounds)
{
    uint64_t z = i * 0x9e3779b97f4a7c15u;

    for (; rounds > 0; rounds--)
        z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93u;
    return z;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    size->items = (double)v[SIZE].count;
    size->tasks = v[SIZE].count;
    size->bytes = v[SIZE].count * sizeof(uint64_t);
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct reduce *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->size = v[SIZE].count;
    s->work = (unsigned)v[WORK].count;
    s->elements = ps_kit_alloc_to_fill(m, s->size, sizeof *s->elements);
    if (s->elements == NULL || ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    for (uint64_t i = 0; i < s->size; i++)
        s->elements[i] = ps_kit_mix(i);
    *state = s;
    return 0;
}

static int reference(void *state)
{
    struct reduce *s = state;
    uint64_t sum = 0;

    for (uint64_t i = s->size; i-- > 0;)
        sum += ps_kit_mix(i) * draw(i, s->work);
    s->expected = sum;
    return 0;
}

/* Never inlined: whatever calls it, the loop is the same machine code. */
static __attribute__((noinline, aligned(64))) uint64_t
weighted_sum(const uint64_t *elements, uint64_t begin, uint64_t end, unsigned work)
{
    uint64_t sum = 0;

    for (uint64_t i = begin; i < end; i++)
        sum += elements[i] * draw(i, work);
    return sum;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct reduce *s = arg;

    s->partials.slots[w->slot].sum += weighted_sum(s->elements, begin, end, s->work);
}

static int run(void *state, struct parscope_exec *x)
{
    struct reduce *s = state;

    ps_kit_partials_start(&s->partials, x->slots);
    return parscope_range(x, s->size, body, s);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct reduce *s = state;

    return ps_kit_check_sum(&s->partials, s->expected, why, why_size);
}

static void spans(void *state, uint64_t begin, uint64_t end, struct parscope_span *input,
                  struct parscope_span *output)
{
    const struct reduce *s = state;

    *input = (struct parscope_span){s->elements + begin, (end - begin) * sizeof *s->elements};
    *output = (struct parscope_span){NULL, 0};
}

const struct parscope_workload ps_workload_reduce = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "reduce",
    .summary = "multiplies each element by a pseudo-random number and sums",
    .unit = "elements",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
    .spans = spans,
};
