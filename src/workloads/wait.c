/* Operations that block, each beside some computing. As a join of two, an operation forks a second
 * wait, which goes on at the same time where a worker is free for it. An event loop overlaps all
 * waits of all operations.
 *
 * A wake-up is late by what the kernel's timer, the scheduler and, in an event loop, the work
 * before it in the loop take. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "kit.h"
#include "lcg.h"

#define LONGEST_RUN 3600.0 /* s of one execution, serially */

enum { COUNT, TIME, CPU, JOIN };

static const struct parscope_param params[] = {
    {"n", PARSCOPE_COUNT, "50", 1, 1e9, NULL, "operations"},
    {"time", PARSCOPE_TIME, "1ms", 1e-6, 100, NULL, "how long a wait takes"},
    {"cpu", PARSCOPE_TIME, "0", 0, 10, NULL, "time to compute after each wait"},
    {"join", PARSCOPE_COUNT, "1", 1, 2, NULL,
     "waits of an operation; the second is forked, so that a free worker can take it"},
    {NULL},
};

static const struct parscope_custom custom[] = {
    {"wakeup_p50", "s", "how late the end of a wait was noticed, median"},
    {"wakeup_p99", "s", "how late the end of a wait was noticed, 99th percentile"},
    {NULL},
};

struct wait {
    uint64_t n, steps; /* steps after each wait */
    unsigned join;
    double seconds;
    double *late; /* s, of each wait: of operation i those from i * join */
    int complete; /* all of the last run are there */
    uint64_t expected;
    struct ps_kit_partials partials;
};

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    uint64_t waits = v[COUNT].count * v[JOIN].count;
    double total = (double)waits * (v[TIME].real + v[CPU].real);

    if (total > LONGEST_RUN)
        return ps_kit_refuse(why, why_size,
                             "n=%" PRIu64 " operations take %.0f s, more than the %.0f s allowed",
                             v[COUNT].count, total, LONGEST_RUN);
    size->items = (double)v[COUNT].count;
    size->tasks = waits;
    size->bytes = waits * sizeof(double);
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct wait *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->n = v[COUNT].count;
    s->join = (unsigned)v[JOIN].count;
    s->seconds = v[TIME].real;
    s->late = parscope_alloc(m, s->n * s->join, sizeof *s->late);
    if (s->late == NULL || ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    if (v[CPU].real > 0)
        s->steps = (uint64_t)fmax(1, v[CPU].real / ps_lcg_seconds_per_step());
    *state = s;
    return 0;
}

static int reference(void *state)
{
    struct wait *s = state;
    uint64_t sum = 0;

    for (uint64_t i = s->n * s->join; i-- > 0;)
        sum += ps_lcg_skip(ps_kit_mix(i), s->steps);
    s->expected = sum;
    return 0;
}

static int wait_of(void *state, uint64_t item, unsigned k, double *seconds)
{
    const struct wait *s = state;

    (void)item;
    if (k >= s->join)
        return 0;
    *seconds = s->seconds;
    return 1;
}

static void finish_wait(struct wait *s, uint64_t i, double late, struct parscope_worker *w)
{
    s->late[i] = late;
    s->partials.slots[w->slot].sum += ps_lcg_run(ps_kit_mix(i), s->steps);
}

static void resume(void *state, uint64_t item, unsigned k, double late, struct parscope_worker *w)
{
    struct wait *s = state;

    finish_wait(s, item * s->join + k, late, w);
}

/* Returns how late it was over, in seconds. */
static double block(double seconds)
{
    int64_t end = ps_kit_ns() + (int64_t)(seconds * 1e9);
    struct timespec t = {(time_t)(end / 1000000000), (long)(end % 1000000000)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
    return 1e-9 * (double)(ps_kit_ns() - end);
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct wait *s = arg;

    for (uint64_t i = begin; i < end; i++)
        finish_wait(s, i, block(s->seconds), w);
}

static int run(void *state, struct parscope_exec *x)
{
    struct wait *s = state;
    const struct parscope_waits waits = {body, wait_of, resume, s->join};
    int err;

    ps_kit_partials_start(&s->partials, x->slots);
    s->complete = 0;
    err = parscope_blocking(x, s->n, &waits, s);
    s->complete = err == 0;
    return err;
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct wait *s = state;

    for (uint64_t i = 0; i < s->n * s->join; i++)
        if (s->late[i] < 0)
            return ps_kit_bad(why, why_size, "a wait was over %g s before its time", -s->late[i]);
    return ps_kit_check_sum(&s->partials, s->expected, why, why_size);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The smallest value that at least a share q of all does not exceed. */
static double quantile(const double *sorted, uint64_t count, double q)
{
    return sorted[(uint64_t)ceil(q * (double)count) - 1];
}

static void measured(void *state, double *values)
{
    struct wait *s = state;
    uint64_t count = s->n * s->join;

    values[0] = values[1] = NAN;
    if (!s->complete)
        return;
    qsort(s->late, count, sizeof *s->late, compare);
    values[0] = quantile(s->late, count, 0.5);
    values[1] = quantile(s->late, count, 0.99);
}

const struct parscope_workload ps_workload_wait = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "wait",
    .summary = "operations that block for a given time and then compute",
    .unit = "operations",
    .shapes = PARSCOPE_WAIT,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
    .custom = custom,
    .measured = measured,
};
