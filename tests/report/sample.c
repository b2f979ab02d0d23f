#include "sample.h"

#include <math.h>
#include <string.h>

#include "sample_kit.h"

static void workers(struct ps_arena *a, struct ps_point *p, double busy)
{
    p->workers = ps_arena_array(a, p->threads, sizeof *p->workers);
    p->worker_count = p->threads;
    for (unsigned i = 0; i < p->threads; i++)
        p->workers[i] =
            (struct ps_worker){p->cpus[i], busy, 1e-6, busy + 2e-6, p->items / p->threads};
    if (p->threads == 1)
        return;
    p->workers[0].event_count = 2;
    p->workers[0].counts = ps_arena_array(a, 2, sizeof(double));
    p->workers[0].counts[0] = 1e6;
    p->workers[0].counts[1] = NAN;
}

static void no_pmu(struct ps_arena *a, struct ps_point *p)
{
    sample_inexact(a, p, "cycles", NAN, PS_UNAVAILABLE, SAMPLE_NO_PMU);
    sample_inexact(a, p, "instructions", NAN, PS_UNAVAILABLE, SAMPLE_NO_PMU);
    sample_inexact(a, p, "ipc", NAN, PS_UNAVAILABLE, SAMPLE_NO_PMU);
}

static void timed(struct ps_arena *a, struct ps_point *p, double time, double speedup,
                  double margin)
{
    sample_exact(a, p, "wall_time", time, margin);
    sample_exact(a, p, "speedup", speedup, margin);
    sample_exact(a, p, "efficiency", speedup / p->threads, margin);
    sample_exact(a, p, "throughput", p->items / time, margin);
    sample_exact(a, p, "cpu_time", time * p->threads, margin);
    workers(a, p, time);
}

static void common(struct ps_result *r, const char *strategy, const char *options, unsigned threads,
                   double time)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = sample_point(r, "reduce", "reduce:size=10M", strategy, options, threads);

    timed(a, p, time, 8.12e-3 / time, 0.004);
    sample_exact(a, p, "utilization", 0.987, 0.01);
    no_pmu(a, p);
    sample_inexact(a, p, "frequency", 2.54e9, PS_ESTIMATED,
                   "from chains of instructions of known latency");
    sample_inexact(a, p, "items_per_cycle", 0.486, PS_ESTIMATED,
                   "from chains of instructions of known latency");
    sample_inexact(a, p, "cycles_per_item", 2.06, PS_ESTIMATED,
                   "from chains of instructions of known latency");
    if (threads > 1)
        sample_exact(a, p, "load_balance", 0.994, 0.01);
    sample_exact(a, p, "context_switches", threads > 1 ? 2.5 : 0, 0);
    sample_exact(a, p, "migrations", 0, 0);
    if (strcmp(strategy, "spawn"))
        sample_load(a, p);
    sample_own(a, p, "chunk_p99", 1e-6 * threads, "how long a chunk takes, 99th percentile");
    sample_exact(a, p, "page_faults", 0, 0);
}

/* Executions so short that the state of idleness matters. */
static void tiny(struct ps_result *r, const char *strategy, unsigned threads, double time,
                 double idle)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = sample_point(r, "reduce", "reduce:size=10", strategy, NULL, threads);

    p->items = 10;
    timed(a, p, time, 12e-9 / time, 0.02);
    sample_exact(a, p, "wall_time_idle", idle, 0.05);
    sample_exact(a, p, "speedup_idle", 1.4e-6 / idle, 0.05);
}

