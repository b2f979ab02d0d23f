/* Findings: sentences with evidence. Each is one function and one row of list.def. */
#include <math.h>
#include <string.h>

#include "duration.h"
#include "findings.h"
#include "finding.h"
#include "custom.h"
#include "subject.h"
#include "units.h"
#include "verdict.h"

#define FAR_BELOW       0.8 /* of the bound */
#define LOW_UTILIZATION 0.75
#define TINY            100e-6 /* s */
#define NO_LOSS         0.98   /* a speedup that nobody would call a loss */

/* "; after 1 ms of idleness 412 × as long (28 us against 68 ns)" */
static const char *idle_clause(const struct ps_result *r, const struct ps_point *p,
                               const struct ps_point *base)
{
    double speedup = ps_point_value(p, "speedup_idle");

    if (isnan(speedup))
        return "";
    return ps_arena_format(r->arena, "; after 1 ms of idleness %s × as %s (%s against %s)",
                           finding_ratio(r, speedup < 1 ? 1 / speedup : speedup),
                           speedup < 1 ? "long" : "fast",
                           finding_time(r, ps_point_value(p, "wall_time_idle")),
                           finding_time(r, ps_point_value(base, "wall_time_idle")));
}

/* By the interval; of too few rounds for one, by far. */
static bool clearly_below(const struct ps_metric *m, double bound)
{
    return m && (isnan(m->high) ? m->value < FAR_BELOW * bound : m->high < bound);
}

/* Where the crossover tells it, losing below and idling around it is no news. */
static bool tells_crossovers(const struct ps_result *r)
{
    return r->grain_count > 0;
}

static double slowness(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const struct ps_point *p = &r->points[point];
    const struct ps_metric *speedup = ps_point_metric(p, "speedup");

    if (p->baseline || p->threads < 2 || !ps_result_baseline(r, p) ||
        ps_point_against_plain(r, p) || !clearly_below(speedup, 1) || speedup->value > NO_LOSS ||
        ps_point_disturbed(p))
        return NAN;
    return 1 / speedup->value;
}

/* Work that is over before threads have begun. */
static bool tiny(const struct ps_samples *s, const struct ps_point *base)
{
    return !s->plan->programs && ps_point_value(base, "wall_time") < TINY;
}

void find_parallel_slower(const struct ps_samples *s, struct ps_result *r)
{
    size_t *points = ps_arena_array(r->arena, r->point_count, sizeof *points);

    for (size_t i = 0; i < r->point_count && !tells_crossovers(r); i++) {
        size_t count = finding_group(s, r, i, slowness, points);
        const struct ps_point *p = &r->points[points[0]], *base = ps_result_baseline(r, p);
        struct ps_finding *f;

        if (!count)
            continue;
        f = finding_say(
            r, "parallel-slower", PS_WARNING,
            "Parallel is slower on %s: %s %s %s × as long as %s (%s against %s)%s.%s%s",
            ps_subject_short(r, p), ps_subject_name(r, p),
            s->plan->programs && !ps_point_is_outside(p) ? "take" : "takes",
            finding_ratio(r, slowness(s, r, points[0])), s->plan->programs ? "one" : "sequential",
            finding_time(r, ps_point_value(p, "wall_time")),
            finding_time(r, ps_point_value(base, "wall_time")), idle_clause(r, p, base),
            tiny(s, base) ? " Run so little work sequentially, or in larger pieces." : "",
            finding_others(r, points, count));
        for (size_t k = 0; k < count; k++)
            finding_concerns(r, f, points[k]);
    }
}

void find_oversubscribed(const struct ps_samples *s, struct ps_result *r)
{
    const struct ps_plan_point *plan;
    struct ps_finding *f;
    size_t worst = r->point_count;

    for (size_t i = 0; i < r->point_count; i++)
        if (r->points[i].oversubscribed &&
            (worst == r->point_count || r->points[i].threads > r->points[worst].threads))
            worst = i;
    if (worst == r->point_count)
        return;
    plan = &s->plan->points[worst];
    f = finding_say(
        r, "oversubscribed", PS_WARNING,
        "Oversubscribed: up to %u threads share %.10g CPU%s%s and take turns; efficiency is "
        "relative to the CPUs.",
        plan->threads, plan->p, plan->p > 1 ? "s" : "",
        plan->p < plan->distinct_cpus ? " of the cgroup's quota" : "");
    for (size_t i = 0; i < r->point_count; i++)
        if (r->points[i].oversubscribed)
            finding_concerns(r, f, i);
}

static bool is_open(const struct ps_samples *s, const char *event)
{
    size_t i = verdict_event(s, event);

    return i < s->event_count && s->events[i].state != PS_COUNT_UNAVAILABLE;
}

/* Whether an event of -e is not counted: then its absence changes the answer. */
static bool asked_in_vain(const struct ps_samples *s)
{
    for (size_t i = 0; i < s->plan->event_count; i++)
        if (!is_open(s, s->plan->events[i]))
            return true;
    return false;
}

