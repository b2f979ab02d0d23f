/* The neighbour index, round by round and CPU by CPU. */
#include <math.h>

#include "workload_trials.h"

void neighbours_forget(struct target *t)
{
    for (unsigned i = 0; i < t->plan->threads; i++)
        t->neighbours[i] = NAN;
}

void neighbours_see(struct target *t, unsigned worker, double index)
{
    if (!t->shares_core)
        t->neighbours[worker] = fmin(t->neighbours[worker], index);
}

/* The values of a CPU, NaN up to `round` where it had none. */
static double *rounds_of(struct session *s, int cpu, size_t round)
{
    struct ps_neighbour_cpu *c = NULL;

    for (size_t i = 0; i < s->samples.neighbour_cpu_count && !c; i++)
        if (s->samples.neighbour_cpus[i].cpu == cpu)
            c = &s->samples.neighbour_cpus[i];
    if (!c) {
        s->samples.neighbour_cpus =
            ps_arena_grow(s->arena, s->samples.neighbour_cpus, s->samples.neighbour_cpu_count,
                          sizeof *s->samples.neighbour_cpus);
        c = &s->samples.neighbour_cpus[s->samples.neighbour_cpu_count++];
        *c = (struct ps_neighbour_cpu){.cpu = cpu};
    }
    for (; c->count <= round; c->count++) {
        c->rounds = ps_arena_grow(s->arena, c->rounds, c->count, sizeof *c->rounds);
        c->rounds[c->count] = NAN;
    }
    return c->rounds;
}

void neighbours_keep(struct session *s, const struct target *t, size_t round)
{
    for (unsigned i = 0; i < t->plan->threads; i++) {
        const double index = t->neighbours[i];
        double *kept;

        if (isnan(index))
            continue;
        s->samples.neighbour[round] = fmin(s->samples.neighbour[round], index);
        if (t->plan->cpus[i] < 0)
            continue;
        kept = &rounds_of(s, t->plan->cpus[i], round)[round];
        *kept = fmin(*kept, index);
    }
}

/* All CPUs have as many rounds as the session, a round that was cut short left out. */
void neighbours_finish(struct session *s)
{
    for (size_t i = 0; i < s->samples.neighbour_cpu_count; i++) {
        if (s->samples.rounds > 0)
            rounds_of(s, s->samples.neighbour_cpus[i].cpu, s->samples.rounds - 1);
        s->samples.neighbour_cpus[i].count = s->samples.rounds;
    }
}
