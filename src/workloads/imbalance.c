/* Items whose costs grow linearly from the first to the last.
 *
 * With N items, k = skew and a mean cost of m steps, item i costs
 *
 *     2m / (1 + k) * (1 + (k - 1) * i / (N - 1))
 *
 * so the last costs k times the first, and all together N * m. Of p contiguous shares of N/p items
 * the last is the largest; the mean index of its items is (N - 1) * (1 - d) with
 *
 *     d = (N/p - 1) / (2 * (N - 1)), about 1 / (2p)
 *
 * and the load balance, the mean share over the largest, is
 *
 *     (1 + k) / (2 * (1 + (k - 1) * (1 - d)))
 *
 * which is 0.8 for k = 3 and many items on 2 workers. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "kit.h"
#include "lcg.h"

enum { ITEMS, SKEW, WORK };

static const struct parscope_param params[] = {
    {"items", PARSCOPE_COUNT, "240", 2, 1e6, NULL, "items"},
    {"skew", PARSCOPE_REAL, "3", 1, 1000, NULL,
     "cost of the last item relative to the first, linear in between; p equal shares have a load "
     "balance of (1+skew) / (2+2(skew-1)(1-1/2p))"},
    {"work", PARSCOPE_COUNT, "20M", 1000, 1e11, NULL, "dependent steps of all items together"},
    {NULL},
};

struct imbalance {
    uint64_t items, work;
    double skew;
    uint64_t expected;
    struct ps_kit_partials partials;
};

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    double mean = (double)v[WORK].count / (double)v[ITEMS].count;

    if (2 * mean / (1 + v[SKEW].real) < 1)
        return ps_kit_refuse(why, why_size,
                             "work=%" PRIu64
                             " leaves less than one step for the lightest of %" PRIu64 " items",
                             v[WORK].count, v[ITEMS].count);
    size->items = (double)v[WORK].count;
    size->tasks = v[ITEMS].count;
    size->bytes = 0;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct imbalance *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    if (ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    s->items = v[ITEMS].count;
    s->work = v[WORK].count;
    s->skew = v[SKEW].real;
    *state = s;
    return 0;
}

/* Steps of the items before item i. Rounding these, and not the costs, keeps the total exact. */
static uint64_t steps_before(const struct imbalance *s, uint64_t i)
{
    double n = (double)s->items, k = (double)i;
    double share = (2 * k + (s->skew - 1) * k * (k - 1) / (n - 1)) / ((1 + s->skew) * n);

    return i == s->items ? s->work : (uint64_t)llround(share * (double)s->work);
}

static int reference(void *state)
{
    struct imbalance *s = state;
    uint64_t sum = 0;

    for (uint64_t i = s->items; i-- > 0;)
        sum += ps_lcg_skip(ps_kit_mix(i), steps_before(s, i + 1) - steps_before(s, i));
    s->expected = sum;
    return 0;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct imbalance *s = arg;
    uint64_t sum = 0, from = steps_before(s, begin);

    for (uint64_t i = begin; i < end; i++) {
        uint64_t to = steps_before(s, i + 1);

        sum += ps_lcg_run(ps_kit_mix(i), to - from);
        from = to;
    }
    s->partials.slots[w->slot].sum += sum;
}

static int run(void *state, struct parscope_exec *x)
{
    struct imbalance *s = state;

    ps_kit_partials_start(&s->partials, x->slots);
    return parscope_range(x, s->items, body, s);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct imbalance *s = state;

    return ps_kit_check_sum(&s->partials, s->expected, why, why_size);
}

const struct parscope_workload ps_workload_imbalance = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "imbalance",
    .summary = "items whose costs grow linearly: equal shares have a known load balance",
    .unit = "steps",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
};
