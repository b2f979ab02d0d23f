/* Means of the stack's terms over rounds, with both identities kept: docs/design/statistics.md. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "correlated.h"
#include "stack.h"

/* Of one round: factors' logarithms and losses, NaN where not known, with its efficiency. */
struct sample {
    double e, log_e;
    double x[PS_STACK_TERMS];
};

/* The terms that the same rounds know: they share all weights. */
struct group {
    enum ps_stack_term terms[PS_STACK_TERMS];
    size_t count;
};

/* By efficiency, and room for a walk over resamples. */
struct series {
    struct sample *samples;
    size_t n;
    uint8_t *times;                /* a value for each round and lane: how often it counts */
    double *means[PS_STACK_TERMS]; /* of each resample */
    double *room;                  /* of the means */
};

/* A value for each resample at work. */
struct lanes {
    double v[PS_LANES];
};

static int compare_samples(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;

    return (x->e > y->e) - (x->e < y->e);
}

/* The median efficiency of each. */
static struct lanes medians(const struct series *s)
{
    const size_t before = (s->n - 1) / 2, behind = s->n / 2;
    struct lanes low = {{0}}, high = {{0}};
    uint32_t seen[PS_LANES] = {0};

    for (size_t i = 0; i < s->n; i++) {
        const uint8_t *times = s->times + i * PS_LANES;

        for (size_t k = 0; k < PS_LANES; k++) {
            uint32_t after = seen[k] + times[k];

            low.v[k] = seen[k] <= before && after > before ? s->samples[i].e : low.v[k];
            high.v[k] = seen[k] <= behind && after > behind ? s->samples[i].e : high.v[k];
            seen[k] = after;
        }
    }
    for (size_t k = 0; k < PS_LANES; k++)
        low.v[k] += (high.v[k] - low.v[k]) / 2;
    return low;
}

/* How often each counts: those of the middle half, as its quarters at both ends are left out. */
static void keep_middle(const struct series *s)
{
    const uint32_t low = (uint32_t)(s->n / 4), high = (uint32_t)(s->n - s->n / 4);
    uint32_t before[PS_LANES] = {0};

    for (size_t i = 0; i < s->n; i++) {
        uint8_t *times = s->times + i * PS_LANES;

        for (size_t k = 0; k < PS_LANES; k++) {
            uint32_t after = before[k] + times[k];
            uint32_t from = before[k] > low ? before[k] : low, to = after < high ? after : high;

            times[k] = (uint8_t)(to > from ? to - from : 0);
            before[k] = after;
        }
    }
}

/* By what the rounds on either side of the median are weighed, so that the weighted mean of the
 * logarithms is its logarithm. */
struct balance {
    struct lanes median, log_median, below, above;
};

static bool counts(const struct series *s, size_t i, const struct group *g)
{
    const uint8_t *times = s->times + i * PS_LANES;
    unsigned any = 0;

    for (size_t k = 0; k < PS_LANES; k++)
        any |= times[k];
    return any && !isnan(s->samples[i].x[g->terms[0]]);
}

static void balance_set(const struct series *s, const struct group *g, struct balance *b)
{
    struct lanes below = {{0}}, above = {{0}};

    for (size_t i = 0; i < s->n; i++) {
        const uint8_t *times = s->times + i * PS_LANES;

        if (!counts(s, i, g))
            continue;
        for (size_t k = 0; k < PS_LANES; k++) {
            double d = times[k] * (s->samples[i].log_e - b->log_median.v[k]);

            above.v[k] += d > 0 ? d : 0;
            below.v[k] += d < 0 ? -d : 0;
        }
    }
    for (size_t k = 0; k < PS_LANES; k++) {
        double both = above.v[k] + below.v[k];

        b->above.v[k] = both > 0 ? 2 * below.v[k] / both : 1;
        b->below.v[k] = both > 0 ? 2 * above.v[k] / both : 1;
    }
}

/* 1 / L(e, median) */
static double per_log_mean(const struct sample *s, double median, double log_median)
{
    double d = s->e - median;

    /* Next to it both differences are rounding errors. */
    return fabs(d) < 1e-9 * median ? 1 / median : (s->log_e - log_median) / d;
}

/* Of one round: the weight in factors and in losses. */
static void weigh(const struct sample *s, const uint8_t *times, const struct balance *b,
                  struct lanes *factor, struct lanes *loss)
{
    for (size_t k = 0; k < PS_LANES; k++) {
        double median = b->median.v[k];
        double side = s->e > median ? b->above.v[k] : s->e < median ? b->below.v[k] : 1;

        factor->v[k] = times[k] * side;
        loss->v[k] = factor->v[k] * per_log_mean(s, median, b->log_median.v[k]);
    }
}

