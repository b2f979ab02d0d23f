/* Means of the stack's terms over rounds, with both identities kept: docs/design/statistics.md. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stack.h"

/* Of one round: a factor's logarithm or a loss, NaN where not known, with its efficiency. */
struct sample {
    double x, e, log_e;
};

/* By efficiency. */
struct series {
    struct sample *samples;
    uint32_t *times; /* that a resample has each */
    bool lost;
};

static int compare_samples(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;

    return (x->e > y->e) - (x->e < y->e);
}

static void count(const struct series *s, const uint32_t *pick, size_t n)
{
    memset(s->times, 0, n * sizeof *s->times);
    for (size_t i = 0; i < n; i++)
        s->times[pick[i]]++;
}

/* Efficiency at a rank of the resample, from 0. */
static double ranked(const struct series *s, size_t rank)
{
    size_t i = 0;

    for (size_t seen = s->times[0]; seen <= rank; seen += s->times[i])
        i++;
    return s->samples[i].e;
}

/* How often each counts: those of the middle half, as its quarters at both ends are left out. */
static void keep_middle(const struct series *s, size_t n)
{
    size_t low = n / 4, high = n - n / 4, before = 0;

    for (size_t i = 0; i < n; i++) {
        size_t after = before + s->times[i];
        size_t from = before > low ? before : low, to = after < high ? after : high;

        s->times[i] = to > from ? (uint32_t)(to - from) : 0;
        before = after;
    }
}

/* By what the rounds on either side of the median are weighed, so that the weighted mean of the
 * logarithms is its logarithm. */
struct balance {
    double median, log_median, below, above;
};

static bool counts(const struct series *s, size_t i)
{
    return s->times[i] && !isnan(s->samples[i].x);
}

static struct balance balance_of(const struct series *s, size_t n, double median)
{
    struct balance b = {median, log(median), 1, 1};
    double below = 0, above = 0;

    for (size_t i = 0; i < n; i++) {
        double d = counts(s, i) ? s->times[i] * (s->samples[i].log_e - b.log_median) : 0;

        above += fmax(d, 0);
        below += fmax(-d, 0);
    }
    if (!(above + below > 0))
        return b;
    b.above = 2 * below / (above + below);
    b.below = 2 * above / (above + below);
    return b;
}

/* 1 / L(e, median) */
static double per_log_mean(const struct sample *s, const struct balance *b)
{
    double d = s->e - b->median;

    /* Next to it both differences are rounding errors. */
    return fabs(d) < 1e-9 * b->median ? 1 / b->median : (s->log_e - b->log_median) / d;
}

static double side(const struct sample *s, const struct balance *b)
{
    return s->e > b->median ? b->above : s->e < b->median ? b->below : 1;
}

static double weighted(const struct series *s, size_t n, const struct balance *b)
{
    double sum = 0, weights = 0;

    for (size_t i = 0; i < n; i++) {
        const struct sample *x = &s->samples[i];
        double w;

        if (!counts(s, i))
            continue;
        w = s->times[i] * side(x, b) * (s->lost ? per_log_mean(x, b) : 1);
        sum += w * x->x;
        weights += w;
    }
    return sum / weights;
}

static double statistic(void *arg, const uint32_t *pick, size_t n)
{
    const struct series *s = arg;
    struct balance b;
    double mean;

    count(s, pick, n);
    b.median = ranked(s, (n - 1) / 2);
    b.median += (ranked(s, n / 2) - b.median) / 2;
    keep_middle(s, n);
    b = balance_of(s, n, b.median);
    mean = weighted(s, n, &b);
    return s->lost ? mean : exp(mean);
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

static size_t collect(const double *terms, size_t rounds, enum ps_stack_term term, struct series *s)
{
    bool known = known_somewhere(terms, rounds, term);
    size_t n = 0;

    for (size_t r = 0; r < rounds; r++) {
        const double *row = terms + r * PS_STACK_TERMS;
        double e = row[PS_STACK_EFFICIENCY];

        if (!isnan(e))
            s->samples[n++] = (struct sample){value_of(row, term, known), e, log(e)};
    }
    return n;
}

static int of_efficiency(const struct series *s, size_t n, uint64_t seed, struct ps_interval *out)
{
    double *e = calloc(n + 1, sizeof *e);
    int err = -ENOMEM;

    for (size_t i = 0; e && i < n; i++)
        e[i] = s->samples[i].e;
    if (e)
        err = ps_bootstrap_median(e, n, seed, out);
    free(e);
    return err;
}

int ps_stack_interval(const double *terms, size_t rounds, enum ps_stack_term term, uint64_t seed,
                      struct ps_interval *out)
{
    struct series s = {calloc(rounds + 1, sizeof *s.samples), calloc(rounds + 1, sizeof *s.times),
                       term >= PS_LOST_FIRST};
    int err = -ENOMEM;

    if (s.samples && s.times) {
        size_t n = collect(terms, rounds, term, &s);

        if (term == PS_STACK_EFFICIENCY) {
            err = of_efficiency(&s, n, seed, out);
        } else {
            qsort(s.samples, n, sizeof *s.samples, compare_samples);
            err = ps_bootstrap(statistic, &s, n, seed, out);
        }
    }
    free(s.samples);
    free(s.times);
    return err;
}
