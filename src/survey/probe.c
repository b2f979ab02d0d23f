#include "probe.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "clusters.h"
#include "duel.h"
#include "ticks.h"

#define TRIPS_SHARE 0.5 /* of the time, for round trips */

enum { ROUNDS_LEAST = 30, ROUNDS_MOST = 200, CONTROL_ROUNDS = 40, ALL_PAIRS = 3 };

struct run {
    const struct ps_probe_request *request;
    struct ps_probe *probe;
    struct ps_arena *arena;
    struct ps_err *error;
    uint64_t began;
};

static double elapsed(const struct run *r)
{
    return (double)(ps_now_ns() - r->began) * 1e-9;
}

static bool stopped(const struct run *r)
{
    const atomic_int *flag = r->request->interrupted;

    /* Relaxed: the flag is all that is passed. */
    return flag && atomic_load_explicit(flag, memory_order_relaxed);
}

static int measure_trip(struct run *r, int first, int second, double *ns)
{
    struct duel *d;
    int err = duel_create(first, second, &d, r->error);

    if (err < 0)
        return err;
    *ns = duel_round_trip(d);
    duel_destroy(d);
    return 0;
}

static size_t divisor(size_t a, size_t b)
{
    return b ? divisor(b, a % b) : a;
}

/* Steps through 0 .. n-1 that visit each once and lie far apart: near the golden ratio. */
static size_t stride(size_t n)
{
    size_t step = (size_t)((double)n * 0.618) | 1;

    while (divisor(step, n) != 1)
        step += 2;
    return step;
}

/* The reverse of ps_trip_index. */
static void pair_of(size_t n, size_t index, size_t *low, size_t *high)
{
    *low = 0;
    while (index >= n - 1 - *low) {
        index -= n - 1 - *low;
        ++*low;
    }
    *high = *low + 1 + index;
}

static int measure_trips(struct run *r, double until)
{
    struct ps_probe *p = r->probe;
    const size_t n = p->cpu_count, pairs = n * (n - 1) / 2, step = pairs > 1 ? stride(pairs) : 1;

    p->trips = ps_arena_array(r->arena, pairs, sizeof *p->trips);
    for (size_t i = 0; i < pairs; i++)
        p->trips[i] = NAN;
    for (size_t i = 0; i < pairs && !stopped(r) && (i == 0 || elapsed(r) < until); i++) {
        const size_t index = i * step % pairs;
        size_t low, high;
        double ns;
        int err;

        pair_of(n, index, &low, &high);
        err = measure_trip(r, p->cpus[low], p->cpus[high], &ns);
        if (err < 0)
            return err;
        p->trips[index] = (float)ns;
        p->trips_measured++;
    }
    return 0;
}

/* Rounds in which all kernels take their turns, so that what drifts hits them alike. */
static size_t measure_rounds(struct run *r, struct duel *d, size_t rounds, const struct kernel *k,
                             size_t count, struct pair_sample *samples)
{
    for (size_t i = 0; i < rounds; i++)
        for (size_t j = 0; j < count; j++) {
            if (stopped(r))
                return i;
            duel_round(d, &k[j], &samples[j * rounds + i]);
        }
    return rounds;
}

static int measure_pair(struct run *r, struct ps_pair *p, size_t rounds)
{
    size_t count, done;
    const struct kernel *k = kernels(&count);
    struct pair_sample *samples;
    struct duel *d;
    int err;

    if (p->control && count > 0) {
        k += count - 1;
        count = 1;
    }
    err = duel_create(p->first, p->second, &d, r->error);
    if (err < 0)
        return err;
    samples = ps_arena_array(r->arena, rounds * count, sizeof *samples);
    if (isnan(p->round_trip))
        p->round_trip = duel_round_trip(d);
    done = measure_rounds(r, d, rounds, k, count, samples);
    duel_destroy(d);
    p->kernel_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_pair_kernel *to = &p->kernels[i];

        *to = (struct ps_pair_kernel){
            .id = k[i].id, .what = k[i].what, .saturating = k[i].saturating};
        ps_pair_summarize(&samples[i * rounds], done, to);
    }
    ps_pair_judge(r->arena, p);
    return 0;
}

static bool siblings(const struct ps_topology *t, int first, int second)
{
    const struct ps_cpu *a = ps_topology_cpu(t, first), *b = ps_topology_cpu(t, second);

    return a && b && first != second && a->core == b->core;
}

/* Pairs that are to be tested, by their places in the list of CPUs. */
struct plan {
    size_t (*pairs)[2];
    size_t count;
};

static void plan_pair(struct run *r, struct plan *plan, size_t i, size_t j)
{
    const size_t low = i < j ? i : j, high = i < j ? j : i;

    for (size_t k = 0; k < plan->count; k++)
        if (plan->pairs[k][0] == low && plan->pairs[k][1] == high)
            return;
    plan->pairs = ps_arena_grow(r->arena, plan->pairs, plan->count, sizeof *plan->pairs);
    plan->pairs[plan->count][0] = low;
    plan->pairs[plan->count++][1] = high;
}

static size_t nearest_to(const struct ps_probe *p, size_t i)
{
    size_t best = i;

    for (size_t j = 0; j < p->cpu_count; j++) {
        if (j == i || isnan(p->trips[ps_trip_index(p->cpu_count, i, j)]))
            continue;
        if (best == i || p->trips[ps_trip_index(p->cpu_count, i, j)] <
                             p->trips[ps_trip_index(p->cpu_count, i, best)])
            best = j;
    }
    return best;
}

