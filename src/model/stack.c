#include "stack.h"

#include <math.h>
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
