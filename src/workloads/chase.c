/* Follows pointers through memory: every load waits for the one before. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "kit.h"

enum { SIZE, STEPS, WALKS };

static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "64Mi", 4096, 1e13, NULL, "bytes of memory that the walks go through"},
    {"steps", PARSCOPE_COUNT, "1k", 1, 1e9, NULL, "loads per walk"},
    {"walks", PARSCOPE_COUNT, "240", 1, 1e6, NULL, "independent walks"},
    {NULL},
};

struct node {
    _Alignas(64) struct node *next;
    uint64_t order; /* of nodes[k]: index of the k-th node of the cycle */
};

/* One cycle through all nodes in random order. The walks start evenly spaced on it, and each goes
 * on where it ended in the run before, so that no run finds its nodes in the cache because the run
 * before left them there. */
struct chase {
    struct node *nodes;
    struct node **at; /* where each walk stands */
    uint64_t count, steps, walks;
    uint64_t runs;
};

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    uint64_t count = v[SIZE].count / sizeof(struct node), walks = v[WALKS].count;

    if (walks > count)
        return ps_kit_refuse(why, why_size,
                             "walks=%" PRIu64 " is more than the %" PRIu64
                             " lines of 64 bytes in size=%" PRIu64,
                             walks, count, v[SIZE].count);
    size->items = (double)walks * (double)v[STEPS].count;
    size->tasks = walks;
    size->bytes = count * sizeof(struct node) + walks * sizeof(struct node *);
    return 0;
}

/* Node where walk w stands after `runs` runs. */
static struct node *position(const struct chase *s, uint64_t w, uint64_t runs)
{
    unsigned __int128 k = (unsigned __int128)runs * s->steps + s->count / s->walks * w;

    return &s->nodes[s->nodes[(uint64_t)(k % s->count)].order];
}

static void shuffle(struct node *nodes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        nodes[i].order = i;
    for (uint64_t i = count - 1; i > 0; i--) {
        uint64_t j = (uint64_t)(((unsigned __int128)ps_kit_mix(i) * (i + 1)) >> 64);
        uint64_t swapped = nodes[i].order;

        nodes[i].order = nodes[j].order;
        nodes[j].order = swapped;
    }
}

static void fill(struct chase *s)
{
    shuffle(s->nodes, s->count);
    for (uint64_t k = 0; k < s->count; k++) {
        uint64_t next = k + 1 < s->count ? k + 1 : 0;

        s->nodes[s->nodes[k].order].next = &s->nodes[s->nodes[next].order];
    }
    for (uint64_t w = 0; w < s->walks; w++)
        s->at[w] = position(s, w, 0);
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct chase *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->count = v[SIZE].count / sizeof(struct node);
    s->steps = v[STEPS].count;
    s->walks = v[WALKS].count;
    s->nodes = ps_kit_alloc_to_fill(m, s->count, sizeof *s->nodes);
    s->at = parscope_alloc(m, s->walks, sizeof(struct node *));
    if (s->nodes == NULL || s->at == NULL)
        return -ENOMEM;
    fill(s);
    *state = s;
    return 0;
}

/* Goes once around: when the cycle is the one that `order` tells, every later position follows. */
static int reference(void *state)
{
    const struct chase *s = state;
    const struct node *node = &s->nodes[s->nodes[0].order];

    for (uint64_t k = 0; k < s->count; k++) {
        if (node != &s->nodes[s->nodes[k].order])
            return -EBADMSG;
        node = node->next;
    }
    return node == &s->nodes[s->nodes[0].order] ? 0 : -EBADMSG;
}

static __attribute__((noinline, aligned(64))) struct node *walk(struct node *node, uint64_t steps)
{
    for (; steps > 0; steps--)
        node = node->next;
    return node;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct chase *s = arg;

    for (uint64_t i = begin; i < end; i++)
        s->at[i] = walk(s->at[i], s->steps);
}

static int run(void *state, struct parscope_exec *x)
{
    struct chase *s = state;
    int err = parscope_range(x, s->walks, body, s);

    if (err == 0)
        s->runs++;
    return err;
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct chase *s = state;

    for (uint64_t w = 0; w < s->walks; w++) {
        const struct node *right = position(s, w, s->runs);

        if (s->at[w] != right)
            return ps_kit_bad(why, why_size,
                              "walk %" PRIu64 " stands at node %td where %td is right", w,
                              s->at[w] - s->nodes, right - s->nodes);
    }
    return 0;
}

const struct parscope_workload ps_workload_chase = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "chase",
    .summary = "follows pointers in random order: bound by memory latency",
    .unit = "loads",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
};