static void swept(struct ps_result *r, unsigned threads, const char *placement, double speedup)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = sample_point(r, "amdahl", "amdahl:serial=0.2",
                                      threads ? "pool" : "sequential", NULL, threads ? threads : 1);

    p->placement = placement;
    p->oversubscribed = threads > 4;
    p->items = 1234567.5;
    p->unit = "increments";
    timed(a, p, 0.1 / speedup, speedup, 0.003);
    sample_exact(a, p, "cycles", 3.1e8, 0);
    sample_inexact(a, p, "PERF_COUNT_HW_CACHE_MISSES", 123456, PS_MULTIPLEXED,
                   "counted 60 % of the time");
    p->metrics[p->metric_count - 1].share = 0.6;
    sample_inexact(a, p, "MEM_LOAD_RETIRED.L3_MISS:SOME_VERY_LONG_MODIFIER:u", 17, PS_USER_ONLY,
                   "perf_event_paranoid is 2");
    sample_inexact(a, p, "page_faults", 3, PS_PARTIAL, "1 of 4 workers could not be counted");
}

static void wide(struct ps_result *r)
{
    static const char label[] =
        "counter:n=123456789:ilp=8:and=a-label-that-is-much-longer-than-any-terminal-is-wide";
    struct ps_arena *a = r->arena;
    struct ps_point *p = sample_point(r, "counter", label, "sequential", NULL, 1);

    timed(a, p, 1.5, 1, 0);
    p = sample_point(r, "counter", label, "pool",
                     "schedule=dynamic:chunk=1048576:and=something-else-that-makes-it-long", 1000);
    for (unsigned i = 0; i < p->threads; i++)
        p->cpus[i] = (int)(2 * i);
    timed(a, p, 1.5e-3, 998.7, 0);
    p = sample_point(r, "counter", label, "spawn", NULL, 1000);
    for (unsigned i = 0; i < p->threads; i++)
        p->cpus[i] = -1;
    p->rounds = 0;
    sample_inexact(a, p, "wall_time", NAN, PS_UNAVAILABLE, "interrupted before its first round");
}

static void add_advice(const struct ps_result *r, struct ps_model *m)
{
    static const struct ps_advice_beyond beyond[] = {
        {8, "ok", {3.35, 3.3, 3.4}, "amdahl"},
        {64, "more CPUs than that", {NAN, NAN, NAN}, NULL},
    };

    m->advice = (struct ps_advice){
        .known = true,
        .wanted_efficiency = 0.7,
        .efficient_threads = 2,
        .efficiency = {0.83, 0.82, 0.84},
        .next_threads = 4,
        .next_efficiency = 0.62,
        .cheapest_threads = 1,
        .core_seconds = 0.5,
        .asked = true,
        .beyond = ps_arena_array(r->arena, 2, sizeof *beyond),
        .beyond_count = 2,
    };
    memcpy(m->advice.beyond, beyond, sizeof beyond);
}

static void fill_models(struct ps_result *r)
{
    static struct ps_karp_flatt_row rows[] = {{2, 0.198, 0.19, 0.206}, {4, 0.2, NAN, NAN}};
    static unsigned left_out[] = {8, 16};
    static const struct ps_model models[] = {
        {"amdahl:serial=0.2", "pool", "spread", "ok", 0.198, 0.195, 0.201, 5.0505, 0.002, rows, 2,
         PS_TREND_FLAT, 4},
        {"amdahl:serial=0.2", "pool", "compact", "unverified", 0.25, NAN, NAN, 4, NAN, rows, 1,
         PS_TREND_UNKNOWN, NAN, left_out, 2, 4},
        {"reduce:size=10M", "pool", "spread", "slower with threads: no serial fraction", NAN, NAN,
         NAN, NAN, NAN, NULL, 0, PS_TREND_UNKNOWN, NAN},
    };

    r->models = ps_arena_array(r->arena, 3, sizeof *models);
    memcpy(r->models, models, sizeof models);
    r->model_count = 3;
    add_advice(r, &r->models[0]);
}

