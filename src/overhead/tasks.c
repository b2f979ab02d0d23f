/* Forks of the strategy steal. */
#include <math.h>

#include "region_bench.h"
#include "parts.h"
#include "ticks.h"

#define DEPTH    10 /* of the recursion: 2^DEPTH - 1 forks */
#define DELAY_NS 5000

/* ---- a fork that nobody steals ---- */

struct node {
    unsigned depth;
};

static void fork_below(void *arg, struct parscope_worker *w)
{
    const struct node *n = arg;
    struct node child = {n->depth - 1};

    if (n->depth)
        parscope_join(w, fork_below, &child, fork_below, &child);
    bench_opaque();
}

static __attribute__((noinline)) void call_below(void *arg, struct parscope_worker *w)
{
    const struct node *n = arg;
    struct node child = {n->depth - 1};

    if (n->depth) {
        call_below(&child, w);
        call_below(&child, w);
    }
    bench_opaque();
}

static double per_fork(uint64_t start, uint64_t reps)
{
    return (double)(ps_now_ns() - start) / ((double)reps * ((1u << DEPTH) - 1));
}

static double forks(void *arg, uint64_t reps)
{
    struct region_bench *c = arg;
    struct node root = {DEPTH};
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps && !c->err; i++)
        c->err = parscope_root(c->exec, fork_below, &root);
    return per_fork(start, reps);
}

static double calls(void *arg, uint64_t reps)
{
    struct node root = {DEPTH};
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps; i++)
        call_below(&root, NULL);
    return per_fork(start, reps);
}

int part_task(const struct bench *bench, const struct part *p, struct sample *out, struct ps_err *e)
{
    struct region_bench c = {
        .strategy = "steal",
        .workers = 1,
        .test = forks,
        .reference = calls,
        .out = out,
    };

    return region_bench_run(bench, &c, e);
}

/* ---- a fork whose other branch is stolen ---- */

/* Both branches take a delay. Done by two workers at once the fork takes that delay and what the
 * stealing costs; forks that nobody stole from don't count. */
struct fork {
    struct region_bench *bench;
    uint64_t reps;
    unsigned thief; /* slot that ran the other branch */
    uint64_t ns;    /* sum over stolen ones */
    uint64_t stolen;
};

static void near_branch(void *arg, struct parscope_worker *w)
{
    bench_delay(((struct fork *)arg)->bench->delay);
}

static void far_branch(void *arg, struct parscope_worker *w)
{
    struct fork *f = arg;

    f->thief = w->slot;
    bench_delay(f->bench->delay);
}

static void fork_often(void *arg, struct parscope_worker *w)
{
    struct fork *f = arg;

    for (uint64_t i = 0; i < f->reps; i++) {
        uint64_t start = ps_now_ns(), ns;

        parscope_join(w, near_branch, f, far_branch, f);
        ns = ps_now_ns() - start;
        if (f->thief == w->slot)
            continue;
        f->ns += ns;
        f->stolen++;
    }
}

static double stolen_forks(void *arg, uint64_t reps)
{
    struct region_bench *c = arg;
    struct fork f = {.bench = c, .reps = reps};

    c->err = parscope_root(c->exec, fork_often, &f);
    return f.stolen ? (double)f.ns / (double)f.stolen : NAN;
}

static double delays(void *arg, uint64_t reps)
{
    const struct region_bench *c = arg;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < reps; i++) {
        uint64_t start = ps_now_ns();

        bench_delay(c->delay);
        sum += ps_now_ns() - start;
    }
    return (double)sum / (double)reps;
}

int part_steal(const struct bench *bench, const struct part *p, struct sample *out,
               struct ps_err *e)
{
    struct region_bench c = {
        .strategy = "steal",
        .workers = 2,
        .test = stolen_forks,
        .reference = delays,
        .delay = bench_delay_iterations(DELAY_NS),
        .out = out,
    };

    return region_bench_run(bench, &c, e);
}
