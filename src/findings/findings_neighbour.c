/* Who else uses the physical cores, by the neighbour index: a hypervisor's other guests. */
#include <math.h>

#include "finding.h"
#include "plan.h"

/* An emulated CPU does one instruction after the other: there a low index says nothing. */
#define INDEX_LEAST 1.5
#define INDEX_LOW   0.8  /* of the best round's */
#define INDEX_CORE  2.5  /* independent adds a cycle that every recent core reaches when alone */
#define NOISE       0.05 /* relative, between rounds that are alike */
#define CPUS_NAMED  8

struct seen {
    size_t rounds, low; /* that have an index, and of these those of a core that is shared */
    double best;
};

static double best_index(const struct ps_result *r)
{
    double best = NAN;

    for (size_t i = 0; i < r->host.neighbour_round_count; i++)
        best = fmax(best, r->host.neighbour_rounds[i]);
    return best;
}

static struct seen look(const double *rounds, size_t count, double best)
{
    struct seen s = {.best = best};

    for (size_t i = 0; i < count; i++) {
        s.rounds += !isnan(rounds[i]);
        s.low += rounds[i] < INDEX_LOW * best || rounds[i] < INDEX_CORE;
    }
    return s;
}

/* A quarter of the rounds: who comes and goes is a neighbour too. */
static bool is_busy(struct seen s)
{
    return s.rounds && 4 * s.low >= s.rounds && s.best >= INDEX_LEAST;
}

/* Of each CPU with an index, in their order, whether something else used its core. */
static bool *find_slowed(const struct ps_result *r)
{
    const struct ps_neighbour_cpu *c = r->host.neighbour_cpus;
    const double best = best_index(r);
    bool *slowed = ps_arena_array(r->arena, r->host.neighbour_cpu_count, sizeof *slowed);

    for (size_t i = 0; i < r->host.neighbour_cpu_count; i++)
        slowed[i] = is_busy(look(c[i].rounds, c[i].count, best));
    return slowed;
}

static bool is_slowed(const struct ps_result *r, const bool *slowed, int cpu)
{
    for (size_t i = 0; i < r->host.neighbour_cpu_count; i++)
        if (r->host.neighbour_cpus[i].cpu == cpu)
            return slowed[i];
    return false;
}

/* "the core of CPU 1"; "the same physical cores" where it is not known, or all of them or too many.
 */
static const char *cores(const struct ps_result *r, const bool *slowed)
{
    const struct ps_neighbour_cpu *c = r->host.neighbour_cpus;
    const char *names = NULL;
    size_t count = 0;

    for (size_t i = 0; i < r->host.neighbour_cpu_count; i++) {
        if (!slowed[i])
            continue;
        names = count++ ? ps_arena_format(r->arena, "%s, %d", names, c[i].cpu)
                        : ps_arena_format(r->arena, "%d", c[i].cpu);
    }
    if (!count || count == r->host.neighbour_cpu_count || count > CPUS_NAMED)
        return "the same physical cores";
    return count == 1 ? ps_arena_format(r->arena, "the physical core of CPU %s", names)
                      : ps_arena_format(r->arena, "the physical cores of CPUs %s", names);
}

/* -1: none, or not pinned. */
static int reference_cpu(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const struct ps_point *base = ps_result_baseline(r, &r->points[point]);

    return base && base != &r->points[point] ? s->series[base - r->points].plan->cpus[0] : -1;
}

static bool unlike(const struct ps_result *r, const bool *slowed, const struct ps_plan_point *p,
                   int cpu)
{
    for (unsigned k = 0; k < p->threads; k++)
        if (p->cpus[k] >= 0 && is_slowed(r, slowed, p->cpus[k]) != is_slowed(r, slowed, cpu))
            return true;
    return false;
}

int finding_slowed_reference(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const bool *slowed = find_slowed(r);
    int cpu = reference_cpu(s, r, point);

    return cpu >= 0 && is_slowed(r, slowed, cpu) && unlike(r, slowed, s->series[point].plan, cpu)
               ? cpu
               : -1;
}

/* What it means for the speedups, where a reference's CPU and another one were not alike. */
static const char *unequal(const struct ps_samples *s, const struct ps_result *r,
                           const bool *slowed)
{
    for (size_t i = 0; i < r->point_count; i++) {
        int cpu = reference_cpu(s, r, i);

        if (cpu >= 0 && unlike(r, slowed, s->series[i].plan, cpu))
            return ps_arena_format(r->arena, " Speedups are relative to CPU %d, %s.", cpu,
                                   is_slowed(r, slowed, cpu)
                                       ? "which was slowed: they look better than they are"
                                       : "which was not slowed: they look worse than they are");
    }
    return "";
}

void find_busy_neighbour(const struct ps_samples *s, struct ps_result *r)
{
    struct seen all = look(r->host.neighbour_rounds, r->host.neighbour_round_count, best_index(r));
    const bool *slowed;

    if (!is_busy(all) || r->host.neighbour_index >= (1 - NOISE) * all.best)
        return;
    slowed = find_slowed(r);
    finding_say(r, "busy-neighbour", PS_WARNING,
                "A busy neighbour: in %zu of %zu rounds something else used %s, which slows work "
                "with instruction-level parallelism (independent instructions ran at %.2f times "
                "the rate of dependent ones, at best %.2f).%s",
                all.low, all.rounds, cores(r, slowed), r->host.neighbour_index, all.best,
                unequal(s, r, slowed));
}
