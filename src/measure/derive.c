/* Metrics of one round, as design and docs define them. Each is one function and one row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "stack_terms.h"
#include "verdict.h"

#define FULL_USE 0.95 /* below it, part of the speedup's loss is idleness, not the clock */

static double wall(const struct view *v)
{
    return v->x[RAW_WALL];
}
static double wall_idle(const struct view *v)
{
    return v->x[RAW_WALL_IDLE];
}
static double speedup(const struct view *v)
{
    return v->base[RAW_WALL] / v->x[RAW_WALL];
}
static double speedup_idle(const struct view *v)
{
    return v->base[RAW_WALL_IDLE] / v->x[RAW_WALL_IDLE];
}
static double efficiency(const struct view *v)
{
    return speedup(v) / v->p;
}
static double throughput(const struct view *v)
{
    return target_items(v->target) / v->x[RAW_WALL];
}
static double cpu_time(const struct view *v)
{
    return useful_cpu(v->x);
}
static double utilization(const struct view *v)
{
    return useful_cpu(v->x) / (v->p * v->x[RAW_WALL_COUNTED]);
}
static double cycles(const struct view *v)
{
    return v->cycles;
}
static double instructions(const struct view *v)
{
    return v->instructions;
}
static double ipc(const struct view *v)
{
    return v->instructions / v->cycles;
}
static double frequency(const struct view *v)
{
    return v->frequency;
}
static double items_per_cycle(const struct view *v)
{
    return target_items(v->target) / v->cycles;
}
static double cycles_per_item(const struct view *v)
{
    return v->cycles / target_items(v->target);
}
static double cycle_speedup(const struct view *v)
{
    return speedup(v) * v->base_frequency / v->frequency;
}
static double perturbation(const struct view *v)
{
    return v->x[RAW_WALL_COUNTED] / v->x[RAW_WALL] - 1;
}
static double voluntary(const struct view *v)
{
    return v->x[RAW_VOLUNTARY];
}
static double involuntary(const struct view *v)
{
    return v->x[RAW_INVOLUNTARY];
}
static double busy(const struct view *v)
{
    return v->x[RAW_BUSY];
}
static double spin(const struct view *v)
{
    return v->x[RAW_SPIN];
}
static double region(const struct view *v)
{
    return v->x[RAW_REGION];
}
static double serial(const struct view *v)
{
    return v->x[RAW_WALL] - v->x[RAW_REGION];
}
static double load_balance(const struct view *v)
{
    return v->x[RAW_BUSY] / (v->target->plan->threads * v->x[RAW_MAX_BUSY]);
}

/* Rates of siblings, whatever their shares: 1 where neither holds the other back more. */
static double fairness(const struct view *v)
{
    return v->x[RAW_FAIRNESS];
}

static double user(const struct view *v)
{
    return v->x[RAW_USER];
}
static double in_kernel(const struct view *v)
{
    return v->x[RAW_SYSTEM];
}
static double resident(const struct view *v)
{
    return v->x[RAW_RSS];
}
/* Throughput over that of one per core: copies of a program are items too. */
static double over_one_per_core(const struct view *v)
{
    const struct target *one = v->target->one_per_core;

    return throughput(v) * v->one_per_core[RAW_WALL] / target_items(one);
}
/* IPC is told per thread; those of a core share its cycles. */
static double core_ipc(const struct view *v)
{
    double threads = v->target->plan->threads, cores = threads;

    if (v->target->plan->placement == PS_PLACE_TWO_PER_CORE)
        cores = threads / 2;
    else if (v->target->plan->placement == PS_PLACE_PACKED)
        cores = ceil(threads / 2);
    return ipc(v) * threads / cores;
}

const struct metric_row metric_rows[] = {
    {"wall_time", wall, TIMES},
    {"wall_time_idle", wall_idle, TIMES, SCOPE_MEASURED | SCOPE_BUILT_IN},
    {"speedup", speedup, TIMES, SCOPE_RELATIVE},
    {"speedup_idle", speedup_idle, TIMES, SCOPE_RELATIVE | SCOPE_MEASURED | SCOPE_BUILT_IN},
    {"efficiency", efficiency, TIMES, SCOPE_RELATIVE | SCOPE_CONCURRENT},
    {"throughput", throughput, TIMES},
    {"smt_effect", over_one_per_core, TIMES, SCOPE_TWO_PER_CORE},
    {"packed_effect", over_one_per_core, TIMES, SCOPE_PACKED},
    {"cpu_time", cpu_time, COUNTED_TIME},
    {"user_time", user, CPU_KIND, SCOPE_PROGRAM},
    {"system_time", in_kernel, CPU_KIND, SCOPE_PROGRAM},
    {"utilization", utilization, COUNTED_TIME},
    {"max_rss", resident, MEMORY, SCOPE_PROGRAM},
    {"cycles", cycles, CYCLES},
    {"instructions", instructions, INSTRUCTIONS},
    {"ipc", ipc, BOTH},
    {"core_ipc", core_ipc, BOTH, SCOPE_SMT},
    {"fairness", fairness, TIMES, SCOPE_TWO_PER_CORE | SCOPE_MEASURED | SCOPE_BUILT_IN},
    {"frequency", frequency, FREQUENCY},
    {"items_per_cycle", items_per_cycle, CYCLES, SCOPE_BUILT_IN},
    {"cycles_per_item", cycles_per_item, CYCLES, SCOPE_BUILT_IN},
    {"cycle_speedup", cycle_speedup, CYCLE_RATIO, SCOPE_RELATIVE | SCOPE_PARALLEL},
    {"counting_overhead", perturbation, COUNTED_TIME, SCOPE_BUILT_IN},
    {"voluntary_switches", voluntary, SWITCHES},
    {"involuntary_switches", involuntary, SWITCHES},
    {"busy_time", busy, SLOTS, SCOPE_BUILT_IN},
    {"spin_time", spin, SLOTS, SCOPE_BUILT_IN},
    {"region_time", region, SLOTS, SCOPE_BUILT_IN},
    {"serial_time", serial, SLOTS, SCOPE_BUILT_IN},
    {"load_balance", load_balance, SLOTS, SCOPE_PARALLEL | SCOPE_BUILT_IN},
    {0},
};