/* Siblings first: they show whether the method works here. */
static void plan_pairs(struct run *r, struct plan *plan)
{
    const struct ps_probe *p = r->probe;
    const size_t n = p->cpu_count;

    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (siblings(r->request->topology, p->cpus[i], p->cpus[j]))
                plan_pair(r, plan, i, j);
    for (size_t i = 0; i < n; i++) {
        size_t near = n > ALL_PAIRS ? nearest_to(p, i) : i;

        if (near != i)
            plan_pair(r, plan, i, near);
        for (size_t j = i + 1; n <= ALL_PAIRS && j < n; j++)
            plan_pair(r, plan, i, j);
    }
}

static struct ps_pair *add_pair(struct run *r, int first, int second)
{
    struct ps_probe *p = r->probe;

    p->pairs = ps_arena_grow(r->arena, p->pairs, p->pair_count, sizeof *p->pairs);
    p->pairs[p->pair_count] = (struct ps_pair){
        .first = first,
        .second = second,
        .siblings = siblings(r->request->topology, first, second),
        .round_trip = NAN,
    };
    return &p->pairs[p->pair_count++];
}

/* As many rounds as the time that is left allows each of the pairs left, in bounds. */
static size_t rounds_for(const struct run *r, size_t pairs_left)
{
    size_t count;
    double left = r->request->max_time - elapsed(r), round;

    kernels(&count);
    round = 3e-9 * DUEL_WINDOW_NS * (double)(count ? count : 1);
    return (size_t)fmax(ROUNDS_LEAST, fmin(ROUNDS_MOST, left / (double)pairs_left / round * 0.9));
}

static int test_pairs(struct run *r)
{
    struct ps_probe *p = r->probe;
    struct plan plan = {0};

    plan_pairs(r, &plan);
    for (size_t i = 0; i < plan.count; i++) {
        const size_t *at = plan.pairs[i];
        struct ps_pair *pair;
        int err;

        if (stopped(r) || (i > 0 && elapsed(r) >= r->request->max_time)) {
            p->pairs_left = plan.count - i;
            return 0;
        }
        pair = add_pair(r, p->cpus[at[0]], p->cpus[at[1]]);
        pair->round_trip = p->trips[ps_trip_index(p->cpu_count, at[0], at[1])];
        err = measure_pair(r, pair, rounds_for(r, plan.count - i));
        if (err < 0)
            return err;
        p->siblings_shown |= pair->siblings;
    }
    return 0;
}

/* Two threads on one CPU have to be told from two CPUs, wherever this runs. */
static int test_one_cpu(struct run *r, int cpu)
{
    struct ps_pair *pair = add_pair(r, cpu, cpu);

    pair->control = true;
    return measure_pair(r, pair, CONTROL_ROUNDS);
}

static void name_levels(struct run *r)
{
    const struct ps_topology *t = r->request->topology;
    struct ps_probe *p = r->probe;
    enum { WAYS = 4 };
    static const char *const names[WAYS] = {"cores", "L3 caches", "NUMA nodes", "packages"};
    unsigned *groups[WAYS];

    for (size_t i = 0; i < WAYS; i++)
        groups[i] = ps_arena_array(r->arena, p->cpu_count, sizeof *groups[i]);
    for (size_t i = 0; i < p->cpu_count; i++) {
        const struct ps_cpu *c = ps_topology_cpu(t, p->cpus[i]);

        groups[0][i] = c->core;
        groups[1][i] = c->l3;
        groups[2][i] = c->node;
        groups[3][i] = c->package;
    }
    for (size_t l = 0; l < p->level_count; l++)
        for (size_t i = 0; i < WAYS && !p->levels[l].same_as; i++)
            if (ps_same_groups(p->levels[l].group, groups[i], p->cpu_count))
                p->levels[l].same_as = names[i];
}

static int run_all(struct run *r)
{
    const struct ps_probe_request *q = r->request;
    struct ps_probe *p = r->probe;
    int err = test_one_cpu(r, p->cpus[0]);

    if (err < 0 || p->cpu_count < 2)
        return err;
    err = measure_trips(r, elapsed(r) + TRIPS_SHARE * (q->max_time - elapsed(r)));
    if (err < 0)
        return err;
    ps_clusters(r->arena, p->trips, p->cpu_count, &p->levels, &p->level_count);
    name_levels(r);
    return test_pairs(r);
}

int ps_probe_run(const struct ps_probe_request *q, struct ps_arena *a, struct ps_probe **out,
                 struct ps_err *e)
{
    struct ps_probe *p = ps_arena_alloc(a, sizeof *p);
    struct run r = {q, p, a, e, ps_now_ns()};
    int err;

    if (q->cpu_count > PS_PROBE_CPUS)
        return ps_fail(e, EINVAL, "%zu CPUs are too many: give a list of at most %d", q->cpu_count,
                       PS_PROBE_CPUS);
    p->arena = a;
    p->max_time = q->max_time;
    p->cpu_count = q->cpu_count;
    p->cpus = ps_arena_array(a, q->cpu_count, sizeof *p->cpus);
    memcpy(p->cpus, q->cpus, q->cpu_count * sizeof *p->cpus);
    err = run_all(&r);
    p->elapsed = elapsed(&r);
    if (err < 0)
        return err;
    *out = p;
    p->interrupted = stopped(&r);
    return p->interrupted ? -EINTR : 0;
}
