#include "sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 8
#define NO_PMU "no PMU: this virtual machine shows none"

void sample_oom(void)
{
    abort();
}

static void add(struct ps_arena *a, struct ps_point *p, struct ps_metric m)
{
    p->metrics = ps_arena_grow(a, p->metrics, p->metric_count, sizeof(m));
    if (!m.unit)
        m.unit = ps_metric_find(m.id) ? ps_metric_find(m.id)->unit : "1";
    if (m.quality != PS_UNAVAILABLE) {
        m.samples = ps_arena_array(a, p->rounds, sizeof(*m.samples));
        for (size_t i = 0; i < p->rounds; i++)
            m.samples[i] = m.value * (1 + 0.001 * ((double)i - 3.5));
        if (p->rounds)
            m.samples[p->rounds - 1] = NAN;
    }
    p->metrics[p->metric_count++] = m;
}

/* An exact value with an interval of +-margin, relative; 0: none. */
static void exact(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                  double margin)
{
    double low = margin > 0 ? value * (1 - margin) : NAN;
    double high = margin > 0 ? value * (1 + margin) : NAN;

    add(a, p, (struct ps_metric){id, NULL, value, low, high, PS_EXACT});
}

static void inexact(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                    enum ps_quality quality, const char *reason)
{
    add(a, p, (struct ps_metric){id, NULL, value, NAN, NAN, quality, reason});
}

static struct ps_text_pair *pair(struct ps_arena *a, const char *name, const char *value,
                                 size_t *count)
{
    struct ps_text_pair *p = ps_arena_alloc(a, sizeof(*p));

    *p = (struct ps_text_pair){name, value};
    *count = 1;
    return p;
}

static struct ps_point *point(struct ps_result *r, const char *workload, const char *label,
                              const char *strategy, const char *options, unsigned threads)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p;

    r->points = ps_arena_grow(a, r->points, r->point_count, sizeof(*p));
    p = &r->points[r->point_count++];
    *p = (struct ps_point){
        .workload = workload,
        .workload_label = label,
        .strategy = strategy,
        .strategy_label = options ? ps_arena_format(a, "%s:%s", strategy, options) : strategy,
        .threads = threads,
        .placement = "spread",
        .cpus = ps_arena_array(a, threads, sizeof(int)),
        .baseline = !strcmp(strategy, "sequential"),
        .items = 1e7,
        .unit = "elements",
        .rounds = ROUNDS,
        .executions = ROUNDS * 3,
    };
    for (unsigned i = 0; i < threads; i++)
        p->cpus[i] = (int)i;
    p->parameters = pair(a, "size", "10M", &p->parameter_count);
    if (options)
        p->options = pair(a, "schedule", "a \"quoted\", listed value", &p->option_count);
    return p;
}

static void workers(struct ps_arena *a, struct ps_point *p, double busy)
{
    p->workers = ps_arena_array(a, p->threads, sizeof(*p->workers));
    p->worker_count = p->threads;
    for (unsigned i = 0; i < p->threads; i++)
        p->workers[i] =
            (struct ps_worker){p->cpus[i], busy, 1e-6, busy + 2e-6, p->items / p->threads};
}

static void no_pmu(struct ps_arena *a, struct ps_point *p)
{
    inexact(a, p, "cycles", NAN, PS_UNAVAILABLE, NO_PMU);
    inexact(a, p, "instructions", NAN, PS_UNAVAILABLE, NO_PMU);
    inexact(a, p, "ipc", NAN, PS_UNAVAILABLE, NO_PMU);
}

static void timed(struct ps_arena *a, struct ps_point *p, double time, double speedup,
                  double margin)
{
    exact(a, p, "wall_time", time, margin);
    exact(a, p, "speedup", speedup, margin);
    exact(a, p, "efficiency", speedup / p->threads, margin);
    exact(a, p, "throughput", p->items / time, margin);
    exact(a, p, "cpu_time", time * p->threads, margin);
    workers(a, p, time);
}

static void common(struct ps_result *r, const char *strategy, const char *options, unsigned threads,
                   double time)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = point(r, "reduce", "reduce:size=10M", strategy, options, threads);

    timed(a, p, time, 8.12e-3 / time, 0.004);
    exact(a, p, "utilization", 0.987, 0.01);
    no_pmu(a, p);
    inexact(a, p, "frequency", 2.54e9, PS_ESTIMATED,
            "from chains of instructions of known latency");
    inexact(a, p, "items_per_cycle", 0.486, PS_ESTIMATED,
            "from chains of instructions of known latency");
    inexact(a, p, "cycles_per_item", 2.06, PS_ESTIMATED,
            "from chains of instructions of known latency");
    if (threads > 1)
        exact(a, p, "load_balance", 0.994, 0.01);
    exact(a, p, "context_switches", threads > 1 ? 2.5 : 0, 0);
    exact(a, p, "migrations", 0, 0);
    exact(a, p, "page_faults", 0, 0);
}

/* Executions so short that the state of idleness matters. */
static void tiny(struct ps_result *r, const char *strategy, unsigned threads, double time,
                 double idle)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = point(r, "reduce", "reduce:size=10", strategy, NULL, threads);

    p->items = 10;
    timed(a, p, time, 12e-9 / time, 0.02);
    exact(a, p, "wall_time_idle", idle, 0.05);
    exact(a, p, "speedup_idle", 1.4e-6 / idle, 0.05);
}

