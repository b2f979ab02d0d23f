/* Points that have other hardware than those with fewer threads. */
#include <string.h>

#include "plan_axes.h"

enum { SECOND_THREAD = 1, SLOWER_CORE = 2, SOCKETS = 4 };

/* Threads that float may be anywhere; so many can't be but there. */
static unsigned floating_kinks(const struct ps_topology *t, unsigned threads)
{
    unsigned fastest = 0, highest = 0, kinks = threads > t->cores ? SECOND_THREAD : 0;

    for (unsigned i = 0; i < t->cpu_count; i++)
        highest = t->cpus[i].kind > highest ? t->cpus[i].kind : highest;
    for (unsigned i = 0; i < t->cpu_count; i++)
        fastest += t->cpus[i].kind == highest;
    return kinks | (threads > fastest ? SLOWER_CORE : 0);
}

static unsigned kinks_of(const struct ps_topology *t, const struct ps_plan_point *p,
                         struct ps_arena *a)
{
    const struct ps_cpu *first = ps_topology_cpu(t, p->cpus[0]);
    bool *taken;
    unsigned kinks = 0;

    if (!first)
        return floating_kinks(t, p->threads);
    taken = ps_arena_array(a, t->cores, sizeof *taken);
    for (unsigned i = 0; i < p->distinct_cpus; i++) {
        const struct ps_cpu *cpu = ps_topology_cpu(t, p->cpus[i]);

        if (!cpu)
            continue;
        kinks |= taken[cpu->core] ? SECOND_THREAD : 0;
        kinks |= cpu->kind < first->kind ? SLOWER_CORE : 0;
        kinks |= cpu->package != first->package ? SOCKETS : 0;
        taken[cpu->core] = true;
    }
    return kinks;
}

static bool same_curve(const struct ps_plan *p, const struct ps_plan_point *a,
                       const struct ps_plan_point *b)
{
    return p->workloads[a->workload].unit == p->workloads[b->workload].unit &&
           a->placement == b->placement && !strcmp(a->options->label, b->options->label);
}

static bool is_parallel(const struct ps_plan_point *p)
{
    return !p->baseline && p->threads > 1 && p->threads <= p->p;
}

/* How many of a curve have none of these kinks. */
static size_t without(const struct ps_plan *p, const unsigned *kinks,
                      const struct ps_plan_point *curve, unsigned which)
{
    size_t count = 0;

    for (size_t i = 0; i < p->point_count; i++)
        count += is_parallel(&p->points[i]) && same_curve(p, &p->points[i], curve) &&
                 !(kinks[i] & which);
    return count;
}

static void judge(const struct ps_plan *p, const unsigned *kinks, size_t i)
{
    struct ps_plan_point *point = &p->points[i];
    const unsigned cores = SECOND_THREAD | SLOWER_CORE;
    size_t in_one = without(p, kinks, point, cores | SOCKETS);

    if (kinks[i] & cores) {
        point->kink = kinks[i] & SECOND_THREAD ? PS_KINK_SECOND_THREAD : PS_KINK_SLOWER_CORE;
        point->kinked = without(p, kinks, point, cores) > 0;
    } else if (kinks[i] & SOCKETS && in_one) {
        point->kink = PS_KINK_SOCKETS;
        point->kinked = in_one > 1;
    }
}

void plan_find_kinks(struct ps_plan *p, struct ps_arena *a)
{
    unsigned *kinks = ps_arena_array(a, p->point_count, sizeof *kinks);

    for (size_t i = 0; i < p->point_count; i++)
        if (is_parallel(&p->points[i]))
            kinks[i] = kinks_of(p->topology, &p->points[i], a);
    for (size_t i = 0; i < p->point_count; i++)
        if (is_parallel(&p->points[i]) && kinks[i])
            judge(p, kinks, i);
}
