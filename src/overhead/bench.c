#include "bench.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"
#include "ticks.h"

#define BATCH_NS 400000.0
#define BATCHES  7
#define WARM     8 /* operations before a batch */
#define MOST     (1u << 24)

/* Operations that take about as long as a batch should. */
static uint64_t fill_batch(batch_fn *fn, void *arg)
{
    uint64_t reps = 1;

    for (;;) {
        uint64_t start = ps_now_ns();
        double took, grow;

        fn(arg, reps);
        took = (double)(ps_now_ns() - start);
        if (took >= BATCH_NS / 2 || reps >= MOST)
            return reps;
        grow = fmax(2, fmin(16, BATCH_NS / fmax(took, 1)));
        reps = (uint64_t)((double)reps * grow);
    }
}

static double run_batch(batch_fn *fn, void *arg, uint64_t reps)
{
    fn(arg, reps < WARM ? 1 : WARM);
    return fn(arg, reps);
}

void bench_compare(batch_fn *test, batch_fn *reference, void *arg, struct sample *out)
{
    uint64_t test_reps = fill_batch(test, arg), reference_reps = fill_batch(reference, arg);
    double tests[BATCHES], references[BATCHES], scratch[BATCHES];

    for (unsigned i = 0; i < BATCHES; i++) {
        tests[i] = run_batch(test, arg, test_reps);
        references[i] = run_batch(reference, arg, reference_reps);
    }
    out->test = ps_median(tests, BATCHES, scratch);
    out->reference = ps_median(references, BATCHES, scratch);
}

double bench_empty(void *arg, uint64_t reps)
{
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++)
        bench_opaque();
    return (double)(ps_now_ns() - start) / (double)reps;
}

double bench_clock(void *arg, uint64_t reps)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < reps; i++) {
        uint64_t start = ps_now_ns();

        sum += ps_now_ns() - start;
    }
    return (double)sum / (double)reps;
}

void bench_delay(uint64_t iterations)
{
    uint64_t x = iterations;

    for (uint64_t i = 0; i < iterations; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        __asm__ volatile("" : "+r"(x));
    }
}

uint64_t bench_delay_iterations(double ns)
{
    enum { ITERATIONS = 20000, TRIES = 5 };
    double best = INFINITY;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t start = ps_now_ns();

        bench_delay(ITERATIONS);
        best = fmin(best, (double)(ps_now_ns() - start));
    }
    return (uint64_t)(ns * ITERATIONS / fmax(best, 1)) + 1;
}

static int use_cpus(const int *cpus, unsigned count, struct ps_err *e)
{
    int last = 0, err;
    cpu_set_t *set;
    size_t size;

    for (unsigned i = 0; i < count; i++)
        last = cpus[i] > last ? cpus[i] : last;
    size = CPU_ALLOC_SIZE((size_t)last + 1);
    set = CPU_ALLOC((size_t)last + 1);
    if (!set)
        return ps_fail(e, ENOMEM, "out of memory");
    CPU_ZERO_S(size, set);
    for (unsigned i = 0; i < count; i++)
        CPU_SET_S((size_t)cpus[i], size, set);
    err = sched_setaffinity(0, size, set) < 0 ? errno : 0;
    CPU_FREE(set);
    return err ? ps_fail(e, err, "can't use CPU %d: %s", cpus[0], strerror(err)) : 0;
}

int bench_pin(const struct bench *bench, unsigned member, struct ps_err *e)
{
    return use_cpus(&bench->cpus[member % bench->cpu_count], 1, e);
}

int bench_float(const struct bench *bench, struct ps_err *e)
{
    return use_cpus(bench->cpus, bench->cpu_count, e);
}

int bench_team(const struct bench *bench, unsigned members, struct ps_team **team, struct ps_err *e)
{
    int *cpus = calloc(members, sizeof *cpus), err;

    if (!cpus)
        return ps_fail(e, ENOMEM, "out of memory");
    for (unsigned i = 0; i < members; i++)
        cpus[i] = bench->cpus[i % bench->cpu_count];
    err = ps_team_create(cpus, members, true, team, e);
    free(cpus);
    return err;
}

int bench_run(const struct bench *bench, unsigned members, ps_member_fn *fn, void *arg,
              struct ps_err *e)
{
    struct ps_team *team;
    int err = bench_team(bench, members, &team, e);

    if (err < 0)
        return err;
    ps_team_start(team, 0, members, fn, arg);
    while (ps_team_wait(team, 0) < 0)
        ;
    ps_team_destroy(team);
    return 0;
}
