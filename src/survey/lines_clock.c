/* The lines of `parscope doctor` about the clock and the neighbours. */
#include <math.h>

#include "lines.h"
#include "units.h"

#define PMU_OFF 0.03 /* what the estimate may be off the PMU's cycles */

struct totals {
    size_t looks, clocks, crowded;
    double low, high, spread; /* the worst */
    double best, worst;
};

static struct totals add_up(const struct ps_doctor *d)
{
    struct totals t = {.low = NAN, .high = NAN, .spread = NAN, .best = NAN, .worst = NAN};

    for (size_t i = 0; i < d->cpu_count; i++) {
        const struct ps_doctor_cpu *c = &d->cpus[i];

        t.looks += c->looks;
        t.clocks += c->clocks;
        t.crowded += c->crowded;
        t.low = fmin(t.low, c->hz_low);
        t.high = fmax(t.high, c->hz_high);
        t.spread = fmax(t.spread, c->spread);
        t.best = fmax(t.best, c->best);
        t.worst = fmin(t.worst, c->neighbour_low);
    }
    return t;
}

static const char *against_pmu(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    if (isnan(f->pmu_ratio))
        return "there is no PMU to check it against";
    return ps_arena_format(d->arena, "%+.2f %% off the PMU's cycles", (f->pmu_ratio - 1) * 100);
}

static const char *clock_remedy(const struct ps_doctor_facts *f, const struct totals *t)
{
    if (2 * t->clocks < t->looks)
        return "measure when the machine is quiet";
    return fabs(f->pmu_ratio - 1) > PMU_OFF
               ? "trust the PMU: instructions take other times on this CPU than the estimate "
                 "assumes"
               : NULL;
}

void doctor_clock(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const struct totals total = add_up(d), *t = &total;
    const char *remedy = clock_remedy(f, t);
    char low[32], high[32], spread[32];

    if (t->clocks == 0) {
        ps_doctor_add(
            d, "clock", PS_HEALTH_MISSING,
            "measure when the machine is quiet: the probe needs a CPU to itself for 0.1 "
            "ms",
            "no clock from chains of dependent instructions: they don't agree, or each measurement "
            "was interrupted");
        return;
    }
    ps_doctor_add(
        d, "clock", remedy ? PS_HEALTH_LIMITED : PS_HEALTH_OK, remedy,
        "%sHz to %sHz from dependent instructions; chains agree within %s, in %zu of %zu samples; "
        "%s",
        ps_format_si(low, sizeof low, t->low), ps_format_si(high, sizeof high, t->high),
        ps_format_percent(spread, sizeof spread, t->spread), t->clocks, t->looks,
        against_pmu(d, f));
}

void doctor_neighbours(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const struct totals total = add_up(d), *t = &total;
    char best[32], worst[32];

    if (isnan(t->best)) {
        ps_doctor_add(d, "neighbours", PS_HEALTH_UNKNOWN, NULL, "no index on this machine");
        return;
    }
    ps_format_si(best, sizeof best, t->best);
    ps_format_si(worst, sizeof worst, t->worst);
    if (20 * t->crowded <= t->looks)
        ps_doctor_add(d, "neighbours", PS_HEALTH_OK, NULL,
                      "none seen: %s to %s independent additions per cycle", worst, best);
    else
        ps_doctor_add(
            d, "neighbours", PS_HEALTH_LIMITED,
            "use an instance that does not share cores, or another time; 'doctor --watch 1min' "
            "shows how often this happens",
            "in %zu of %zu samples the core was clearly slower: %s to %s independent additions per "
            "cycle",
            t->crowded, t->looks, worst, best);
}
