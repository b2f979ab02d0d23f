#include "freq.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ticks.h"

/* Cycles in a window: 10 us at 3.3 GHz, so short that few are interrupted and so long that reading
 * the clock does not show. */
#define WINDOW_CYCLES 32768
#define WARM_UP_TURNS 64
#define LEAST_KEPT    0.98 /* CPU time over wall time */
#define MOST_BUDGET   5e-3
#define MOST_PASSES   64
/* Windows of independent chains in a pass, shorter ones: their median, unlike the best of the
 * others, is to bear one interruption even in a single pass. */
#define TOGETHER 3

/* CLOCK_MONOTONIC, read through the vDSO, waits for the instructions before it, which ps_ticks()
 * does not: hundreds of a chain would still be in flight. */
struct stopwatch {
    uint64_t cost_ns; /* of reading the clock, least seen */
    uint64_t cpu_ns;  /* of the thread, at the end of the last window */
};

static void stopwatch_init(struct stopwatch *w)
{
    w->cost_ns = UINT64_MAX;
    for (int i = 0; i < 16; i++) {
        uint64_t start = ps_now_ns(), ns = ps_now_ns() - start;

        if (ns < w->cost_ns)
            w->cost_ns = ns;
    }
    w->cpu_ns = ps_thread_cpu_ns();
}

/* Instructions per second of one window; NaN where the thread lost its CPU in it. */
static double time_window(struct stopwatch *w, void (*run)(uint64_t), uint64_t turns,
                          unsigned per_turn)
{
    const uint64_t cpu_before = w->cpu_ns;
    uint64_t start = ps_now_ns(), wall;

    run(turns);
    wall = ps_now_ns() - start;
    w->cpu_ns = ps_thread_cpu_ns();
    if ((double)(w->cpu_ns - cpu_before) < LEAST_KEPT * (double)wall || wall <= w->cost_ns)
        return NAN;
    return (double)turns * per_turn / ((double)(wall - w->cost_ns) * 1e-9);
}

static double time_chain(struct stopwatch *w, const struct ps_chain *c)
{
    const uint64_t turns = WINDOW_CYCLES / (PS_CHAIN_TURN * c->latency);

    return time_window(w, c->run, turns, PS_CHAIN_TURN) * c->latency;
}

