/* Metrics of one round, each a function of its name and a row of metrics.def. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "verdict.h"

#define FULL_USE 0.95 /* below it, part of the speedup's loss is idleness, not the clock */

static double speedup(const struct view *v)
{
    return v->work * v->base[PS_RAW_WALL] / v->x[PS_RAW_WALL];
}
static double speedup_idle(const struct view *v)
{
    return v->work * v->base[PS_RAW_WALL_IDLE] / v->x[PS_RAW_WALL_IDLE];
}
static double efficiency(const struct view *v)
{
    return speedup(v) / v->p;
}
static double throughput(const struct view *v)
{
    return ps_series_items(v->target) / v->x[PS_RAW_WALL];
}
static double cpu_time(const struct view *v)
{
    return ps_useful_cpu(v->x);
}
static double cpus_used(const struct view *v)
{
    return ps_useful_cpu(v->x) / v->x[PS_RAW_WALL_COUNTED];
}
static double utilization(const struct view *v)
{
    return ps_useful_cpu(v->x) / (v->p * v->x[PS_RAW_WALL_COUNTED]);
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
    return ps_series_items(v->target) / v->cycles;
}
static double cycles_per_item(const struct view *v)
{
    return v->cycles / ps_series_items(v->target);
}
static double cycle_speedup(const struct view *v)
{
    return speedup(v) * v->base_frequency / v->frequency;
}
static double counting_overhead(const struct view *v)
{
    return v->x[PS_RAW_WALL_COUNTED] / v->x[PS_RAW_WALL] - 1;
}
static double serial_time(const struct view *v)
{
    return v->x[PS_RAW_WALL] - v->x[PS_RAW_REGION];
}
static double load_balance(const struct view *v)
{
    return v->x[PS_RAW_BUSY] / (v->target->plan->threads * v->x[PS_RAW_MAX_BUSY]);
}

