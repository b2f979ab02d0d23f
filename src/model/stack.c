#include "stack.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const ps_stack_ids[PS_STACK_TERMS] = {
    [PS_STACK_EFFICIENCY] = "stack_efficiency",
    [PS_STACK_PARALLEL] = "parallel_efficiency",
    [PS_STACK_COMPUTATION] = "computation_scaling",
    [PS_STACK_REFERENCE] = "reference_busy",
    [PS_STACK_INSTRUCTIONS] = "instruction_scaling",
    [PS_STACK_IPC] = "ipc_scaling",
    [PS_STACK_CYCLES] = "cycles_scaling",
    [PS_STACK_FREQUENCY] = "frequency_scaling",
    [PS_STACK_WAIT] = "wait_efficiency",
    [PS_LOST_SERIAL] = "lost_cores_serial",
    [PS_LOST_IMBALANCE] = "lost_cores_imbalance",
    [PS_LOST_WAITING] = "lost_cores_waiting",
    [PS_LOST_RUNTIME] = "lost_cores_runtime",
    [PS_LOST_OTHERS] = "lost_cores_others",
    [PS_LOST_INSTRUCTIONS] = "lost_cores_instructions",
    [PS_LOST_IPC] = "lost_cores_ipc",
    [PS_LOST_CYCLES] = "lost_cores_cycles",
    [PS_LOST_COMPUTATION] = "lost_cores_computation",
    [PS_LOST_FREQUENCY] = "lost_cores_frequency",
    [PS_LOST_REFERENCE_IDLE] = "lost_cores_reference_idle",
};

enum ps_stack_term ps_stack_find(const char *id)
{
    unsigned i = 0;

    while (i < PS_STACK_TERMS && strcmp(ps_stack_ids[i], id))
        i++;
    return (enum ps_stack_term)i;
}

double ps_log_mean(double a, double b)
{
    double x = (a - b) / b;

    return x == 0 ? a : b * x / log1p(x);
}

static double occupied(const struct ps_stack_times *t)
{
    return t->busy + t->serial;
}

double ps_stack_useful(const struct ps_stack_times *t)
{
    return fmin(t->cpu, occupied(t)); /* fmin ignores what is not known */
}

static double between(double x, double low, double high)
{
    return fmax(low, fmin(x, high));
}

/* What others had of the CPUs, no more than was not used. Returns what is left of `rest`. */
static double without_others(const struct ps_stack_times *t, double rest, double *terms)
{
    double others = between(t->others, 0, fmax(rest, 0));

    if (isnan(t->others))
        return rest;
    terms[PS_LOST_OTHERS] = others / t->wall;
    return rest - others;
}

/* What the p CPUs did not do for the workload in the wall time. Slots are told apart by their busy
 * time, of which the share `on` was on a CPU, and `wanted` would have been but for others. */
static void idleness(const struct ps_stack_times *t, double p, double useful, double *terms)
{
    double on = useful / occupied(t), serial = (p - 1) * t->serial;
    double all = p * t->wall - useful - serial, rest, imbalance = 0, runtime, wanted;

    if (isnan(on)) {
        terms[PS_LOST_WAITING] = without_others(t, p * t->wall - useful, terms) / t->wall;
        return;
    }
    rest = without_others(t, all, terms);
    wanted = fmin(1, on + (all - rest) / occupied(t));
    terms[PS_LOST_SERIAL] = serial / t->wall;
    if (t->wall > t->serial)
        terms[PS_STACK_WAIT] = on * t->max_busy / (t->wall - t->serial);
    if (!isnan(t->max_busy)) {
        imbalance = between(wanted * (t->slots * t->max_busy - t->busy), 0, fmax(rest, 0));
        terms[PS_LOST_IMBALANCE] = imbalance / t->wall;
        rest -= imbalance;
    }
    if (t->runtime && !isnan(t->cpu)) {
        /* Spinning was waiting, for the slowest slot or for other things. */
        runtime = between(t->cpu - occupied(t), 0, fmax(rest - fmax(t->spin - imbalance, 0), 0));
        terms[PS_LOST_RUNTIME] = runtime / t->wall;
        rest -= runtime;
    }
    terms[PS_LOST_WAITING] = rest / t->wall;
}

/* A factor of CS, and its part of U - U1: the logarithmic-mean Divisia index. */
static void attribute(double factor, double log_mean, double wall, double *term, double *lost)
{
    *term = factor;
    *lost = -log_mean * log(factor) / wall;
}

