/* A known serial fraction: one chain of dependent steps outside any region, then equal chains as a
 * range. Both are the same machine code. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "kit.h"
#include "lcg.h"

enum { SERIAL, WORK, TASKS };

static const struct parscope_param params[] = {
    {"serial", PARSCOPE_REAL, "0.1", 0, 1, NULL, "share of the work that only one thread can do"},
    {"work", PARSCOPE_COUNT, "25M", 10000, 1e11, NULL,
     "dependent steps, serial and parallel ones together"},
    {"tasks", PARSCOPE_COUNT, "2400", 1, 1e6, NULL, "equal items of the parallel part"},
    {NULL},
};

struct amdahl {
    uint64_t serial_steps, parallel_steps, tasks;
    uint64_t serial_end; /* value that the last run's serial chain ended in */
    uint64_t expected_end, expected_sum;
    struct ps_kit_partials partials;
};

/* Off by at most half a step: 5e-5 of the smallest work. */
static uint64_t serial_steps(const union parscope_value *v)
{
    return (uint64_t)llround(v[SERIAL].real * (double)v[WORK].count);
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    uint64_t parallel = v[WORK].count - serial_steps(v);

    if (parallel > 0 && parallel < v[TASKS].count)
        return ps_kit_refuse(why, why_size,
                             "the %" PRIu64 " parallel steps are too few for tasks=%" PRIu64,
                             parallel, v[TASKS].count);
    size->items = (double)v[WORK].count;
    size->tasks = parallel > 0 ? v[TASKS].count : 0;
    size->bytes = 0;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct amdahl *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    if (ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    s->serial_steps = serial_steps(v);
    s->parallel_steps = v[WORK].count - s->serial_steps;
    s->tasks = s->parallel_steps > 0 ? v[TASKS].count : 0;
    *state = s;
    return 0;
}

/* Tasks differ by at most one step. */
static uint64_t task_steps(const struct amdahl *s, uint64_t i)
{
    return s->parallel_steps * (i + 1) / s->tasks - s->parallel_steps * i / s->tasks;
}

static uint64_t serial_start(const struct amdahl *s)
{
    return ps_kit_mix(s->tasks);
}

static int reference(void *state)
{
    struct amdahl *s = state;
    uint64_t sum = 0;

    for (uint64_t i = s->tasks; i-- > 0;)
        sum += ps_lcg_skip(ps_kit_mix(i), task_steps(s, i));
    s->expected_sum = sum;
    s->expected_end = ps_lcg_skip(serial_start(s), s->serial_steps);
    return 0;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct amdahl *s = arg;
    uint64_t sum = 0;

    for (uint64_t i = begin; i < end; i++)
        sum += ps_lcg_run(ps_kit_mix(i), task_steps(s, i));
    s->partials.slots[w->slot].sum += sum;
}

static int run(void *state, struct parscope_exec *x)
{
    struct amdahl *s = state;

    ps_kit_partials_start(&s->partials, x->slots);
    s->serial_end = ps_lcg_run(serial_start(s), s->serial_steps);
    return s->tasks > 0 ? parscope_range(x, s->tasks, body, s) : 0;
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct amdahl *s = state;

    if (s->serial_end != s->expected_end)
        return ps_kit_bad(why, why_size,
                          "the serial part ended in %" PRIu64 " where %" PRIu64 " is right",
                          s->serial_end, s->expected_end);
    return ps_kit_check_sum(&s->partials, s->expected_sum, why, why_size);
}

const struct parscope_workload ps_workload_amdahl = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "amdahl",
    .summary = "a known serial fraction of the work, then equal parallel tasks",
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
