/* Fork and join of a strategy's workers: regions with an item for each. */
#include "region_bench.h"
#include "parts.h"
#include "ticks.h"

#define DELAY_NS 5000

static void empty(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    bench_opaque();
}

static void delay(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    const struct region_bench *c = arg;

    for (uint64_t i = begin; i < end; i++)
        bench_delay(c->delay);
}

static double regions(void *arg, uint64_t reps)
{
    struct region_bench *c = arg;
    parscope_range_fn *body = c->delay ? delay : empty;
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps && !c->err; i++)
        c->err = parscope_range(c->exec, c->workers, body, c);
    return (double)(ps_now_ns() - start) / (double)reps;
}

/* A call for each worker, volatile so that it is made; the delay is one worker's. */
static double calls(void *arg, uint64_t reps)
{
    struct region_bench *c = arg;
    uint64_t calls = c->delay ? 1 : c->workers;
    parscope_range_fn *volatile body = c->delay ? delay : empty;
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++)
        for (uint64_t k = 0; k < calls; k++)
            body(c, k, k + 1, NULL);
    return (double)(ps_now_ns() - start) / (double)reps;
}

int part_region(const struct bench *bench, const struct part *p, struct sample *out,
                struct ps_err *e)
{
    struct region_bench c = {
        .strategy = p->strategy,
        .workers = bench->threads,
        .test = regions,
        .reference = calls,
        .out = out,
    };

    return region_bench_run(bench, &c, e);
}

/* With something to do for each, so that strategies which share out on demand do share. */
int part_shared_region(const struct bench *bench, const struct part *p, struct sample *out,
                       struct ps_err *e)
{
    struct region_bench c = {
        .strategy = p->strategy,
        .workers = bench->threads,
        .test = regions,
        .reference = calls,
        .delay = bench_delay_iterations(DELAY_NS),
        .out = out,
    };

    return region_bench_run(bench, &c, e);
}
