/* Workers that count, each in a counter of its own. Nothing is shared but, with padded=off, the
 * cache lines that the counters lie on: 8 to a line of 64 bytes. */
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "kit.h"

enum { COUNT, PADDED };

static const char *const off_on[] = {"off", "on", NULL};

static const struct parscope_param params[] = {
    {"n", PARSCOPE_COUNT, "32M", 1, 1e12, NULL, "increments, of all workers together"},
    {"padded", PARSCOPE_CHOICE, "off", 0, 0, off_on,
     "give each worker's counter a cache line of its own"},
    {NULL},
};

struct false_sharing {
    uint64_t n, blocks;
    _Atomic uint64_t *counters;
    unsigned stride;                 /* from a slot's counter to the next one's, in counters */
    struct ps_kit_partials partials; /* only what was covered */
};

static uint64_t block_count(const union parscope_value *v)
{
    return v[COUNT].count < PS_KIT_BLOCKS ? v[COUNT].count : PS_KIT_BLOCKS;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    (void)why, (void)why_size;
    size->items = (double)v[COUNT].count;
    size->tasks = block_count(v);
    size->bytes = 0;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct false_sharing *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->n = v[COUNT].count;
    s->blocks = block_count(v);
    s->stride = v[PADDED].choice ? PARSCOPE_LINE / sizeof *s->counters : 1;
    s->counters = parscope_alloc(m, (uint64_t)slots * s->stride, sizeof *s->counters);
    if (s->counters == NULL || ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    *state = s;
    return 0;
}

/* The right result is n. */
static int reference(void *state)
{
    (void)state;
    return 0;
}

/* Relaxed: the counter is one worker's alone. Atomic so that each increment is one load and one
 * store; as two operations, because one would lock the line, which is not what is asked. */
static __attribute__((noinline, aligned(64))) void count(_Atomic uint64_t *counter, uint64_t times)
{
    for (; times > 0; times--) {
        uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

        atomic_store_explicit(counter, value + 1, memory_order_relaxed);
    }
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct false_sharing *s = arg;

    count(&s->counters[w->slot * s->stride], s->n * end / s->blocks - s->n * begin / s->blocks);
    ps_kit_cover(&s->partials.slots[w->slot], begin, end);
}

static int run(void *state, struct parscope_exec *x)
{
    struct false_sharing *s = state;

    /* Relaxed: the region's start orders it. */
    for (unsigned i = 0; i < x->slots; i++)
        atomic_store_explicit(&s->counters[i * s->stride], 0, memory_order_relaxed);
    ps_kit_partials_start(&s->partials, x->slots);
    return parscope_range(x, s->blocks, body, s);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct false_sharing *s = state;
    uint64_t sum = 0;

    /* Relaxed: the region's end orders it. */
    for (unsigned i = 0; i < s->partials.used; i++)
        sum += atomic_load_explicit(&s->counters[i * s->stride], memory_order_relaxed);
    if (sum != s->n)
        return ps_kit_bad(why, why_size, "the counters hold %" PRIu64 " where %" PRIu64 " is right",
                          sum, s->n);
    return ps_kit_check_cover(&s->partials, s->blocks, why, why_size);
}

const struct parscope_workload ps_workload_false_sharing = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "false-sharing",
    .summary = "counters of different workers on one cache line: cache coherence",
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