/* What a count is without the share of the CPU time that the runtime spun. */
static double useful_count(const struct session *s, const struct target *t, const double *x,
                           const char *event)
{
    size_t i = verdict_event(s, event);
    double share = x[RAW_CPU] > 0 ? useful_cpu(x) / x[RAW_CPU] : 1;

    return verdict_counted(s, t, i) ? x[RAW_FIXED + i] * share : NAN;
}

static double clock_of(const struct session *s, const struct target *t, const double *x)
{
    double cycles = useful_count(s, t, x, "cycles");

    return isnan(cycles) || !verdict_counts_clock(s, t) ? x[RAW_FREQUENCY] : cycles / useful_cpu(x);
}

struct view view_of(const struct session *s, const struct target *t, size_t round)
{
    struct view v = {
        .target = t,
        .x = target_raw(s, t, round),
        .base = t->baseline ? target_raw(s, t->baseline, round) : NULL,
        .one_per_core = t->one_per_core ? target_raw(s, t->one_per_core, round) : NULL,
        .base_frequency = NAN,
        .p = series_p(t),
    };
    double counted = useful_count(s, t, v.x, "cycles");

    v.frequency = clock_of(s, t, v.x);
    if (v.base)
        v.base_frequency = clock_of(s, t->baseline, v.base);
    v.cycles = isnan(counted) ? v.frequency * useful_cpu(v.x) : counted;
    v.instructions = useful_count(s, t, v.x, "instructions");
    return v;
}

bool metric_applies(const struct session *s, const struct target *t, const struct metric_row *row)
{
    enum ps_placement placement = t->plan->placement;
    unsigned scope = row->scope;

    if ((scope & SCOPE_RELATIVE && !t->baseline) || (scope & SCOPE_PARALLEL && t->plan->baseline))
        return false;
    if (scope & SCOPE_CONCURRENT && t->plan->strategy->no_efficiency)
        return false;
    if (scope & (t->workload->program ? SCOPE_BUILT_IN : SCOPE_PROGRAM))
        return false;
    if ((scope & SCOPE_PACKED && placement != PS_PLACE_PACKED) ||
        (scope & SCOPE_TWO_PER_CORE && placement != PS_PLACE_TWO_PER_CORE))
        return false;
    return !(scope & SCOPE_SMT) || t->one_per_core;
}

const struct metric_row *metric_row_find(const char *id)
{
    for (const struct metric_row *row = metric_rows; row->id; row++)
        if (!strcmp(row->id, id))
            return row;
    return stack_row_find(id);
}

/* Of a point as a whole: rounds chosen by how they went would tell of none of them. */
static bool uses_its_cpus(const struct session *s, const struct target *t)
{
    return metric_median(s, t, "utilization") > FULL_USE;
}

/* Whether the whole point has no value, whatever its rounds say. */
static bool withheld(const struct session *s, const struct target *t, const struct metric_row *row)
{
    return row->source == CYCLE_RATIO && !(uses_its_cpus(s, t) && uses_its_cpus(s, t->baseline));
}

/* Each round's CPU time by the share that the kind has of all rounds'. */
static void share_out(const struct session *s, const struct target *t, const struct metric_row *row,
                      double *samples)
{
    double kind = 0, both = 0;

    for (size_t r = 0; r < s->rounds; r++) {
        struct view v = view_of(s, t, r);

        samples[r] = user(&v) + in_kernel(&v);
        if (isnan(samples[r]))
            continue;
        kind += row->value(&v);
        both += samples[r];
    }
    for (size_t r = 0; both > 0 && r < s->rounds; r++)
        samples[r] *= kind / both;
}

void metric_samples(const struct session *s, const struct target *t, const struct metric_row *row,
                    double *samples)
{
    bool none = withheld(s, t, row);

    if (row->source == CPU_KIND && verdict_shares_out(s, t)) {
        share_out(s, t, row, samples);
        return;
    }
    for (size_t r = 0; r < s->rounds; r++) {
        struct view v = view_of(s, t, r);

        samples[r] = none ? NAN : row->value(&v);
        if (!isfinite(samples[r]))
            samples[r] = NAN;
    }
}

double metric_median(const struct session *s, const struct target *t, const char *id)
{
    double *x = calloc(2 * s->rounds + 1, sizeof *x), median = NAN;

    if (x) {
        metric_samples(s, t, metric_row_find(id), x);
        median = ps_median(x, s->rounds, x + s->rounds);
    }
    free(x);
    return median;
}
