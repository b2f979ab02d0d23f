#include "clock.h"

#include <errno.h>
#include <math.h>
#include <time.h>

#include "freq.h"
#include "single.h"
#include "stats.h"
#include "team.h"
#include "ticks.h"

#define LOOK     1e-3 /* s, of one probe */
#define INTERVAL 0.1  /* s between two rounds of a watch */

/* A watch looks at each CPU LOOKS_MOST times at most; without one, LOOKS_NOW times. */
enum { LOOKS_NOW = 12, LOOKS_MOST = 2000, PMU_TRIES = 5, PMU_TURNS = 1 << 17 };

/* Looks at one CPU, in the order of time. */
struct looks {
    double *hz, *spread, *neighbour;
};

struct watch {
    const struct clock_request *request;
    struct ps_arena *arena;
    struct ps_team *team;
    struct looks *looks; /* per CPU */
    size_t rounds;
    struct ps_freq last;
    double pmu_ratio;
};

static bool stopped(const struct watch *w)
{
    const atomic_int *flag = w->request->interrupted;

    /* Relaxed: the flag is all that is passed. */
    return flag && atomic_load_explicit(flag, memory_order_relaxed);
}

static void look(void *arg, unsigned member)
{
    struct watch *w = arg;

    ps_freq_probe(LOOK, &w->last);
}

static void run_on(struct watch *w, unsigned cpu, ps_member_fn *fn)
{
    ps_team_start(w->team, cpu, 1, fn, w);
    while (ps_team_wait(w->team, 0) < 0)
        ;
}

static double *append(struct watch *w, double *values, double value)
{
    values = ps_arena_grow(w->arena, values, w->rounds, sizeof *values);
    values[w->rounds] = value;
    return values;
}

/* One CPU after the other: two siblings at once would be each other's neighbours. */
static bool look_at_all(struct watch *w)
{
    for (unsigned i = 0; i < w->request->topology->cpu_count; i++) {
        struct looks *l = &w->looks[i];

        if (stopped(w))
            return false;
        run_on(w, i, look);
        l->hz = append(w, l->hz, w->last.hz);
        l->spread = append(w, l->spread, w->last.spread);
        l->neighbour = append(w, l->neighbour, w->last.neighbour);
    }
    w->rounds++;
    return true;
}

static void run_chain(void *arg)
{
    size_t count;
    const struct ps_chain *chains = ps_chains(&count);

    if (count > 0)
        chains[0].run(PMU_TURNS);
}

/* The probe before and after a stretch whose cycles are counted. */
static void compare_with_pmu(void *arg, unsigned member)
{
    struct watch *w = arg;
    double ratios[PMU_TRIES], scratch[PMU_TRIES];

    for (int i = 0; i < PMU_TRIES; i++) {
        struct ps_freq before, after;
        double counted;

        ps_freq_probe(LOOK, &before);
        counted = ps_counters_hz(w->request->counters, run_chain, NULL);
        ps_freq_probe(LOOK, &after);
        ratios[i] = (before.hz + after.hz) / 2 / counted;
    }
    w->pmu_ratio = ps_median(ratios, PMU_TRIES, scratch);
}

static double seconds_since(uint64_t began)
{
    return (double)(ps_now_ns() - began) * 1e-9;
}

/* Till the next round is due or a signal arrives. */
static void rest(double seconds)
{
    const struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&t, NULL);
}

static void watch(struct watch *w)
{
    const double length = w->request->seconds, interval = fmax(INTERVAL, length / LOOKS_MOST);
    const uint64_t began = ps_now_ns();

    for (int i = 0; i < LOOKS_NOW && look_at_all(w); i++)
        ;
    while (!stopped(w) && seconds_since(began) + interval <= length) {
        rest(interval);
        if (!look_at_all(w))
            return;
    }
}

void clock_summarize(struct ps_arena *a, const double *hz, const double *spread,
                     const double *neighbour, size_t looks, struct ps_doctor_cpu *out)
{
    double *scratch = ps_arena_array(a, looks + 1, sizeof *scratch);

    out->looks = looks;
    out->hz = ps_median(hz, looks, scratch);
    out->hz_low = ps_quantile(hz, looks, 0.05, scratch);
    out->hz_high = ps_quantile(hz, looks, 0.95, scratch);
    out->spread = ps_median(spread, looks, scratch);
    out->neighbour = ps_median(neighbour, looks, scratch);
    out->neighbour_low = ps_quantile(neighbour, looks, 0, scratch);
    out->best = ps_quantile(neighbour, looks, 1, scratch);
    out->now = looks ? neighbour[looks - 1] : NAN;
    out->clocks = out->crowded = 0;
    for (size_t i = 0; i < looks; i++) {
        out->clocks += !isnan(hz[i]);
        out->crowded += neighbour[i] < PS_NEIGHBOUR_BUSY * out->best;
    }
}

static void summarize(struct watch *w, struct ps_doctor *d)
{
    const struct ps_topology *t = w->request->topology;

    d->cpu_count = t->cpu_count;
    d->cpus = ps_arena_array(d->arena, d->cpu_count, sizeof *d->cpus);
    for (unsigned i = 0; i < t->cpu_count; i++) {
        const struct looks *l = &w->looks[i];

        d->cpus[i].cpu = t->cpus[t->by_os[i]].os;
        clock_summarize(d->arena, l->hz, l->spread, l->neighbour, w->rounds, &d->cpus[i]);
    }
    d->pmu_ratio = w->pmu_ratio;
}

int clock_watch(const struct clock_request *q, struct ps_doctor *d, struct ps_err *e)
{
    const struct ps_topology *t = q->topology;
    int *cpus = ps_arena_array(d->arena, t->cpu_count, sizeof *cpus), err;
    struct watch w = {q, d->arena, .pmu_ratio = NAN};

    for (unsigned i = 0; i < t->cpu_count; i++)
        cpus[i] = t->cpus[t->by_os[i]].os;
    err = ps_team_create(cpus, t->cpu_count, true, &w.team, e);
    if (err < 0)
        return err;
    w.looks = ps_arena_array(d->arena, t->cpu_count, sizeof *w.looks);
    watch(&w);
    if (!stopped(&w))
        run_on(&w, 0, compare_with_pmu);
    ps_team_destroy(w.team);
    summarize(&w, d);
    return stopped(&w) ? -EINTR : 0;
}
