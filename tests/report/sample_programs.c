#include <math.h>
#include <string.h>

#include "sample.h"
#include "sample_kit.h"

struct ps_result *sample_commands(struct ps_arena *a)
{
    struct ps_result *r = sample_start(a, "run");

    sample_program(r, "xz -1 -c file", 2, 12.5, 12.4);
    sample_program(r, "zstd -c file", 2, 1.25, 1.24);
    sample_program(r, "sh -c 'a `b | c` && <d> *e* _f_ \\\\| [g](h)'", 2, 31.4e-3, 29e-3);
    sample_program(r, "'a program' with-very-many=arguments and-another=one and-more=of-them last",
                   2, 1.5e-3, 1.2e-3);
    for (size_t i = 0; i < r->point_count; i++) {
        r->points[i].placement = "none";
        for (unsigned k = 0; k < r->points[i].threads; k++)
            r->points[i].cpus[k] = -1;
    }
    return r;
}

/* Two threads a core over one, and packed over it. */
struct outcome {
    double two, packed;
    enum ps_smt_verdict verdict;
    const char *evidence;
};

static struct ps_point *smt_point(struct ps_result *r, const char *label, const char *placement,
                                  unsigned threads, double time, double core_ipc)
{
    struct ps_arena *a = r->arena;
    struct ps_point *p = sample_point(r, "counter", label, "pool", NULL, threads);

    p->placement = placement;
    sample_exact(a, p, "wall_time", time, 0.004);
    sample_exact(a, p, "throughput", p->items / time, 0.004);
    sample_exact(a, p, "utilization", 0.99, 0.01);
    sample_exact(a, p, "ipc", core_ipc / (strcmp(placement, "one-per-core") ? 2 : 1), 0.01);
    sample_exact(a, p, "core_ipc", core_ipc, 0.01);
    sample_exact(a, p, "frequency", 2.7e9, 0.001);
    sample_exact(a, p, "cycles_per_item", 4.02, 0.001);
    return p;
}

static void compare(struct ps_result *r, const char *label, const struct outcome *o)
{
    const double time = 10e-3;
    struct ps_point *p;

    smt_point(r, label, "one-per-core", 2, time, 1.2);
    p = smt_point(r, label, "packed", 2, time / o->packed, 1.2 * o->packed);
    sample_exact(r->arena, p, "packed_effect", o->packed, 0.01);
    p = smt_point(r, label, "two-per-core", 4, time / o->two, 1.2 * o->two);
    sample_exact(r->arena, p, "smt_effect", o->two, 0.01);
    r->smt = ps_arena_grow(r->arena, r->smt, r->smt_count, sizeof *r->smt);
    r->smt[r->smt_count++] = (struct ps_smt_model){
        .workload_label = label,
        .strategy_label = "pool",
        .cores = 2,
        .assumed = true,
        .effect = o->two,
        .low = 0.99 * o->two,
        .high = 1.01 * o->two,
        .packed = o->packed,
        .packed_low = NAN,
        .packed_high = NAN,
        .verdict = o->verdict,
        .evidence = o->evidence,
    };
}

struct ps_result *sample_smt(struct ps_arena *a)
{
    struct ps_result *r = sample_start(a, "smt-compare");

    compare(r, "counter:ilp=1",
            &(struct outcome){1.31, 0.655, PS_SMT_HELPS, "It leaves cores idle."});
    compare(r, "counter:ilp=8",
            &(struct outcome){0.62, 0.31, PS_SMT_HURTS, "They get in each other's way."});
    compare(r, "chase:a-label=that-does-not-fit:in-the-column",
            &(struct outcome){1.001, 0.5, PS_SMT_NEUTRAL, "One thread is enough."});
    return r;
}
