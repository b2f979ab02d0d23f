#include "judge.h"

#include <math.h>
#include <stdlib.h>

#include "stats.h"

#define LEAST_SHARE 0.9 /* of the CPU, for each of a pair */

static double rate(const struct pair_window *w, double ns)
{
    return ns > 0 ? w->operations / ns : NAN;
}

static double by_cpu(const struct pair_window *w)
{
    return rate(&w[0], w[0].cpu_ns) + rate(&w[1], w[1].cpu_ns);
}

static double by_wall(const struct pair_window *w)
{
    return rate(&w[0], w[0].wall_ns) + rate(&w[1], w[1].wall_ns);
}

static double share(const struct pair_window *w)
{
    return w->wall_ns > 0 ? w->cpu_ns / w->wall_ns : 0;
}

/* Where one did not run, the other one had the core to itself. */
static bool ran_at_once(const struct pair_sample *s)
{
    return fmin(share(&s->together[0]), share(&s->together[1])) >= LEAST_SHARE;
}

/* Without memory there is no value, and so no answer. */
static struct ps_pair_ratio median(const double *values, size_t count)
{
    struct ps_interval i;

    if (ps_bootstrap_median(values, count, 1, &i) < 0)
        return (struct ps_pair_ratio){NAN, NAN, NAN};
    return (struct ps_pair_ratio){i.value, i.low, i.high};
}

/* Of sums, not a median of ratios: a window in which other programs had the CPU has a rate of 0. */
static double wall_ratio(void *arg, const uint32_t *pick, size_t n)
{
    const struct pair_sample *samples = arg;
    double together = 0, alone = 0;

    for (size_t i = 0; i < n; i++) {
        together += by_wall(samples[pick[i]].together);
        alone += by_wall(samples[pick[i]].alone);
    }
    return together / alone;
}

static struct ps_pair_ratio wall_ratios(const struct pair_sample *samples, size_t count)
{
    struct ps_interval i;

    if (ps_bootstrap(wall_ratio, (void *)samples, count, 1, &i) < 0)
        return (struct ps_pair_ratio){NAN, NAN, NAN};
    return (struct ps_pair_ratio){i.value, i.low, i.high};
}

static void find_shares(const struct pair_sample *samples, size_t count, struct ps_pair_kernel *k)
{
    double most[2] = {0, 0};

    k->at_once = 0;
    for (size_t i = 0; i < count; i++) {
        const struct pair_sample *s = &samples[i];

        k->at_once = fmax(k->at_once, share(&s->together[0]) + share(&s->together[1]));
        for (size_t side = 0; side < 2; side++)
            most[side] = fmax(most[side], share(&s->alone[side]));
    }
    k->alone = fmin(most[0], most[1]);
}

void ps_pair_summarize(const struct pair_sample *samples, size_t count, struct ps_pair_kernel *k)
{
    double *ratios = calloc(count + 1, sizeof *ratios);

    k->rounds = count;
    k->kept = 0;
    k->by_cpu = k->by_wall = (struct ps_pair_ratio){NAN, NAN, NAN};
    find_shares(samples, count, k);
    for (size_t i = 0; ratios && i < count; i++)
        if (ran_at_once(&samples[i]))
            ratios[k->kept++] = by_cpu(samples[i].together) / by_cpu(samples[i].alone);
    if (count > 0)
        k->by_wall = wall_ratios(samples, count);
    if (k->kept > 0)
        k->by_cpu = median(ratios, k->kept);
    free(ratios);
}

#define VARY "the rounds vary too much to tell"

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
               "the kernels slow each other down, but cache lines take as long as between cores");
    else if (shared)
        answer(p, PS_PAIR_SHARE_CORE,
               ps_arena_format(
                   a, "%zu of %zu saturating kernels slow each other down, the control does not%s",
                   e->shared, e->total,
                   e->trip == SHARED ? ", and cache lines take as long as within one core" : ""));
    else if (apart && e->trip == SHARED)
        answer(
            p, PS_PAIR_INCONCLUSIVE,
            "the kernels do not slow each other down, but cache lines take as long as within one "
            "core");
    else if (apart)
        answer(p, PS_PAIR_NO_EVIDENCE,
               ps_arena_format(a, "%zu of %zu saturating kernels run at full speed on both%s",
                               e->apart, e->total,
                               e->trip == APART ? ", and cache lines take as long as between cores"
                                                : ""));
    else if (e->shared && e->apart)
        answer(p, PS_PAIR_INCONCLUSIVE,
               "some saturating kernels slow each other down, others don't");
    else
        answer(p, PS_PAIR_INCONCLUSIVE, VARY);
}

void ps_pair_judge(struct ps_arena *a, struct ps_pair *p)
{
    const struct ps_pair_kernel *control = control_of(p);
    const struct evidence e = weigh(p);

    if (!control)
        answer(p, PS_PAIR_INCONCLUSIVE, "no kernels are known for this architecture");
    else if (control->rounds < PS_PAIR_ROUNDS)
        answer(p, PS_PAIR_INCONCLUSIVE, "there was no time for enough rounds");
    else if (control->at_once < PS_PAIR_AT_ONCE && control->alone >= PS_PAIR_ALONE)
        answer(p, PS_PAIR_TAKE_TURNS,
               "the two threads never got more than one CPU's time together");
    else if (control->by_wall.high < PS_PAIR_TURNS)
        answer(
            p, PS_PAIR_TAKE_TURNS,
            "even the dependent chain, which leaves a core nearly idle, does no more work on both "
            "CPUs than on one in the same time");
    else if (control->kept < PS_PAIR_ROUNDS)
        answer(p, PS_PAIR_INCONCLUSIVE,
               "other programs used the CPUs: too few rounds in which both threads ran at once");
    else if (sign_of(control, PS_PAIR_CONTROL) == NO_SIGN)
        answer(p, PS_PAIR_INCONCLUSIVE, VARY);
    else if (sign_of(control, PS_PAIR_CONTROL) == SHARED)
        answer(p, PS_PAIR_INCONCLUSIVE,
               "the control lost speed too: something other than a shared core slows both down");
    else
        judge_interference(a, p, &e);
}