static void swept_program(struct ps_result *r)
{
    static const char label[] = "xz -1 -T{threads} -c 'a | file'";
    struct ps_point *p;

    sample_program(r, label, 1, 12.5, 12.4);
    p = &r->points[r->point_count - 1];
    p->baseline = true;
    sample_exact(r->arena, p, "speedup", 1, 0.001);
    sample_program(r, label, 2, 6.4, 12.6);
    p = &r->points[r->point_count - 1];
    sample_exact(r->arena, p, "speedup", 1.95, 0.004);
    sample_exact(r->arena, p, "efficiency", 0.98, 0.004);
}

static void fill_smt(struct ps_result *r)
{
    static const struct ps_smt_model model = {
        .workload_label = "reduce:size=10M",
        .strategy_label = "pool",
        .cores = 2,
        .effect = 1.3141,
        .low = 1.305,
        .high = 1.32,
        .packed = 0.65,
        .packed_low = 0.64,
        .packed_high = 0.66,
        .verdict = PS_SMT_HELPS,
        .evidence = "One thread leaves part of its core idle, and a second thread uses it.",
    };

    r->smt = ps_arena_alloc(r->arena, sizeof model);
    *r->smt = model;
    r->smt_count = 1;
}

static void fill_checks(struct ps_result *r)
{
    static const struct ps_check checks[] = {
        {"speedup[strategy=pool,threads=2] >= 1.8", PS_CHECK_HOLDS,
         "1.98 [1.97, 1.99] (pool with 2 threads on reduce:size=10M)"},
        {"serial_fraction <= 0.1", PS_CHECK_FAILS, "0.198 [0.195, 0.201] (pool on amdahl)"},
        {"efficiency[threads=4] > 62%", PS_CHECK_INCONCLUSIVE,
         "0.63 [0.61, 0.65] (pool with 4 threads on amdahl:serial=0.2), which more rounds than "
         "--max-time allows would narrow"},
    };

    r->checks = ps_arena_array(r->arena, 3, sizeof *checks);
    memcpy(r->checks, checks, sizeof checks);
    r->check_count = 3;
}

static void fill_findings(struct ps_result *r)
{
    static size_t points[] = {6, 7};
    static const struct ps_finding findings[] = {
        {"parallel-slower", PS_WARNING,
         "reduce:size=10: every strategy is slower than sequential: pool with 2 threads takes 92 "
         "times as long when hot (1.10 us against 12.0 ns) and 19 times after 1 ms of idleness.",
         points, 2},
        {"best-threads", PS_INFO, "4 threads are within 5 % of the best throughput.", NULL, 0},
        {"verify", PS_ERROR,
         "A-word-that-is-longer-than-a-line-of-text-can-be-and-must-therefore-be-broken-somewhere-"
         "in-the-middle.",
         NULL, 0},
    };

    r->findings = ps_arena_array(r->arena, 3, sizeof *findings);
    memcpy(r->findings, findings, sizeof findings);
    r->finding_count = 3;
}

struct ps_result *sample_result(struct ps_arena *a)
{
    struct ps_result *r = sample_start(a, "run");

    common(r, "sequential", NULL, 1, 8.12e-3);
    common(r, "spawn", NULL, 2, 4.31e-3);
    common(r, "pool", NULL, 2, 4.1e-3);
    common(r, "queue", "inflight=all", 2, 4.2e-3);
    tiny(r, "sequential", 1, 12e-9, 1.4e-6);
    tiny(r, "spawn", 2, 42e-6, 81e-6);
    tiny(r, "pool", 2, 1.1e-6, 26.6e-6);
    swept(r, 0, "spread", 1);
    swept(r, 2, "spread", 1.67);
    swept(r, 4, "spread", 2.51);
    swept(r, 8, "spread", 2.4);
    swept(r, 2, "compact", 1.6);
    wide(r);
    swept_program(r);
    fill_models(r);
    sample_grains(r);
    fill_smt(r);
    fill_checks(r);
    fill_findings(r);
    return r;
}

const struct sample sample_variants[] = {
    {"sample", sample_result},
    {"commands", sample_commands},
    {"smt", sample_smt},
    {NULL},
};
