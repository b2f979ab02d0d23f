/* Speedups that are more than the CPUs can give, and what mostly waits. */
#include <math.h>

#include "finding.h"
#include "series.h"
#include "subject.h"

#define ABOVE  1.01 /* of the CPUs, that is worth a finding */
#define CHANGE 1.05 /* of a factor that explains it */

static double above_the_cpus(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const struct ps_metric *m = ps_point_metric(&r->points[point], "speedup");
    double p = s->series[point].plan->p;

    if (!m || r->points[point].baseline || ps_point_is_outside(&r->points[point]) ||
        ps_point_against_plain(r, &r->points[point]) || !(m->low > p) || !(m->value > ABOVE * p) ||
        !finding_computes(r, &r->points[point]) || ps_point_disturbed(&r->points[point]))
        return NAN;
    return m->value / p;
}

/* By the factors of the stack, where they are known. */
static const char *kind_of_work(const struct ps_result *r, const struct ps_point *p)
{
    if (ps_point_value(p, "instruction_scaling") > CHANGE)
        return "fewer instructions: less work is done, as in a search that ends early, or the "
               "reference has more to execute";
    if (ps_point_value(p, "ipc_scaling") > CHANGE)
        return "more instructions per cycle, as when the data fit into the caches of several cores";
    if (ps_point_value(p, "frequency_scaling") > CHANGE)
        return "a higher clock";
    return "less work is done, as in a search that ends early, or the data fit into the caches of "
           "several cores, or the reference's code is slower";
}

static const char *cause_of(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const struct ps_point *p = &r->points[point], *base = ps_result_baseline(r, p);
    int slowed = finding_slowed_reference(s, r, point);
    double own = ps_point_value(p, "cpu_time"), reference = ps_point_value(base, "cpu_time");

    if (slowed >= 0)
        return ps_arena_format(
            r->arena,
            "The reference ran on CPU %d, whose physical core something else used "
            "at the time: the CPUs were not equally fast.",
            slowed);
    if (own * CHANGE < reference)
        return ps_arena_format(
            r->arena,
            "It took %s of CPU time against %s (%s times as much), so no serial fraction is given. "
            "Reason: %s.",
            finding_time(r, own), finding_time(r, reference), finding_ratio(r, own / reference),
            kind_of_work(r, p));
    if (ps_point_value(base, "cpu_time") / ps_point_value(base, "wall_time") * CHANGE < 1)
        return "The reference leaves its CPU idle part of the time, and the threads overlap these "
               "pauses.";
    if (isnan(own / reference))
        return "Its CPU time, which would show whether less work is done, is not known.";
    return "It takes as much CPU time as the reference: nothing that was measured explains why.";
}

void find_superlinear(const struct ps_samples *s, struct ps_result *r)
{
    size_t *points = ps_arena_array(r->arena, r->point_count, sizeof *points);

    for (size_t i = 0; i < r->point_count; i++) {
        size_t count = finding_group(s, r, i, above_the_cpus, points);
        const struct ps_point *p = &r->points[points[0]];
        struct ps_finding *f;

        if (!count)
            continue;
        f = finding_say(r, "superlinear", PS_INFO,
                        "Superlinear: %s %s %s × as fast on %.10g CPU%s. %s%s",
                        ps_subject_here(r, p), s->plan->programs ? "are" : "is",
                        finding_ratio(r, ps_point_value(p, "speedup")),
                        s->series[points[0]].plan->p, s->series[points[0]].plan->p == 1 ? "" : "s",
                        cause_of(s, r, points[0]), finding_others(r, points, count));
        for (size_t k = 0; k < count; k++)
            finding_concerns(r, f, points[k]);
    }
}

static double overlap(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const struct ps_point *p = &r->points[point];

    return p->baseline || !ps_result_baseline(r, p) || ps_point_against_plain(r, p) ||
                   finding_computes(r, p) || ps_point_disturbed(p)
               ? NAN
               : ps_point_value(p, "speedup");
}

static const char *alone(const struct ps_result *r, const struct ps_samples *s,
                         const struct ps_point *base)
{
    return ps_arena_format(r->arena, "%s%s", s->plan->programs ? "one thread of " : "sequential ",
                           ps_subject_short(r, base));
}

void find_latency(const struct ps_samples *s, struct ps_result *r)
{
    size_t *points = ps_arena_array(r->arena, r->point_count, sizeof *points);

    for (size_t i = 0; i < r->point_count; i++) {
        size_t count = finding_group(s, r, i, overlap, points);
        const struct ps_point *p = &r->points[points[0]], *base = ps_result_baseline(r, p);
        const char *unobserved = count ? finding_unobserved(r, &r->points[points[count - 1]]) : "";
        struct ps_finding *f;

        if (!count)
            continue;
        f = finding_say(
            r, "latency", PS_INFO,
            "Latency: %s waits for %.0f %% of its time, so speedup comes from overlapping waits, "
            "and more threads than CPUs may overlap more. Clock, CPU use and lost cores say little "
            "here.%s%s",
            alone(r, s, base),
            100 * (1 - ps_point_value(base, "cpu_time") / ps_point_value(base, "wall_time")),
            *unobserved ? " " : "", unobserved);
        for (size_t k = 0; k < count; k++)
            finding_concerns(r, f, points[k]);
    }
}