static void computation(const struct ps_stack_times *t, const struct ps_stack_times *base, double u,
                        double u1, double *terms)
{
    double clock = t->frequency / base->frequency, ipc = t->ipc / base->ipc;
    double cs = u1 / u, mean;

    if (!(u > 0) || !(u1 > 0)) {
        terms[PS_LOST_COMPUTATION] = (u - u1) / t->wall;
        return;
    }
    mean = ps_log_mean(u, u1);
    terms[PS_STACK_COMPUTATION] = cs;
    if (!(clock > 0) || isinf(clock)) {
        terms[PS_LOST_COMPUTATION] = (u - u1) / t->wall;
        return;
    }
    attribute(clock, mean, t->wall, &terms[PS_STACK_FREQUENCY], &terms[PS_LOST_FREQUENCY]);
    if (!(ipc > 0) || isinf(ipc)) {
        attribute(cs / clock, mean, t->wall, &terms[PS_STACK_CYCLES], &terms[PS_LOST_CYCLES]);
        return;
    }
    attribute(ipc, mean, t->wall, &terms[PS_STACK_IPC], &terms[PS_LOST_IPC]);
    attribute(cs / clock / ipc, mean, t->wall, &terms[PS_STACK_INSTRUCTIONS],
              &terms[PS_LOST_INSTRUCTIONS]);
}

void ps_stack_round(const struct ps_stack_times *t, const struct ps_stack_times *base, double p,
                    double terms[PS_STACK_TERMS])
{
    double u = ps_stack_useful(t), u1 = ps_stack_useful(base);

    for (size_t i = 0; i < PS_STACK_TERMS; i++)
        terms[i] = NAN;
    if (!(t->wall > 0) || !(base->wall > 0) || isnan(u) || isnan(u1))
        return;
    terms[PS_STACK_EFFICIENCY] = base->wall / (p * t->wall);
    terms[PS_STACK_PARALLEL] = u / (p * t->wall);
    terms[PS_STACK_REFERENCE] = u1 / base->wall;
    terms[PS_LOST_REFERENCE_IDLE] = -(base->wall - u1) / t->wall;
    idleness(t, p, u, terms);
    computation(t, base, u, u1, terms);
}

/* Of one round that counts: a factor's logarithm or a loss, with its efficiency. */
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

/* How often each counts in a resample: those of the middle half, as its quarters at both ends are
 * left out. */
static void count_middle(const struct series *s, const uint32_t *pick, size_t n)
{
    size_t low = n / 4, high = n - n / 4, before = 0;

    memset(s->times, 0, n * sizeof *s->times);
    for (size_t i = 0; i < n; i++)
        s->times[pick[i]]++;
    for (size_t i = 0; i < n; i++) {
        size_t after = before + s->times[i];
        size_t from = before > low ? before : low, to = after < high ? after : high;

        s->times[i] = to > from ? (uint32_t)(to - from) : 0;
        before = after;
    }
}

static double mean_of(const struct series *s, size_t n, bool efficiency)
{
    double sum = 0, weights = 0;

    for (size_t i = 0; i < n; i++) {
        sum += s->times[i] * (efficiency ? s->samples[i].log_e : s->samples[i].x);
        weights += s->times[i];
    }
    return sum / weights;
}

/* 1 / L(e, mean), where mean is that of all. */
static double weight_of(const struct sample *s, double mean, double log_mean)
{
    double d = s->e - mean;

    /* Next to the mean both differences are rounding errors. */
    return fabs(d) < 1e-9 * mean ? 1 / mean : (s->log_e - log_mean) / d;
}

static double statistic(void *arg, const uint32_t *pick, size_t n)
{
    const struct series *s = arg;
    double log_mean, mean, sum = 0, weights = 0;

    count_middle(s, pick, n);
    if (!s->lost)
        return exp(mean_of(s, n, false));
    log_mean = mean_of(s, n, true);
    mean = exp(log_mean);
    for (size_t i = 0; i < n; i++) {
        double w = s->times[i] ? s->times[i] * weight_of(&s->samples[i], mean, log_mean) : 0;

        sum += w * s->samples[i].x;
        weights += w;
    }
    return sum / weights;
}

static size_t collect(const double *terms, size_t rounds, enum ps_stack_term term, struct series *s)
{
    size_t n = 0;

    for (size_t r = 0; r < rounds; r++) {
        const double *row = terms + r * PS_STACK_TERMS;
        double e = row[PS_STACK_EFFICIENCY];

        if (!isnan(e) && !isnan(row[term]))
            s->samples[n++] = (struct sample){s->lost ? row[term] : log(row[term]), e, log(e)};
    }
    qsort(s->samples, n, sizeof *s->samples, compare_samples);
    return n;
}

int ps_stack_interval(const double *terms, size_t rounds, enum ps_stack_term term, uint64_t seed,
                      struct ps_interval *out)
{
    struct series s = {calloc(rounds + 1, sizeof *s.samples), calloc(rounds + 1, sizeof *s.times),
                       term >= PS_LOST_FIRST};
    int err = -ENOMEM;

    if (s.samples && s.times)
        err = ps_bootstrap(statistic, &s, collect(terms, rounds, term, &s), seed, out);
    free(s.samples);
    free(s.times);
    return err;
}

void ps_apportion(const double *x, size_t n, double step, double *out)
{
    double sum = 0, floors = 0;

    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        out[i] = floor(x[i] / step);
        floors += out[i];
    }
    for (double left = round(sum / step) - floors; left > 0.5; left--) {
        size_t best = 0;

        for (size_t i = 1; i < n; i++)
            if (x[i] / step - out[i] > x[best] / step - out[best])
                best = i;
        out[best]++;
    }
    for (size_t i = 0; i < n; i++)
        out[i] *= step;
}
