/* A workload for parscope: how often each byte occurs in random data. Each worker counts into bins
 * of its own, which run() adds up: more bins and more workers make that serial part longer. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <parscope/plugin.h>

#define BINS 256

enum { SIZE };

static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "1M", 1, 1e11, NULL, "bytes to look at"},
    {NULL},
};

struct histogram {
    uint8_t *data;
    uint64_t size;
    uint64_t *bins; /* of each slot; 2 KiB, so that slots share no cache line */
    uint64_t found[BINS], expected[BINS];
};

static int size(const union parscope_value *values, struct parscope_size *size, char *why,
                size_t why_size)
{
    (void)why, (void)why_size; /* all sizes make sense */
    size->items = (double)values[SIZE].count;
    size->tasks = values[SIZE].count;
    size->bytes = values[SIZE].count;
    return 0;
}

static int create(const union parscope_value *values, struct parscope_memory *memory,
                  unsigned slots, void **state)
{
    struct histogram *h = parscope_alloc(memory, 1, sizeof *h);
    uint64_t x = 88172645463325252u;

    if (!h)
        return -ENOMEM;
    h->size = values[SIZE].count;
    h->data = parscope_alloc(memory, h->size, 1);
    h->bins = parscope_alloc(memory, slots, BINS * sizeof *h->bins);
    if (!h->data || !h->bins)
        return -ENOMEM;
    for (uint64_t i = 0; i < h->size; i++) {
        x ^= x << 13; /* Marsaglia's xorshift */
        x ^= x >> 7;
        x ^= x << 17;
        h->data[i] = (uint8_t)x;
    }
    *state = h;
    return 0;
}

static int reference(void *state)
{
    struct histogram *h = state;

    memset(h->expected, 0, sizeof h->expected);
    for (uint64_t i = 0; i < h->size; i++)
        h->expected[h->data[i]]++;
    return 0;
}

static void count(void *state, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct histogram *h = state;
    uint64_t *bins = h->bins + (size_t)w->slot * BINS;

    for (uint64_t i = begin; i < end; i++)
        bins[h->data[i]]++;
}

static int run(void *state, struct parscope_exec *x)
{
    struct histogram *h = state;
    int err;

    memset(h->bins, 0, x->slots * BINS * sizeof *h->bins);
    err = parscope_range(x, h->size, count, h);
    memset(h->found, 0, sizeof h->found);
    for (unsigned slot = 0; slot < x->slots; slot++)
        for (unsigned b = 0; b < BINS; b++)
            h->found[b] += h->bins[(size_t)slot * BINS + b];
    return err;
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct histogram *h = state;

    for (unsigned b = 0; b < BINS; b++) {
        if (h->found[b] == h->expected[b])
            continue;
        snprintf(why, why_size, "byte %u occurs %llu times, not %llu", b,
                 (unsigned long long)h->expected[b], (unsigned long long)h->found[b]);
        return -EBADMSG;
    }
    return 0;
}

static const struct parscope_workload histogram = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "histogram",
    .summary = "counts how often each byte occurs in random data",
    .unit = "bytes",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
};

static const struct parscope_workload *const workloads[] = {&histogram, NULL};

const struct parscope_plugin parscope_plugin = {
    .abi = PARSCOPE_PLUGIN_ABI,
    .workloads = workloads,
};
