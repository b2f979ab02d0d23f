/* Items that take turns at one lock. Each works outside it, then inside it; the inside parts follow
 * one another whatever runs them, so speedup is at most (inside + outside) / inside. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>

#include "kit.h"
#include "lcg.h"

#define MOST_STEPS 1e12 /* of one execution: about half an hour, serially */

enum { COUNT, INSIDE, OUTSIDE };

static const struct parscope_param params[] = {
    {"n", PARSCOPE_COUNT, "5000", 1, 1e9, NULL, "how often the lock is taken"},
    {"inside", PARSCOPE_COUNT, "200", 0, 1e9, NULL,
     "dependent steps each time while holding the lock"},
    {"outside", PARSCOPE_COUNT, "1800", 0, 1e9, NULL,
     "dependent steps each time before taking the lock"},
    {NULL},
};

/* On lines of their own, as the rest of the state is only read in a run. */
struct guarded {
    _Alignas(PARSCOPE_LINE) pthread_mutex_t mutex;
    uint64_t taken, sum;
};

struct lock {
    struct guarded guarded;
    uint64_t n, inside, outside;
    uint64_t expected;
};

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    double steps = (double)v[COUNT].count * (double)(v[INSIDE].count + v[OUTSIDE].count);

    if (steps > MOST_STEPS)
        return ps_kit_refuse(why, why_size,
                             "n=%" PRIu64 " of %" PRIu64 " steps each are more than the %.0f "
                             "steps allowed",
                             v[COUNT].count, v[INSIDE].count + v[OUTSIDE].count, MOST_STEPS);
    size->items = (double)v[COUNT].count;
    size->tasks = v[COUNT].count;
    size->bytes = 0;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct lock *s = parscope_alloc(m, 1, sizeof *s);
    int err;

    (void)slots;
    if (s == NULL)
        return -ENOMEM;
    err = ps_kit_mutex_init(&s->guarded.mutex);
    if (err != 0)
        return err;
    s->n = v[COUNT].count;
    s->inside = v[INSIDE].count;
    s->outside = v[OUTSIDE].count;
    *state = s;
    return 0;
}

static void destroy(void *state)
{
    struct lock *s = state;

    pthread_mutex_destroy(&s->guarded.mutex);
}

static int reference(void *state)
{
    struct lock *s = state;
    uint64_t sum = 0;

    for (uint64_t i = s->n; i-- > 0;)
        sum += ps_lcg_skip(ps_kit_mix(i), s->outside + s->inside);
    s->expected = sum;
    return 0;
}

/* The sum is read before the work and written after it: were two inside at once, one of their
 * results would be lost. */
static void visit(struct guarded *g, uint64_t x, uint64_t steps)
{
    uint64_t sum;

    pthread_mutex_lock(&g->mutex);
    sum = g->sum;
    g->taken++;
    g->sum = sum + ps_lcg_run(x, steps);
    pthread_mutex_unlock(&g->mutex);
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct lock *s = arg;

    (void)w;
    for (uint64_t i = begin; i < end; i++)
        visit(&s->guarded, ps_lcg_run(ps_kit_mix(i), s->outside), s->inside);
}

static int run(void *state, struct parscope_exec *x)
{
    struct lock *s = state;

    s->guarded.taken = 0;
    s->guarded.sum = 0;
    return parscope_range(x, s->n, body, s);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct lock *s = state;

    if (s->guarded.taken != s->n)
        return ps_kit_bad(why, why_size,
                          "the lock was taken %" PRIu64 " times where %" PRIu64 " is right",
                          s->guarded.taken, s->n);
    if (s->guarded.sum != s->expected)
        return ps_kit_bad(why, why_size, "the sum is %" PRIu64 " where %" PRIu64 " is right",
                          s->guarded.sum, s->expected);
    return 0;
}

const struct parscope_workload ps_workload_lock = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "lock",
    .summary = "items that all take the same lock: contention",
    .unit = "acquisitions",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .destroy = destroy,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
};
