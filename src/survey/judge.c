#include "judge.h"

#include <math.h>
#include <stdlib.h>

#include "stats.h"

#define LEAST_OVERLAP 0.9
#define LEAST_SHARE   0.8 /* of the CPU, for each of a pair */

static double rate(const struct pair_window *w, double ns)
{
    return ns > 0 ? w->operations / ns : NAN;
}

static double by_cpu(const struct pair_sample *s)
{
    return (rate(&s->together[0], s->together[0].cpu_ns) +
            rate(&s->together[1], s->together[1].cpu_ns)) /
           (rate(&s->alone[0], s->alone[0].cpu_ns) + rate(&s->alone[1], s->alone[1].cpu_ns));
}

static double by_wall(const struct pair_sample *s)
{
    return (rate(&s->together[0], s->together[0].wall_ns) +
            rate(&s->together[1], s->together[1].wall_ns)) /
           (rate(&s->alone[0], s->alone[0].wall_ns) + rate(&s->alone[1], s->alone[1].wall_ns));
}

static double share(const struct pair_window *w)
{
    return w->wall_ns > 0 ? w->cpu_ns / w->wall_ns : 0;
}

/* Where one did not run, the other one had the core to itself. */
static bool ran_at_once(const struct pair_sample *s)
{
    return s->overlap >= LEAST_OVERLAP && share(&s->together[0]) >= LEAST_SHARE &&
           share(&s->together[1]) >= LEAST_SHARE;
}

/* NaN where memory is missing: no answer then. */
static struct ps_pair_ratio median(const double *values, size_t count)
{
    struct ps_interval i;

    if (ps_bootstrap_median(values, count, 1, &i) < 0)
        return (struct ps_pair_ratio){NAN, NAN, NAN};
    return (struct ps_pair_ratio){i.value, i.low, i.high};
}

void ps_pair_summarize(const struct pair_sample *samples, size_t count, struct ps_pair_kernel *k)
{
    double *cpu = calloc(count + 1, sizeof *cpu), *wall = calloc(count + 1, sizeof *wall);

    k->rounds = count;
    k->kept = 0;
    k->by_cpu = k->by_wall = (struct ps_pair_ratio){NAN, NAN, NAN};
    for (size_t i = 0; cpu && wall && i < count; i++) {
        if (ran_at_once(&samples[i]))
            cpu[k->kept++] = by_cpu(&samples[i]);
        wall[i] = by_wall(&samples[i]);
    }
    if (cpu && wall && count > 0) {
        k->by_wall = median(wall, count);
        if (k->kept > 0)
            k->by_cpu = median(cpu, k->kept);
    }
    free(cpu);
    free(wall);
}

enum sign { NO_SIGN, SHARED, APART };

static enum sign sign_of(const struct ps_pair_kernel *k, double line)
{
    if (k->kept < PS_PAIR_ROUNDS)
        return NO_SIGN;
    return k->by_cpu.high < line ? SHARED : k->by_cpu.low > line ? APART : NO_SIGN;
}

static enum sign sign_of_trip(double ns)
{
    return ns < PS_TRIP_NEAR ? SHARED : ns > PS_TRIP_FAR ? APART : NO_SIGN;
}

static const struct ps_pair_kernel *control_of(const struct ps_pair *p)
{
    for (size_t i = 0; i < p->kernel_count; i++)
        if (!p->kernels[i].saturating)
            return &p->kernels[i];
    return NULL;
}

struct evidence {
    size_t shared, apart, total; /* saturating kernels */
    enum sign trip;
};

static struct evidence weigh(const struct ps_pair *p)
{
    struct evidence e = {.trip = sign_of_trip(p->round_trip)};

    for (size_t i = 0; i < p->kernel_count; i++) {
        if (!p->kernels[i].saturating)
            continue;
        e.total++;
        e.shared += sign_of(&p->kernels[i], PS_PAIR_LINE) == SHARED;
        e.apart += sign_of(&p->kernels[i], PS_PAIR_LINE) == APART;
    }
    return e;
}

static void answer(struct ps_pair *p, enum ps_pair_answer what, const char *why)
{
    p->answer = what;
    p->why = why;
}

/* Most of the kernels show it, and none the reverse. */
static bool most(size_t sign, size_t reverse, size_t total)
{
    return 2 * sign > total && reverse == 0;
}

static void judge_interference(struct ps_arena *a, struct ps_pair *p, const struct evidence *e)
{
    const bool shared = most(e->shared, e->apart, e->total),
               apart = most(e->apart, e->shared, e->total);

    if (shared && e->trip == APART)
        answer(p, PS_PAIR_INCONCLUSIVE,
               "the kernels hinder one another, but cache lines travel as far as between cores");
    else if (shared)
        answer(p, PS_PAIR_SHARE_CORE,
               ps_arena_format(a,
                               "%zu of %zu saturating kernels hinder one another, the control does "
                               "not%s",
                               e->shared, e->total,
                               e->trip == SHARED ? ", and cache lines travel as within one core"
                                                 : ""));
    else if (apart && e->trip == SHARED)
        answer(p, PS_PAIR_INCONCLUSIVE,
               "the kernels do not hinder one another, but cache lines travel as within one core");
    else if (apart)
        answer(p, PS_PAIR_NO_EVIDENCE,
               ps_arena_format(
                   a, "%zu of %zu saturating kernels run at full speed on both%s", e->apart,
                   e->total, e->trip == APART ? ", and cache lines travel as between cores" : ""));
    else if (e->shared && e->apart)
        answer(p, PS_PAIR_INCONCLUSIVE, "some saturating kernels hinder one another, others don't");
    else
        answer(p, PS_PAIR_INCONCLUSIVE, "the rounds vary too much to tell");
}

void ps_pair_judge(struct ps_arena *a, struct ps_pair *p)
{
    const struct ps_pair_kernel *control = control_of(p);
    const struct evidence e = weigh(p);

    if (!control)
        answer(p, PS_PAIR_INCONCLUSIVE, "no kernels are known for this architecture");
    else if (control->rounds < PS_PAIR_ROUNDS)
        answer(p, PS_PAIR_INCONCLUSIVE, "there was no time for enough rounds");
    else if (control->by_wall.high < PS_PAIR_TURNS)
        answer(p, PS_PAIR_TAKE_TURNS,
               "even the dependent chain, which leaves a core nearly idle, gets no more done in "
               "the time on both than on one");
    else if (control->kept < PS_PAIR_ROUNDS)
        answer(p, PS_PAIR_INCONCLUSIVE,
               "other programs used the CPUs: too few rounds in which both threads ran at once");
    else if (sign_of(control, PS_PAIR_CONTROL) != APART)
        answer(p, PS_PAIR_INCONCLUSIVE,
               "the control lost speed too: something else than a shared core slows both down");
    else
        judge_interference(a, p, &e);
}