static void swept(struct ps_result *r, unsigned threads, const char *placement, double speedup)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = point(r, "amdahl", "amdahl:serial=0.2", threads ? "pool" : "sequential",
                               NULL, threads ? threads : 1);

    p->placement = placement;
    p->oversubscribed = threads > 4;
    p->items = 1234567.5;
    p->unit = "increments";
    timed(a, p, 0.1 / speedup, speedup, 0.003);
    exact(a, p, "cycles", 3.1e8, 0);
    inexact(a, p, "PERF_COUNT_HW_CACHE_MISSES", 123456, PS_MULTIPLEXED, "ran 60 % of the time");
    inexact(a, p, "MEM_LOAD_RETIRED.L3_MISS:SOME_VERY_LONG_MODIFIER:u", 17, PS_USER_ONLY,
            "perf_event_paranoid is 2");
    inexact(a, p, "page_faults", 3, PS_PARTIAL, "1 of 4 workers could not be counted");
}

static void wide(struct ps_result *r)
{
    static const char label[] =
        "counter:n=123456789:ilp=8:and=a-label-that-is-much-longer-than-any-terminal-is-wide";
    struct ps_arena *a = r->arena;
    struct ps_point *p = point(r, "counter", label, "sequential", NULL, 1);

    timed(a, p, 1.5, 1, 0);
    p = point(r, "counter", label, "pool",
              "schedule=dynamic:chunk=1048576:and=something-else-that-makes-it-long", 1000);
    for (unsigned i = 0; i < p->threads; i++)
        p->cpus[i] = (int)(2 * i);
    timed(a, p, 1.5e-3, 998.7, 0);
    p = point(r, "counter", label, "spawn", NULL, 1000);
    for (unsigned i = 0; i < p->threads; i++)
        p->cpus[i] = -1;
    p->rounds = 0;
    inexact(a, p, "wall_time", NAN, PS_UNAVAILABLE, "interrupted before its first round");
}

static void fill_models(struct ps_result *r)
{
    static struct ps_karp_flatt_row rows[] = {{2, 0.198, 0.19, 0.206}, {4, 0.2, NAN, NAN}};
    static const struct ps_model models[] = {
        {"amdahl:serial=0.2", "pool", "spread", "ok", 0.198, 0.195, 0.201, 5.0505, 0.002, rows, 2,
         "flat", 4},
        {"amdahl:serial=0.2", "pool", "compact", "unverified", 0.25, NAN, NAN, 4, NAN, rows, 1,
         "unknown", NAN},
        {"reduce:size=10M", "pool", "spread", "no point with more than one thread", NAN, NAN, NAN,
         NAN, NAN, NULL, 0, "unknown", NAN},
    };

    r->models = ps_arena_array(r->arena, 3, sizeof(*models));
    memcpy(r->models, models, sizeof(models));
    r->model_count = 3;
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

    r->findings = ps_arena_array(r->arena, 3, sizeof(*findings));
    memcpy(r->findings, findings, sizeof(findings));
    r->finding_count = 3;
}

static void fill_host(struct ps_result_host *h)
{
    static const char *const kinds[] = {"E", "P"};
    static double before[] = {0.01, 0.02, NAN, 0}, during[] = {0.99, 1, NAN, 0.5};
    static double neighbours[ROUNDS] = {3.9, 3.8, 3.9, 2.1, 3.9, NAN, 3.9, 3.9};
    static struct ps_event_status events[] = {
        {"cycles", PS_UNAVAILABLE, NO_PMU},
        {"task_clock", PS_EXACT, NULL},
    };

    *h = (struct ps_result_host){
        .cpu_model = "Imaginary(R) Processor 8481C CPU @ 2.70GHz",
        .kernel = "Linux 6.18.44 x86_64",
        .virtualization = "kvm",
        .turbo = "off",
        .topology = "this machine",
        .packages = 1,
        .cores = 2,
        .cpus = 4,
        .threads_per_core = 2,
        .machine_cpus = 64,
        .core_kinds = kinds,
        .core_kind_count = 2,
        .perf_event_paranoid = -2,
        .cpu_quota = 1.5,
        .quota_source = "cgroup v2 cpu.max",
        .cpu_busy_before = before,
        .cpu_busy_during = during,
        .cpu_busy_count = 4,
        .throttled = 0.25,
        .steal = 0.001,
        .neighbour_index = 3.9,
        .neighbour_rounds = neighbours,
        .neighbour_round_count = ROUNDS,
        .group_read_cost = 6.14e-7,
        .probe_share = 0.03,
        .events = events,
        .event_count = 2,
    };
}

static void fill_plan(struct ps_result_plan *p)
{
    static const char *arguments[] = {"parscope", "run", "reduce:size=10M", "-e", "a,{b,c}"};

    *p = (struct ps_result_plan){
        .command = "run",
        .arguments = arguments,
        .argument_count = 5,
        .seed = UINT64_MAX,
        .precision = 0.01,
        .max_time = 30,
        .gap = 0,
        .rounds = ROUNDS,
        .ended_by = "max-time",
    };
}

struct ps_result *sample_result(struct ps_arena *a)
{
    struct ps_result *r = ps_arena_alloc(a, sizeof(*r));

    r->arena = a;
    r->version = "0.1.0";
    r->started = "2025-01-31T12:34:56Z";
    r->elapsed = 30.04;
    fill_host(&r->host);
    fill_plan(&r->plan);
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
    fill_models(r);
    fill_findings(r);
    return r;
}