/* means[i]: of term g->terms[i]. */
static void weighted(const struct series *s, const struct group *g, const struct balance *b,
                     struct lanes *means)
{
    struct lanes weights[2] = {{{0}}}, w[2];

    memset(means, 0, g->count * sizeof *means);
    for (size_t i = 0; i < s->n; i++) {
        const struct sample *x = &s->samples[i];

        if (!counts(s, i, g))
            continue;
        weigh(x, s->times + i * PS_LANES, b, &w[0], &w[1]);
        for (size_t k = 0; k < PS_LANES; k++) {
            weights[0].v[k] += w[0].v[k];
            weights[1].v[k] += w[1].v[k];
        }
        for (size_t t = 0; t < g->count; t++) {
            const struct lanes *by = &w[g->terms[t] >= PS_LOST_FIRST];

            for (size_t k = 0; k < PS_LANES; k++)
                means[t].v[k] += by->v[k] * x->x[g->terms[t]];
        }
    }
    for (size_t t = 0; t < g->count; t++)
        for (size_t k = 0; k < PS_LANES; k++)
            means[t].v[k] /= weights[g->terms[t] >= PS_LOST_FIRST].v[k];
}

/* Of the resamples in s->times, which it changes. */
static void estimate(const struct series *s, const struct group *groups, size_t count,
                     struct lanes *means)
{
    struct balance b = {.median = medians(s)};

    for (size_t k = 0; k < PS_LANES; k++)
        b.log_median.v[k] = log(b.median.v[k]);
    keep_middle(s);
    for (size_t i = 0; i < count; i++) {
        balance_set(s, &groups[i], &b);
        weighted(s, &groups[i], &b, means);
        means += groups[i].count;
    }
}

static bool known_somewhere(const double *terms, size_t rounds, enum ps_stack_term term)
{
    for (size_t r = 0; r < rounds; r++)
        if (!isnan(terms[r * PS_STACK_TERMS + term]))
            return true;
    return false;
}

/* A loss that only some rounds know is part of another one in the others, and 0 there. Rounds
 * without a stack have their say in the median alone. */
static double value_of(const double *row, enum ps_stack_term term, bool known)
{
    if (term < PS_LOST_FIRST)
        return log(row[term]);
    return known && isnan(row[term]) && !isnan(row[PS_STACK_PARALLEL]) ? 0 : row[term];
}

static void collect(const double *terms, size_t rounds, struct series *s)
{
    bool known[PS_STACK_TERMS];

    for (unsigned i = 0; i < PS_STACK_TERMS; i++)
        known[i] = known_somewhere(terms, rounds, (enum ps_stack_term)i);
    for (size_t r = 0; r < rounds; r++) {
        const double *row = terms + r * PS_STACK_TERMS;
        double e = row[PS_STACK_EFFICIENCY];
        struct sample x = {e, log(e), {0}};

        for (unsigned i = 0; !isnan(e) && i < PS_STACK_TERMS; i++)
            x.x[i] = value_of(row, (enum ps_stack_term)i, known[i]);
        if (!isnan(e))
            s->samples[s->n++] = x;
    }
    qsort(s->samples, s->n, sizeof *s->samples, compare_samples);
}

/* By what the term was in single rounds, in their order. */
static int widen(const double *terms, size_t rounds, enum ps_stack_term term, struct ps_interval *i)
{
    bool known = known_somewhere(terms, rounds, term);
    double *x = calloc(rounds + 1, sizeof *x);
    int err = -ENOMEM;

    for (size_t r = 0; x && r < rounds; r++) {
        double value = value_of(terms + r * PS_STACK_TERMS, term, known);

        x[r] = term < PS_LOST_FIRST ? exp(value) : value;
    }
    if (x)
        err = ps_widen_correlated(x, rounds, i);
    free(x);
    return err;
}

static bool same_rounds(const struct series *s, enum ps_stack_term a, enum ps_stack_term b)
{
    for (size_t i = 0; i < s->n; i++)
        if (isnan(s->samples[i].x[a]) != isnan(s->samples[i].x[b]))
            return false;
    return true;
}

static bool known_at_all(const struct series *s, enum ps_stack_term term)
{
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(s->samples[i].x[term]))
            return true;
    return false;
}

/* Of the terms that are wanted, but for the efficiency and those that no round knows. */
static size_t find_groups(const struct series *s, unsigned wanted, struct group *groups)
{
    size_t count = 0;

    for (unsigned i = 0; i < PS_STACK_TERMS; i++) {
        enum ps_stack_term term = (enum ps_stack_term)i;
        struct group *g = groups;

        if (term == PS_STACK_EFFICIENCY || !(wanted & 1u << i) || !known_at_all(s, term))
            continue;
        while (g < groups + count && !same_rounds(s, g->terms[0], term))
            g++;
        count += g == groups + count;
        g->terms[g->count++] = term;
    }
    return count;
}

