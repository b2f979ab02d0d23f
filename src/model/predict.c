#include "predict.h"

#include <math.h>

#define RULED_OUT 4    /* of AICc */
#define ALIKE     0.01 /* efficiencies without intervals */

static double amdahl(double serial, double p)
{
    return 1 / (serial + (1 - serial) / p);
}

static struct ps_interval amdahl_at(struct ps_interval s, double p)
{
    return (struct ps_interval){amdahl(s.value, p), amdahl(s.high, p), amdahl(s.low, p)};
}

static bool ruled_out(const struct ps_usl *u, enum ps_law law)
{
    return u->best != PS_LAW_NONE && !(u->aicc[law] - u->aicc[u->best] <= RULED_OUT);
}

/* How far the best law is off at the point that it fits worst. */
static double misfit(const struct ps_curve *c, bool by_usl)
{
    const struct ps_usl *u = c->usl;
    const struct ps_usl_fit f = {u->gamma.value, u->sigma.value, u->kappa.value, 0};
    double most = 0;

    for (size_t i = 0; i < c->count; i++) {
        double fitted = by_usl ? ps_usl(&f, c->p[i]) : amdahl(c->serial.value, c->p[i]);

        if (c->speedup[i] > 0)
            most = fmax(most, fabs(fitted / c->speedup[i] - 1));
    }
    return most;
}

static size_t counts_above_one(const struct ps_curve *c, double *largest)
{
    size_t count = 0;

    *largest = 1;
    for (size_t i = 0; i < c->count; i++) {
        bool seen = !(c->p[i] > 1) || !(c->speedup[i] > 0);

        for (size_t k = 0; k < i; k++)
            seen |= c->p[k] == c->p[i];
        count += !seen;
        *largest = seen ? *largest : fmax(*largest, c->p[i]);
    }
    return count;
}

static struct ps_prediction refused(enum ps_prediction_status status)
{
    return (struct ps_prediction){status, {NAN, NAN, NAN}, PS_LAW_NONE};
}

static bool known(struct ps_interval i)
{
    return isfinite(i.value) && isfinite(i.low) && isfinite(i.high);
}

/* Of both laws, where both may hold. */
static struct ps_interval joined(struct ps_interval best, struct ps_interval other)
{
    if (!known(other))
        return best;
    return (struct ps_interval){best.value, fmin(best.low, other.low), fmax(best.high, other.high)};
}

static enum ps_prediction_status basis(const struct ps_curve *c, double p)
{
    double largest;
    size_t counts = counts_above_one(c, &largest);

    if (p <= largest)
        return PS_PREDICT_MEASURED;
    if (isnan(c->serial.value))
        return counts ? PS_PREDICT_NO_LAW : PS_PREDICT_FEW;
    if (counts < 2 || !known(c->serial))
        return PS_PREDICT_FEW;
    if (p > largest * (c->usl->best == PS_LAW_NONE ? PS_PREDICT_CLOSE : PS_PREDICT_REACH))
        return PS_PREDICT_FAR;
    return PS_PREDICTED;
}

struct ps_prediction ps_predict(const struct ps_curve *c, double p, struct ps_interval usl_there)
{
    struct ps_prediction out = refused(basis(c, p));
    bool by_usl = ruled_out(c->usl, PS_LAW_AMDAHL) || c->usl->best == PS_LAW_USL;
    struct ps_interval by_amdahl;

    if (out.status != PS_PREDICTED)
        return out;
    if (misfit(c, by_usl) > PS_PREDICT_MISFIT || (by_usl && !known(usl_there)))
        return refused(PS_PREDICT_MISSES);
    by_amdahl = ruled_out(c->usl, PS_LAW_AMDAHL) ? (struct ps_interval){NAN, NAN, NAN}
                                                 : amdahl_at(c->serial, p);
    out.speedup = by_usl ? joined(usl_there, by_amdahl) : joined(by_amdahl, usl_there);
    out.law = by_usl ? PS_LAW_USL : PS_LAW_AMDAHL;
    if (out.speedup.high > PS_PREDICT_WIDEST * out.speedup.low)
        out.status = PS_PREDICT_WIDE;
    return out;
}

static double upper(struct ps_interval i)
{
    return isnan(i.high) ? i.value * (1 + ALIKE) : i.high;
}

size_t ps_cheapest(const double *p, const struct ps_interval *efficiency, size_t n)
{
    double best = 0;
    size_t cheapest = n;

    for (size_t i = 0; i < n; i++)
        best = fmax(best, efficiency[i].value);
    for (size_t i = 0; i < n; i++)
        if (upper(efficiency[i]) >= best && (cheapest == n || p[i] > p[cheapest]))
            cheapest = i;
    return cheapest;
}

size_t ps_keeps_efficiency(const double *p, const struct ps_interval *efficiency, size_t n,
                           double wanted)
{
    size_t most = n;

    for (size_t i = 0; i < n; i++)
        if (efficiency[i].value >= wanted && (most == n || p[i] > p[most]))
            most = i;
    return most;
}