static double time_independent(struct stopwatch *w)
{
    /* As if four were done a cycle, which makes TOGETHER of them as long as one of the others. */
    const uint64_t turns = WINDOW_CYCLES * 4 / PS_CHAIN_INDEPENDENT / TOGETHER;

    return time_window(w, ps_chain_run_independent, turns, PS_CHAIN_INDEPENDENT);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    if (count == 0)
        return NAN;
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static int compare_chains(const void *a, const void *b)
{
    const struct ps_chain_best *x = a, *y = b;

    return compare(&x->hz, &y->hz);
}

static size_t count_kinds(const struct ps_chain_best *chains, size_t count)
{
    bool seen[PS_CHAIN_KINDS] = {false};
    size_t kinds = 0;

    for (size_t i = 0; i < count; i++) {
        kinds += !seen[chains[i].kind];
        seen[chains[i].kind] = true;
    }
    return kinds;
}

/* Chains first .. first+count-1 of those sorted by hz. */
struct cluster {
    size_t first, count;
    double spread;
    bool rivalled; /* by one as large that shares no chain with it */
};

static struct cluster find_cluster(const struct ps_chain_best *sorted, size_t count)
{
    struct cluster best = {0};

    for (size_t i = 0; i < count; i++) {
        struct cluster c = {.first = i};

        while (i + c.count < count && sorted[i + c.count].hz <= sorted[i].hz * (1 + PS_FREQ_AGREE))
            c.count++;
        c.spread = sorted[i + c.count - 1].hz / sorted[i].hz - 1;
        if (c.count < PS_FREQ_CHAINS || count_kinds(&sorted[i], c.count) < 2)
            continue;
        if (c.count == best.count && i >= best.first + best.count)
            best.rivalled = true;
        else if (c.count > best.count || (c.count == best.count && c.spread < best.spread))
            best = c;
    }
    return best;
}

static const char *find_fault(const struct cluster *c, size_t kept, size_t count)
{
    if (count < PS_FREQ_CHAINS)
        return "too few instruction chains of known latency";
    if (kept < PS_FREQ_CHAINS)
        return "the probe lost its CPU in nearly every window";
    if (c->count == 0)
        return "no three chains of instructions agree on a clock";
    if (c->rivalled)
        return "the chains of instructions agree on two different clocks";
    return NULL;
}

void ps_freq_combine(const struct ps_chain_best *chains, size_t count, struct ps_freq *out)
{
    struct ps_chain_best sorted[PS_FREQ_MOST];
    double hz[PS_FREQ_MOST];
    struct cluster c;
    size_t kept = 0;

    for (size_t i = 0; i < count && kept < PS_FREQ_MOST; i++) {
        if (isfinite(chains[i].hz) && chains[i].hz > 0)
            sorted[kept++] = chains[i];
    }
    qsort(sorted, kept, sizeof sorted[0], compare_chains);
    c = find_cluster(sorted, kept);
    out->why = find_fault(&c, kept, count);
    for (size_t i = 0; i < c.count; i++)
        hz[i] = sorted[c.first + i].hz;
    out->hz = out->why ? NAN : median(hz, c.count);
    out->spread = out->why ? NAN : c.spread;
}

struct probe {
    struct stopwatch watch;
    const struct ps_chain *chains;
    size_t count;
    struct ps_chain_best best[PS_FREQ_MOST];
    double together[MOST_PASSES * TOGETHER]; /* instructions per second */
    size_t together_count;
};

static bool usable(const struct ps_chain *c)
{
    return !c->usable || c->usable();
}

static void probe_init(struct probe *p)
{
    for (size_t i = 0; i < p->count; i++) {
        p->best[i] = (struct ps_chain_best){p->chains[i].name, NAN, p->chains[i].kind};
        if (usable(&p->chains[i]))
            p->chains[i].run(WARM_UP_TURNS);
    }
    ps_chain_run_independent(WARM_UP_TURNS);
    stopwatch_init(&p->watch);
}

/* One window of each chain, and those of the independent ones. */
static void probe_pass(struct probe *p)
{
    for (int i = 0; i < TOGETHER; i++) {
        double rate = time_independent(&p->watch);

        if (isfinite(rate))
            p->together[p->together_count++] = rate;
    }
    for (size_t i = 0; i < p->count; i++) {
        double hz = usable(&p->chains[i]) ? time_chain(&p->watch, &p->chains[i]) : NAN;

        if (isfinite(hz) && !(hz <= p->best[i].hz))
            p->best[i].hz = hz;
    }
}

void ps_freq_probe(double budget, struct ps_freq *out)
{
    const uint64_t start = ps_now_ns();
    const double most = budget < MOST_BUDGET ? budget : MOST_BUDGET;
    struct probe p = {0};
    double spent, pass;

    p.chains = ps_chains(&p.count);
    *out = (struct ps_freq){NAN, NAN, NAN, "no instruction chains are known for this architecture"};
    if (p.count == 0)
        return;
    probe_init(&p);
    spent = pass = (double)(ps_now_ns() - start) * 1e-9;
    for (int i = 0; i < MOST_PASSES && (i == 0 || spent + pass <= most); i++) {
        double before = spent;

        probe_pass(&p);
        spent = (double)(ps_now_ns() - start) * 1e-9;
        pass = spent - before;
    }
    ps_freq_combine(p.best, p.count, out);
    out->neighbour = median(p.together, p.together_count) / (out->why ? p.best[0].hz : out->hz);
    out->cost = (double)(ps_now_ns() - start) * 1e-9;
}