void find_counters_missing(const struct ps_samples *s, struct ps_result *r)
{
    const char *why = s->plan->fake ? NULL : ps_counters_diagnosis(s->counters);
    enum ps_severity severity = asked_in_vain(s) ? PS_WARNING : PS_INFO;

    if (!why || s->plan->no_events)
        return;
    if (is_open(s, "cycles"))
        finding_say(r, "counters-missing", severity,
                    "No instructions: %s. Cycles are counted; instructions and IPC are "
                    "unavailable.",
                    why);
    else
        finding_say(
            r, "counters-missing", severity, "No hardware counters: %s. %s", why,
            s->plan->programs
                ? "Cycles, instructions, IPC and the clock are unavailable."
                : "Core cycles are estimated from the clock, which is measured with chains of "
                  "dependent instructions; instructions and IPC are unavailable.");
}

void find_groups_split(const struct ps_samples *s, struct ps_result *r)
{
    const char *const *sentences;
    size_t count = ps_counters_warnings(s->counters, &sentences);

    for (size_t i = 0; i < count; i++)
        finding_say(r, "groups-split", PS_WARNING, "%s", sentences[i]);
}

static double idleness(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const struct ps_point *p = &r->points[point];
    const struct ps_plan_point *plan = &s->plan->points[point];
    double used = ps_point_value(p, "utilization");

    if (p->baseline || !(plan->p > 1) || !plan->asked || !(used < LOW_UTILIZATION) ||
        clearly_below(ps_point_metric(p, "speedup"), 1) || !finding_computes(r, p) ||
        ps_point_disturbed(p))
        return NAN;
    return plan->p * (1 - used);
}

void find_idle_cpus(const struct ps_samples *s, struct ps_result *r)
{
    size_t *points = ps_arena_array(r->arena, r->point_count, sizeof *points);

    for (size_t i = 0; i < r->point_count && !tells_crossovers(r); i++) {
        size_t count = finding_group(s, r, i, idleness, points);
        double cpus = s->plan->points[points[0]].p;
        struct ps_finding *f;

        if (!count)
            continue;
        f = finding_say(r, "idle-cpus", PS_INFO,
                        "Idle CPUs: %s put %.1f of %.10g CPUs to use on average.%s",
                        ps_subject_of(r, &r->points[points[0]]), cpus - idleness(s, r, points[0]),
                        cpus, finding_others(r, points, count));
        for (size_t k = 0; k < count; k++)
            finding_concerns(r, f, points[k]);
    }
}

static const char *digits(const struct ps_result *r, double x)
{
    return ps_arena_format(r->arena, "%.10g", x);
}

/* What the numbers of a timed run mean. */
void find_timed(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->plan->workload_count; i++) {
        const struct ps_plan_workload *w = &s->plan->workloads[i];
        struct ps_finding *f;

        if (!(duration_of(w) > 0))
            continue;
        f = finding_say(
            r, "timed", PS_INFO,
            "Timed: each execution of %s does as much as it can in %s. Times and counts are scaled "
            "to doing all %s %s once at that rate%s.",
            w->bound->label, finding_time(r, duration_of(w)), digits(r, w->size.items),
            w->ops->unit, custom_count(w->ops) ? "; what it measures itself is not scaled" : "");
        for (size_t k = 0; k < r->point_count; k++)
            if (s->plan->workloads[s->plan->points[k].workload].unit == i)
                finding_concerns(r, f, k);
    }
}

void find_skipped(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->plan->skipped_count; i++)
        finding_say(r, "skipped", PS_INFO, "%s", s->plan->skipped[i]);
}

static const char *more_rounds(const struct ps_result *r)
{
    double wanted = ps_result_time_for(r, PS_MIN_ROUNDS);

    if (isnan(wanted))
        return "Ask for more with --runs.";
    return ps_arena_format(r->arena, "Use --max-time %.0fs.", wanted);
}

void find_few_rounds(const struct ps_samples *s, struct ps_result *r)
{
    if (s->rounds >= PS_MIN_ROUNDS || s->plan->request->program.attach ||
        r->plan.ended_by == PS_END_INTERRUPT || r->plan.ended_by == PS_END_FAILURE)
        return;
    finding_say(r, "few-rounds", PS_WARNING,
                "Only %zu round%s, so no intervals (±): they need at least %d. %s", s->rounds,
                s->rounds == 1 ? "" : "s", PS_MIN_ROUNDS, more_rounds(r));
}

/* As its points are called. */
static const char *model_subject(const struct ps_result *r, const struct ps_model *m)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (!strcmp(r->points[i].workload_label, m->workload_label))
            return ps_subject_short(r, &r->points[i]);
    return m->workload_label;
}

void find_best_threads(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < r->model_count; i++) {
        const struct ps_model *m = &r->models[i];
        const char *under = strcmp(m->strategy_label, PS_STRATEGY_PROGRAM)
                                ? ps_arena_format(r->arena, " under %s", m->strategy_label)
                                : "";

        if (!isnan(m->best_threads))
            finding_say(r, "best-threads", PS_INFO,
                        "Best for %s%s (%s): %.0f thread%s, the fewest within 5 %% of the best "
                        "throughput.",
                        model_subject(r, m), under, m->placement, m->best_threads,
                        m->best_threads == 1 ? "" : "s");
    }
}

void find_rounds_for_checks(const struct ps_samples *s, struct ps_result *r)
{
    if (s->focused)
        finding_say(r, "rounds-for-checks", PS_INFO,
                    "%zu of the %zu rounds measured only the points that checks judge.", s->focused,
                    s->rounds);
}

void ps_findings_add(const struct ps_samples *s, struct ps_result *r)
{
#define PS_ROW(file, name) find_##name,
    static finding_fn *const all[] = {
#include "list.def"
    };
#undef PS_ROW

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i](s, r);
}
