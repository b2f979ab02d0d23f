/* Operations of a given length. An operation is computing, not watching a clock: two threads on one
 * CPU take twice as long. Its length is the time that it takes at the fastest that was seen at
 * set-up, on a CPU that is disturbed by nothing; each operation of a thread waits for the one
 * before. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "kit.h"
#include "lcg.h"

#define LONGEST_RUN  3600.0 /* s of one execution, serially */
#define SHORTEST     100e-9
#define LONGEST_TIME 10.0

enum { TIME, FIRST, COUNT };

static const struct parscope_param params[] = {
    {"time", PARSCOPE_TIME, "20us", SHORTEST, LONGEST_TIME, NULL, "length of an operation"},
    {"first", PARSCOPE_TIME, "0", 0, LONGEST_TIME, NULL,
     "additional time of each thread's first operation, to set up thread-local state"},
    {"n", PARSCOPE_COUNT, "100", 1, 1e9, NULL, "operations"},
    {NULL},
};

struct op {
    uint64_t n, steps, first_steps;
    pthread_key_t key; /* not NULL in threads that did their first operation; if first_steps > 0 */
    atomic_int failed; /* errno of a thread that could not keep its state */
    uint64_t expected;
    struct ps_kit_partials partials;
};

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    double total = v[FIRST].real + v[TIME].real * (double)v[COUNT].count;

    if (total > LONGEST_RUN)
        return ps_kit_refuse(why, why_size,
                             "n=%.0f operations of %g s take %.0f s, more than the %.0f s allowed",
                             (double)v[COUNT].count, v[TIME].real, total, LONGEST_RUN);
    size->items = (double)v[COUNT].count;
    size->tasks = v[COUNT].count;
    size->bytes = 0;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct op *s = parscope_alloc(m, 1, sizeof *s);
    double step;
    int err;

    if (s == NULL)
        return -ENOMEM;
    err = ps_kit_partials_init(&s->partials, m, slots);
    if (err == 0 && v[FIRST].real > 0)
        err = -pthread_key_create(&s->key, NULL);
    if (err != 0)
        return err;
    step = ps_lcg_seconds_per_step();
    s->n = v[COUNT].count;
    s->steps = (uint64_t)fmax(1, round(v[TIME].real / step));
    s->first_steps = v[FIRST].real > 0 ? (uint64_t)fmax(1, round(v[FIRST].real / step)) : 0;
    *state = s;
    return 0;
}

static void destroy(void *state)
{
    struct op *s = state;

    if (s->first_steps > 0)
        pthread_key_delete(s->key);
}

static int reference(void *state)
{
    struct op *s = state;
    uint64_t sum = 0;

    for (uint64_t i = s->n; i-- > 0;)
        sum += ps_lcg_skip(ps_kit_mix(i), s->steps);
    s->expected = sum;
    return 0;
}

/* The thread's state is s->key's value: NULL in a thread that is new to this s. */
static void set_up_thread(struct op *s)
{
    uint64_t made = ps_lcg_run(ps_kit_mix(s->n), s->first_steps);
    int err = pthread_setspecific(s->key, (void *)(uintptr_t)(made | 1));

    /* Relaxed: run() reads it after the region, whose end orders everything in it. */
    if (err != 0)
        atomic_store_explicit(&s->failed, err, memory_order_relaxed);
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct op *s = arg;
    uint64_t *total = &s->partials.slots[w->slot].sum, sum = *total;

    if (s->first_steps > 0 && pthread_getspecific(s->key) == NULL)
        set_up_thread(s);
    for (uint64_t i = begin; i < end; i++)
        sum += ps_lcg_run(ps_lcg_after(sum, ps_kit_mix(i)), s->steps);
    *total = sum;
}

static int run(void *state, struct parscope_exec *x)
{
    struct op *s = state;
    int err;

    ps_kit_partials_start(&s->partials, x->slots);
    err = parscope_range(x, s->n, body, s);
    /* Relaxed: see set_up_thread. */
    return err != 0 ? err : -atomic_load_explicit(&s->failed, memory_order_relaxed);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct op *s = state;

    return ps_kit_check_sum(&s->partials, s->expected, why, why_size);
}

const struct parscope_workload ps_workload_op = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "op",
    .summary = "operations of a given time, and thread-local state that each thread sets up once",
    .unit = "operations",
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