static int of_efficiency(const double *terms, size_t rounds, struct ps_draws *draws,
                         struct ps_interval *out)
{
    double *e = calloc(rounds + 1, sizeof *e);
    int err = -ENOMEM;

    for (size_t i = 0; e && i < rounds; i++)
        e[i] = terms[i * PS_STACK_TERMS + PS_STACK_EFFICIENCY];
    if (e)
        err = ps_median_interval(draws, e, rounds, out);
    free(e);
    return err;
}

/* The estimate itself: each round once. */
static void set_values(const struct series *s, const struct group *groups, size_t count,
                       double *values)
{
    struct lanes means[PS_STACK_TERMS];
    size_t at = 0;

    memset(s->times, 1, s->n * PS_LANES);
    estimate(s, groups, count, means);
    for (size_t i = 0; i < count; i++)
        for (size_t t = 0; t < groups[i].count; t++)
            values[groups[i].terms[t]] = means[at++].v[0];
}

static void resample(const struct series *s, const struct group *groups, size_t count,
                     struct ps_draw_walk *walk)
{
    struct lanes means[PS_STACK_TERMS];

    for (size_t r = 0; r < walk->drawn->count; r += PS_LANES) {
        size_t at = 0;

        ps_draw_lanes(walk, s->times);
        estimate(s, groups, count, means);
        for (size_t i = 0; i < count; i++)
            for (size_t t = 0; t < groups[i].count; t++)
                memcpy(s->means[groups[i].terms[t]] + r, &means[at++], sizeof *means);
    }
}

static bool has_room(struct series *s, size_t stride)
{
    s->room = malloc(PS_STACK_TERMS * stride * sizeof *s->room);
    for (size_t i = 0; s->room && i < PS_STACK_TERMS; i++)
        s->means[i] = s->room + i * stride;
    return s->room;
}

static int of_terms(struct series *s, unsigned wanted, struct ps_draws *draws,
                    struct ps_interval *out)
{
    struct group groups[PS_STACK_TERMS] = {{.count = 0}};
    size_t count = find_groups(s, wanted, groups);
    double values[PS_STACK_TERMS];
    struct ps_draw_walk walk;

    if (!count)
        return 0;
    set_values(s, groups, count, values);
    for (size_t i = 0; i < count; i++)
        for (size_t t = 0; t < groups[i].count; t++) {
            enum ps_stack_term term = groups[i].terms[t];

            out[term].value = term < PS_LOST_FIRST ? exp(values[term]) : values[term];
        }
    if (s->n < PS_MIN_ROUNDS)
        return 0;
    walk = ps_draw_walk_of(draws, s->n);
    if (!has_room(s, walk.drawn->stride))
        return -ENOMEM;
    resample(s, groups, count, &walk);
    for (unsigned i = 0; i < PS_STACK_TERMS; i++)
        if (!isnan(out[i].value))
            out[i] = ps_percentiles(values[i], s->means[i], walk.drawn->count, walk.drawn->tail,
                                    i < PS_LOST_FIRST);
    return 0;
}

int ps_stack_intervals(const double *terms, size_t rounds, unsigned wanted, struct ps_draws *draws,
                       struct ps_interval out[PS_STACK_TERMS])
{
    struct series s = {.samples = calloc(rounds + 1, sizeof *s.samples),
                       .times = malloc((rounds + 1) * PS_LANES)};
    int err = -ENOMEM;

    for (unsigned i = 0; i < PS_STACK_TERMS; i++)
        out[i] = (struct ps_interval){NAN, NAN, NAN};
    if (s.samples && s.times) {
        collect(terms, rounds, &s);
        err = of_terms(&s, wanted, draws, out);
        for (unsigned i = 0; !err && i < PS_STACK_TERMS; i++)
            err = widen(terms, rounds, (enum ps_stack_term)i, &out[i]);
        if (!err && wanted & 1u << PS_STACK_EFFICIENCY)
            err = of_efficiency(terms, rounds, draws, &out[PS_STACK_EFFICIENCY]);
    }
    free(s.samples);
    free(s.times);
    free(s.room);
    return err;
}

int ps_stack_interval(const double *terms, size_t rounds, enum ps_stack_term term, uint64_t seed,
                      struct ps_interval *out)
{
    struct ps_interval all[PS_STACK_TERMS];
    struct ps_draws draws = ps_draws_of(seed);
    int err = ps_stack_intervals(terms, rounds, 1u << term, &draws, all);

    ps_draws_finish(&draws);
    *out = all[term];
    return err;
}