/* Throughput over that of one per core: copies of a program are items too. */
static double over_one_per_core(const struct view *v)
{
    const struct ps_series *one = v->target->one_per_core;

    return throughput(v) * v->one_per_core[PS_RAW_WALL] / ps_series_items(one);
}
static double smt_effect(const struct view *v)
{
    return over_one_per_core(v);
}
static double packed_effect(const struct view *v)
{
    return over_one_per_core(v);
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

#define PS_RAW_METRIC(column, id, unit, source, scope, combine, title, look, help) \
    {#id, NULL, PS_RAW_##column, combine, source, scope},
#define PS_METRIC(id, unit, source, scope, title, look, help) \
    {#id, id, NO_COLUMN, PS_COMBINE_MEDIAN, source, scope},

const struct metric_row metric_rows[] = {
#include "metrics.def"
    {NULL},
};

#define PS_STACK_METRIC(id, unit, source, scope, title, look, help) \
    {#id, NULL, NO_COLUMN, PS_COMBINE_MEDIAN, source, scope},

const struct metric_row metric_terms[PS_STACK_TERMS] = {
#include "metrics.def"
};

bool metric_is_term(const struct metric_row *row)
{
    return !row->value && row->column == NO_COLUMN;
}

double metric_value(const struct metric_row *row, const struct view *v)
{
    return row->value ? row->value(v) : v->x[row->column];
}

/* Indices of events that are counted; of the others event_count. */
struct counts {
    size_t cycles, clock, instructions;
};

static struct counts counts_of(const struct ps_samples *s, const struct ps_series *t)
{
    size_t cycles = verdict_event(s, "cycles"), instructions = verdict_event(s, "instructions");

    if (!verdict_counted(s, t, cycles))
        cycles = s->event_count;
    if (!verdict_counted(s, t, instructions))
        instructions = s->event_count;
    return (struct counts){cycles, verdict_counts_clock(s, t) ? cycles : s->event_count,
                           instructions};
}

/* What a count is without the share of the CPU time that the runtime spun. */
static double useful_count(const struct ps_samples *s, const double *x, size_t event)
{
    double share = x[PS_RAW_CPU] > 0 ? ps_useful_cpu(x) / x[PS_RAW_CPU] : 1;

    return event < s->event_count ? x[PS_RAW_FIXED + event] * share : NAN;
}

static double clock_of(const struct ps_samples *s, const struct counts *c, const double *x)
{
    double cycles = useful_count(s, x, c->clock);

    return isnan(cycles) ? x[PS_RAW_FREQUENCY] : cycles / ps_useful_cpu(x);
}

/* A point and its reference, for all rounds. */
struct sight {
    struct counts own, base;
};

static struct sight sight_of(const struct ps_samples *s, const struct ps_series *t)
{
    struct counts own = counts_of(s, t);

    return (struct sight){own, t->baseline ? counts_of(s, t->baseline) : own};
}

static struct view look(const struct ps_samples *s, const struct ps_series *t,
                        const struct sight *at, size_t round)
{
    struct view v = {
        .target = t,
        .x = ps_raw(s, t, round),
        .base = t->baseline ? ps_raw(s, t->baseline, round) : NULL,
        .one_per_core = t->one_per_core ? ps_raw(s, t->one_per_core, round) : NULL,
        .base_frequency = NAN,
        .p = series_p(t),
        .work = t->plan->work,
    };
    double counted = useful_count(s, v.x, at->own.cycles);

    v.frequency = clock_of(s, &at->own, v.x);
    if (v.base)
        v.base_frequency = clock_of(s, &at->base, v.base);
    v.cycles = isnan(counted) ? v.frequency * ps_useful_cpu(v.x) : counted;
    v.instructions = useful_count(s, v.x, at->own.instructions);
    return v;
}

struct view view_of(const struct ps_samples *s, const struct ps_series *t, size_t round)
{
    const struct sight at = sight_of(s, t);

    return look(s, t, &at, round);
}

bool metric_applies(const struct ps_samples *s, const struct ps_series *t,
                    const struct metric_row *row)
{
    enum ps_placement placement = t->plan->placement;
    unsigned scope = row->scope;

    if ((scope & PS_SCOPE_RELATIVE && !t->baseline) ||
        (scope & PS_SCOPE_PARALLEL && t->plan->baseline))
        return false;
    if (s->plan->against_plain && scope & PS_SCOPE_RELATIVE && strcmp(row->id, "speedup"))
        return false;
    if (scope & PS_SCOPE_CONCURRENT && t->plan->strategy->no_efficiency)
        return false;
    if (scope & (t->workload->program ? PS_SCOPE_BUILT_IN : PS_SCOPE_PROGRAM))
        return false;
    if ((scope & PS_SCOPE_PACKED && placement != PS_PLACE_PACKED) ||
        (scope & PS_SCOPE_TWO_PER_CORE && placement != PS_PLACE_TWO_PER_CORE))
        return false;
    return !(scope & PS_SCOPE_SMT) || t->one_per_core;
}

const struct metric_row *metric_row_find(const char *id)
{
    for (const struct metric_row *row = metric_rows; row->id; row++)
        if (!strcmp(row->id, id))
            return row;
    return ps_stack_find(id) < PS_STACK_TERMS ? &metric_terms[ps_stack_find(id)] : NULL;
}

/* Of a point as a whole: rounds chosen by how they went would tell of none of them. */
static bool uses_its_cpus(const struct ps_samples *s, const struct ps_series *t)
{
    return metric_median(s, t, "utilization") > FULL_USE;
}

/* Whether the whole point has no value, whatever its rounds say. */
static bool withheld(const struct ps_samples *s, const struct ps_series *t,
                     const struct metric_row *row)
{
    if (row->combine == PS_COMBINE_SHARES)
        return !verdict_splits(s, t);
    return row->source == PS_SOURCE_CYCLE_RATIO &&
           !(uses_its_cpus(s, t) && uses_its_cpus(s, t->baseline));
}

/* Each round's CPU time by the share that the kind has of all rounds'. */
static void share_out(const struct ps_samples *s, const struct ps_series *t,
                      const struct metric_row *row, double *samples)
{
    double kind = 0, both = 0;

    for (size_t r = 0; r < s->rounds; r++) {
        struct view v = view_of(s, t, r);

        samples[r] = v.x[PS_RAW_USER] + v.x[PS_RAW_SYSTEM];
        if (isnan(samples[r]))
            continue;
        kind += metric_value(row, &v);
        both += samples[r];
    }
    for (size_t r = 0; both > 0 && r < s->rounds; r++)
        samples[r] *= kind / both;
}

void metric_samples(const struct ps_samples *s, const struct ps_series *t,
                    const struct metric_row *row, double *samples)
{
    const struct sight at = sight_of(s, t);
    bool none = withheld(s, t, row);

    if (!none && row->combine == PS_COMBINE_SHARES && verdict_shares_out(s, t)) {
        share_out(s, t, row, samples);
        return;
    }
    for (size_t r = 0; r < s->rounds; r++) {
        struct view v = look(s, t, &at, r);

        samples[r] = none ? NAN : metric_value(row, &v);
        if (!isfinite(samples[r]))
            samples[r] = NAN;
    }
}

double metric_median(const struct ps_samples *s, const struct ps_series *t, const char *id)
{
    double *x = calloc(2 * s->rounds + 1, sizeof *x), median = NAN;

    if (x) {
        metric_samples(s, t, metric_row_find(id), x);
        median = ps_median(x, s->rounds, x + s->rounds);
    }
    free(x);
    return median;
}
