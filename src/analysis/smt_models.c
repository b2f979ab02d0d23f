/* What the second hardware thread of a core brings, and why. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assemble.h"
#include "samples.h"

#define WORTHWHILE                                                                              \
    0.02               /* of the throughput: a smaller effect is none, even where it is certain \
                        */
#define NEUTRAL   0.05 /* an interval within this of 1 is no effect */
#define TWO_CORES 1.8  /* above it, CPUs that were said to share a core behave like two */
#define LOW_IPC   1.5  /* of one thread; recent cores can do 4 and more */

struct triple {
    const struct ps_point *one, *packed, *two;
};

static struct triple triple_of(const struct ps_samples *s, const struct ps_result *r, size_t first)
{
    struct triple t = {.one = &r->points[first]};

    for (size_t i = first; i < s->series_count; i++) {
        if (s->series[i].one_per_core != &s->series[first])
            continue;
        if (s->series[i].plan->placement == PS_PLACE_PACKED)
            t.packed = &r->points[i];
        if (s->series[i].plan->placement == PS_PLACE_TWO_PER_CORE)
            t.two = &r->points[i];
    }
    return t;
}

static enum ps_smt_verdict verdict_of(const struct ps_metric *effect)
{
    if (isnan(effect->low) || isnan(effect->high))
        return PS_SMT_INCONCLUSIVE;
    if (effect->low > 1 && effect->value >= 1 + WORTHWHILE)
        return PS_SMT_HELPS;
    if (effect->high < 1 && effect->value <= 1 - WORTHWHILE)
        return PS_SMT_HURTS;
    if (effect->low >= 1 - NEUTRAL && effect->high <= 1 + NEUTRAL)
        return PS_SMT_NEUTRAL;
    return PS_SMT_INCONCLUSIVE;
}

/* CPUs that were said to share a core may not: then the verdict is about two cores. */
static bool like_two_cores(const struct ps_samples *s, const struct ps_metric *effect)
{
    return s->plan->smt_assumed && effect->value > TWO_CORES;
}

static const char *undecided(const struct ps_samples *s, const struct ps_metric *effect)
{
    if (!isnan(effect->low) && !isnan(effect->high))
        return "The interval is too wide to decide: allow more time with --max-time.";
    if (s->rounds < PS_MIN_ROUNDS)
        return ps_arena_format(s->arena, "There is no interval to decide by: that needs %d rounds.",
                               PS_MIN_ROUNDS);
    return "There is no interval to decide by.";
}

/* NULL: none. */
static const char *reading_of(enum ps_smt_verdict verdict)
{
    if (verdict == PS_SMT_HELPS)
        return "One thread leaves part of its core idle, and a second thread uses it. More "
               "instruction-level parallelism in the code would let one thread use it.";
    if (verdict == PS_SMT_NEUTRAL)
        return "One thread per core already saturates the core, or something that all cores share: "
               "a second thread makes no difference.";
    if (verdict == PS_SMT_HURTS)
        return "Two threads on a core slow each other down: they share its caches and execution "
               "units, or the work can't be divided among so many threads.";
    return NULL;
}

/* claimed: there is something that the IPC could show. */
static const char *ipc_evidence(struct ps_arena *a, const struct triple *t, bool claimed)
{
    const struct ps_metric *one = ps_point_metric(t->one, "core_ipc");
    const struct ps_metric *two = ps_point_metric(t->two, "core_ipc");

    if (!one || !two)
        return "";
    if (isnan(one->value) || isnan(two->value))
        return claimed ? " The IPC, which would show that, is unavailable." : "";
    return ps_arena_format(
        a, " A core did %.2f instructions per cycle with one thread%s, and %.2f with two.",
        one->value, one->value < LOW_IPC ? ", which is low" : "", two->value);
}

static const char *cycles_evidence(struct ps_arena *a, const struct triple *t)
{
    double one = ps_point_value(t->one, "cycles_per_item");
    double two = ps_point_value(t->two, "cycles_per_item");

    if (isnan(one) || isnan(two))
        return "";
    return ps_arena_format(a, " With two, each thread spent %.2f times as many cycles on an item.",
                           two / one);
}

static const char *evidence_of(const struct ps_samples *s, const struct triple *t,
                               const struct ps_metric *effect, enum ps_smt_verdict verdict)
{
    const char *told =
        s->plan->smt_assumed ? " The CPUs were treated as siblings because of --pair." : "";
    const char *reading = reading_of(verdict);

    if (like_two_cores(s, effect))
        return ps_arena_format(
            s->arena,
            "The CPUs were treated as siblings because of --pair, but two separate cores would "
            "give so large an effect: they may not share one.%s",
            cycles_evidence(s->arena, t));
    return ps_arena_format(s->arena, "%s%s%s%s", reading ? reading : undecided(s, effect),
                           ipc_evidence(s->arena, t, reading != NULL), cycles_evidence(s->arena, t),
                           told);
}

static void set_packed(struct ps_smt_model *m, const struct ps_point *packed)
{
    const struct ps_metric *effect = packed ? ps_point_metric(packed, "packed_effect") : NULL;

    m->packed = effect ? effect->value : NAN;
    m->packed_low = effect ? effect->low : NAN;
    m->packed_high = effect ? effect->high : NAN;
}

static void add_model(const struct ps_samples *s, struct ps_result *r, size_t first)
{
    struct triple t = triple_of(s, r, first);
    const struct ps_metric *effect = t.two ? ps_point_metric(t.two, "smt_effect") : NULL;
    struct ps_smt_model *m;

    if (!effect)
        return;
    r->smt = ps_arena_grow(s->arena, r->smt, r->smt_count, sizeof *r->smt);
    m = &r->smt[r->smt_count++];
    *m = (struct ps_smt_model){
        .workload_label = t.one->workload_label,
        .strategy_label = t.one->strategy_label,
        .cores = s->plan->smt_cores,
        .assumed = s->plan->smt_assumed,
        .copies = s->plan->request->smt.copies,
        .effect = effect->value,
        .low = effect->low,
        .high = effect->high,
        .verdict = verdict_of(effect),
    };
    set_packed(m, t.packed);
    m->evidence = evidence_of(s, &t, effect, m->verdict);
}

void smt_models_add(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; s->rounds && i < s->series_count; i++)
        if (s->series[i].one_per_core == &s->series[i])
            add_model(s, r, i);
}
