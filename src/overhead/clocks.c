/* The clocks and counters that everything else is measured with. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "counters.h"
#include "parts.h"
#include "ticks.h"

static double read_clock(void *arg, uint64_t reps)
{
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++)
        ps_now_ns();
    return (double)(ps_now_ns() - start) / (double)reps;
}

static double read_thread_clock(void *arg, uint64_t reps)
{
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++)
        ps_thread_cpu_ns();
    return (double)(ps_now_ns() - start) / (double)reps;
}

/* An interval begins and ends with a reading. */
static double read_group(void *arg, uint64_t reps)
{
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++) {
        ps_group_begin(arg);
        ps_group_end(arg);
    }
    return (double)(ps_now_ns() - start) / (2 * (double)reps);
}

static int compare(const struct bench *bench, batch_fn *test, void *arg, struct sample *out,
                   struct ps_err *e)
{
    int err = bench_pin(bench, 0, e);

    if (!err)
        bench_compare(test, bench_empty, arg, out);
    return err;
}

int part_clock(const struct bench *bench, const struct part *p, struct sample *out,
               struct ps_err *e)
{
    return compare(bench, read_clock, NULL, out, e);
}

int part_thread_clock(const struct bench *bench, const struct part *p, struct sample *out,
                      struct ps_err *e)
{
    return compare(bench, read_thread_clock, NULL, out, e);
}

static void out_of_memory(void)
{
    _exit(1);
}

static int with_group(const struct bench *bench, const struct ps_counters *c, struct sample *out,
                      struct ps_err *e)
{
    struct ps_counter_group *g;
    int err;

    if (!ps_counters_any(c))
        return ps_fail(e, ENOTSUP, "no event can be counted here");
    err = ps_group_create(c, &g);
    if (err < 0)
        return ps_fail(e, -err, "out of memory");
    err = compare(bench, read_group, g, out, e);
    if (!err && ps_group_error(g) < 0)
        err = ps_fail(e, -ps_group_error(g), "counting failed: %s", strerror(-ps_group_error(g)));
    ps_group_destroy(g);
    return err;
}

int part_counter_read(const struct bench *bench, const struct part *p, struct sample *out,
                      struct ps_err *e)
{
    struct ps_counters *c;
    struct ps_arena a;
    int err;

    ps_arena_init(&a, out_of_memory);
    err = ps_counters_open(&a, NULL, 0, false, &c, e);
    if (!err)
        err = with_group(bench, c, out, e);
    ps_arena_finish(&a);
    return err;
}
