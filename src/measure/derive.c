/* Metrics of one round, as design and docs define them. Each is one function and one row. */
#include <math.h>

#include "derive.h"
#include "verdict.h"

#define FULL_UTILIZATION                                                    \
    0.95 /* below it, part of the speedup's loss is idleness, not the clock \
          */

static double useful_cpu(const double *x)
{
    return x[RAW_CPU] - x[RAW_CPU_SPIN];
}

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
    return v->lane->workload->size.items / v->x[RAW_WALL];
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
    return v->lane->workload->size.items / v->cycles;
}
static double cycles_per_item(const struct view *v)
{
    return v->cycles / v->lane->workload->size.items;
}
static double cycle_speedup(const struct view *v)
{
    return utilization(v) > FULL_UTILIZATION ? speedup(v) * v->base_frequency / v->frequency : NAN;
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
    return v->x[RAW_BUSY] / (v->lane->plan->threads * v->x[RAW_MAX_BUSY]);
}

const struct metric_row metric_rows[] = {
    {"wall_time", wall, TIMES},
    {"wall_time_idle", wall_idle, TIMES, false, true},
    {"speedup", speedup, TIMES},
    {"speedup_idle", speedup_idle, TIMES, false, true},
    {"efficiency", efficiency, TIMES},
    {"throughput", throughput, TIMES},
    {"cpu_time", cpu_time, COUNTED_TIME},
    {"utilization", utilization, COUNTED_TIME},
    {"cycles", cycles, CYCLES},
    {"instructions", instructions, INSTRUCTIONS},
    {"ipc", ipc, BOTH},
    {"frequency", frequency, FREQUENCY},
    {"items_per_cycle", items_per_cycle, CYCLES},
    {"cycles_per_item", cycles_per_item, CYCLES},
    {"cycle_speedup", cycle_speedup, CYCLE_RATIO, true},
    {"counting_overhead", perturbation, COUNTED_TIME},
    {"voluntary_switches", voluntary, SWITCHES},
    {"involuntary_switches", involuntary, SWITCHES},
    {"busy_time", busy, SLOTS},
    {"spin_time", spin, SLOTS},
    {"region_time", region, SLOTS},
    {"serial_time", serial, SLOTS},
    {"load_balance", load_balance, SLOTS, true},
    {0},
};

/* What a count is without the share of the CPU time that the runtime spun. */
static double useful_count(const struct session *s, const struct lane *l, const double *x,
                           const char *event)
{
    size_t i = verdict_event(s, event);
    double share = x[RAW_CPU] > 0 ? useful_cpu(x) / x[RAW_CPU] : 1;

    return verdict_counted(s, l, i) ? x[RAW_FIXED + i] * share : NAN;
}

static double clock_of(const double *x, double counted_cycles)
{
    return isnan(counted_cycles) ? x[RAW_FREQUENCY] : counted_cycles / useful_cpu(x);
}

struct view view_of(const struct session *s, const struct lane *l, size_t round)
{
    struct view v = {
        .lane = l,
        .x = lane_raw(s, l, round),
        .base = lane_raw(s, l->baseline, round),
        .p = series_p(l),
    };
    double counted = useful_count(s, l, v.x, "cycles");

    v.frequency = clock_of(v.x, counted);
    v.base_frequency = clock_of(v.base, useful_count(s, l->baseline, v.base, "cycles"));
    v.cycles = isnan(counted) ? v.frequency * useful_cpu(v.x) : counted;
    v.instructions = useful_count(s, l, v.x, "instructions");
    return v;
}
