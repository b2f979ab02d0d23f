/* The frequency probe, on all workers of a target at once: a core's clock depends on how many
 * others are busy. */
#include <math.h>

#include "workload_trials.h"

#define PROBE_SHARE 0.05   /* of the elapsed time that the frequency probe may take */
#define MIN_BUDGET  200e-6 /* s of one probe */
#define MAX_BUDGET  2e-3

static void probe_member(void *arg, unsigned member)
{
    struct counted_team *c = arg;

    ps_freq_probe(c->probe_budget, &c->probes[member]);
}

static int wait_team(void *team, uint64_t deadline_ns)
{
    return ps_team_wait(team, deadline_ns);
}

static double budget_of(const struct target *t)
{
    double trial = t->schedule.execution * (double)t->schedule.reps;

    return fmin(fmax(PROBE_SHARE / 2 * trial, MIN_BUDGET), MAX_BUDGET);
}

bool probe_due(const struct session *s, const struct target *t)
{
    double cost = 2 * budget_of(t);

    return s->probe_time + cost <= PROBE_SHARE * session_elapsed(s);
}

int probe_run(struct session *s, struct target *t, double *hz)
{
    struct counted_team *c = t->counted_team;
    unsigned workers =
        t->plan->distinct_cpus < t->plan->threads ? t->plan->distinct_cpus : t->plan->threads;
    double start = session_elapsed(s), sum = 0;
    int err;

    c->probe_budget = budget_of(t);
    ps_team_start(c->team, 0, workers, probe_member, c);
    err = session_wait(s, wait_team, c->team);
    s->probe_time += session_elapsed(s) - start;
    if (err < 0)
        return err;
    for (unsigned i = 0; i < workers; i++) {
        sum += c->probes[i].hz;
        if (c->probes[i].why)
            t->series->sums.frequency_why = c->probes[i].why;
        neighbours_see(t, i, c->probes[i].neighbour);
    }
    *hz = sum / workers;
    return 0;
}
