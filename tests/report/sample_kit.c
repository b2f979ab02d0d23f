#include "sample_kit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

void sample_oom(void)
{
    abort();
}

static void add(struct ps_arena *a, struct ps_point *p, struct ps_metric m)
{
    p->metrics = ps_arena_grow(a, p->metrics, p->metric_count, sizeof m);
    if (!m.unit)
        m.unit = ps_metric_find(m.id) ? ps_metric_find(m.id)->unit : "1";
    if (m.quality != PS_UNAVAILABLE) {
        m.samples = ps_arena_array(a, p->rounds, sizeof *m.samples);
        for (size_t i = 0; i < p->rounds; i++)
            m.samples[i] = m.value * (1 + 0.001 * ((double)i - 3.5));
        if (p->rounds)
            m.samples[p->rounds - 1] = NAN;
    }
    p->metrics[p->metric_count++] = m;
}

void sample_exact(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                  double margin)
{
    double low = margin > 0 ? value * (1 - margin) : NAN;
    double high = margin > 0 ? value * (1 + margin) : NAN;

    add(a, p, (struct ps_metric){id, NULL, value, low, high, PS_EXACT});
}

void sample_own(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                const char *help)
{
    add(a, p, (struct ps_metric){id, "s", value, 0.9 * value, 1.1 * value, PS_EXACT, .help = help});
}

void sample_inexact(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                    enum ps_quality quality, const char *reason)
{
    add(a, p, (struct ps_metric){id, NULL, value, NAN, NAN, quality, reason});
}

void sample_load(struct ps_arena *a, struct ps_point *p)
{
    p->load = (struct ps_point_load){PS_LOAD_CLEAN_ROUNDS, "run delay of its threads", 0.02,
                                     p->rounds, p->rounds - 1};
    p->load.shares = ps_arena_array(a, p->rounds, sizeof *p->load.shares);
    for (size_t i = 0; i < p->rounds; i++)
        p->load.shares[i] = i ? 1e-4 * (double)i : 0.3;
    p->load.shares[p->rounds - 1] = NAN;
}

static struct ps_text_pair *pair(struct ps_arena *a, const char *name, const char *value,
                                 size_t *count)
{
    struct ps_text_pair *p = ps_arena_alloc(a, sizeof *p);

    *p = (struct ps_text_pair){name, value};
    *count = 1;
    return p;
}

struct ps_point *sample_point(struct ps_result *r, const char *workload, const char *label,
                              const char *strategy, const char *options, unsigned threads)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p;

    r->points = ps_arena_grow(a, r->points, r->point_count, sizeof *p);
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
        .rounds = SAMPLE_ROUNDS,
        .executions = SAMPLE_ROUNDS * 3,
    };
    for (unsigned i = 0; i < threads; i++)
        p->cpus[i] = (int)i;
    p->parameters = pair(a, "size", "10M", &p->parameter_count);
    if (options)
        p->options = pair(a, "schedule", "a \"quoted\", listed value", &p->option_count);
    return p;
}

void sample_program(struct ps_result *r, const char *label, unsigned threads, double time,
                    double busy)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = sample_point(r, "program", label, "program", NULL, threads);

    p->workload = ps_arena_format(a, "%.*s", (int)strcspn(label, " "), label);
    p->parameter_count = 0;
    p->items = 1;
    p->unit = "runs";
    sample_exact(a, p, "wall_time", time, 0.004);
    sample_exact(a, p, "throughput", 1 / time, 0.004);
    sample_exact(a, p, "cpu_time", busy, 0.004);
    sample_exact(a, p, "user_time", 0.9 * busy, 0.01);
    sample_exact(a, p, "system_time", 0.1 * busy, 0.01);
    sample_exact(a, p, "utilization", busy / time / threads, 0.01);
    sample_exact(a, p, "max_rss", 83.4e6, 0.01);
    sample_inexact(a, p, "cycles", NAN, PS_UNAVAILABLE, SAMPLE_NO_PMU);
    sample_exact(a, p, "context_switches", 1234, 0.1);
    sample_exact(a, p, "migrations", 17, 0.1);
    sample_exact(a, p, "page_faults", 5678, 0.01);
    sample_inexact(a, p, "threads_seen", threads, PS_ESTIMATED,
                   "sampled in one execution, every few milliseconds");
}

static void fill_host(struct ps_result_host *h)
{
    static const char *const kinds[] = {"E", "P"};
    static double before[] = {0.01, 0.02, NAN, 0}, during[] = {0.99, 1, NAN, 0.5};
    static double of_cpu_1[SAMPLE_ROUNDS] = {NAN, 3.8, 3.9, 2.1, 3.9, NAN, NAN, 3.9};
    static struct ps_neighbour_cpu neighbour_cpus[] = {{1, of_cpu_1, SAMPLE_ROUNDS}};
    static double neighbours[SAMPLE_ROUNDS] = {3.9, 3.8, 3.9, 2.1, 3.9, NAN, 3.9, 3.9};
    static struct ps_event_status events[] = {
        {"cycles", PS_UNAVAILABLE, SAMPLE_NO_PMU},
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
        .neighbour_round_count = SAMPLE_ROUNDS,
        .neighbour_cpus = neighbour_cpus,
        .neighbour_cpu_count = 1,
        .group_read_cost = 6.14e-7,
        .probe_share = 0.03,
        .events = events,
        .event_count = 2,
    };
}

static void fill_plan(struct ps_result_plan *p, const char *command)
{
    static const char *arguments[] = {"parscope", "run", "reduce:size=10M", "-e", "a,{b,c}"};

    *p = (struct ps_result_plan){
        .command = command,
        .arguments = arguments,
        .argument_count = 5,
        .seed = UINT64_MAX,
        .precision = 0.01,
        .max_time = 30,
        .gap = 0,
        .rounds = SAMPLE_ROUNDS,
        .ended_by = PS_END_MAX_TIME,
    };
}

struct ps_result *sample_start(struct ps_arena *a, const char *command)
{
    struct ps_result *r = ps_arena_alloc(a, sizeof *r);

    r->arena = a;
    r->version = "0.1.0";
    r->started = "2025-01-31T12:34:56Z";
    r->elapsed = 30.04;
    fill_host(&r->host);
    fill_plan(&r->plan, command);
    return r;
}
