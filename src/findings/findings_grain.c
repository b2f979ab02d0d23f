/* Findings about crossovers. */
#include <math.h>
#include <string.h>

#include "finding.h"
#include "units.h"

static bool same_axis(const struct ps_grain *a, const struct ps_grain *b)
{
    return !strcmp(a->workload_label, b->workload_label) && !strcmp(a->parameter, b->parameter);
}

static const struct ps_result_threshold *of(const struct ps_grain *g, bool idle)
{
    return idle ? &g->crossover_idle : &g->crossover;
}

/* At most this; infinity where it never pays. */
static double pays_from(const struct ps_grain *g, bool idle)
{
    const struct ps_result_threshold *f = of(g, idle);

    if (!strcmp(f->status, PS_RESULT_THRESHOLD_OK))
        return f->value;
    if (strcmp(f->status, PS_RESULT_THRESHOLD_BELOW))
        return INFINITY;
    return isnan(f->high) ? g->smallest : f->high;
}

/* The first to pay among those over the same axis; NULL where none does. */
static const struct ps_grain *earliest(const struct ps_result *r, const struct ps_grain *axis,
                                       bool idle)
{
    const struct ps_grain *best = NULL;

    for (size_t i = 0; i < r->grain_count; i++) {
        const struct ps_grain *g = &r->grains[i];
        double from = pays_from(g, idle);

        if (same_axis(g, axis) && isfinite(from) && (!best || from < pays_from(best, idle)))
            best = g;
    }
    return best;
}

static const char *amount(const struct ps_result *r, const struct ps_grain *g, double value)
{
    char text[64];

    if (!strcmp(g->unit, "s"))
        return finding_time(r, value);
    if (!strcmp(g->unit, "1"))
        return finding_ratio(r, value);
    return ps_arena_copy(r->arena, ps_format_si(text, sizeof text, value));
}

/* "size 640 on (pool with 2 threads)" */
static const char *first_text(const struct ps_result *r, const struct ps_grain *g, bool idle)
{
    bool below = !strcmp(of(g, idle)->status, PS_RESULT_THRESHOLD_BELOW);

    return ps_arena_format(r->arena, "%s %s on%s (%s with %u thread%s)", g->parameter,
                           amount(r, g, pays_from(g, idle)), below ? " at the latest" : "",
                           g->strategy_label, g->threads, g->threads == 1 ? "" : "s");
}

/* A value that was measured, as it was asked for. */
static const char *given(const struct ps_result *r, const struct ps_grain *g, double value)
{
    char text[64];

    if (strcmp(g->unit, "count"))
        return amount(r, g, value);
    return ps_arena_copy(r->arena, ps_format_count(text, sizeof text, (uint64_t)value));
}

/* Of programs: who is faster than whom, and from where on. */
static void say_program(struct ps_result *r, const struct ps_grain *g)
{
    const struct ps_result_threshold *c = &g->crossover;
    const char *range = "";

    if (isfinite(c->value) && c->low > 0 && isfinite(c->high))
        range = ps_arena_format(r->arena, " [%s, %s]", amount(r, g, c->low), amount(r, g, c->high));
    if (isfinite(c->value))
        finding_say(r, "crossover", PS_INFO, "%s is faster than %s from %s %s%s on.",
                    g->strategy_label, g->against, g->parameter, amount(r, g, c->value), range);
    else if (!strcmp(c->status, PS_RESULT_THRESHOLD_BELOW))
        finding_say(r, "crossover", PS_INFO, "%s is faster than %s at every %s, from %s to %s.",
                    g->strategy_label, g->against, g->parameter, given(r, g, g->smallest),
                    given(r, g, g->largest));
    else
        finding_say(r, "crossover", PS_INFO,
                    "Whether %s or %s is faster is undecided for %s from %s to %s.",
                    g->strategy_label, g->against, g->parameter, given(r, g, g->smallest),
                    given(r, g, g->largest));
}

static bool any_open(const struct ps_result *r, const struct ps_grain *axis)
{
    for (size_t i = 0; i < r->grain_count; i++)
        if (same_axis(&r->grains[i], axis) &&
            !strcmp(r->grains[i].crossover.status, PS_RESULT_THRESHOLD_OPEN))
            return true;
    return false;
}

static void say_axis(struct ps_result *r, const struct ps_grain *axis)
{
    const struct ps_grain *hot = earliest(r, axis, false), *idle = earliest(r, axis, true);

    if (!hot && any_open(r, axis))
        finding_say(r, "crossover", PS_INFO,
                    "Whether parallel stays ahead of sequential on %s below %s %s is undecided: "
                    "measure longer, or at larger sizes.",
                    axis->workload_label, axis->parameter, amount(r, axis, axis->largest));
    else if (!hot)
        finding_say(r, "crossover", PS_INFO,
                    "Parallel does not stay ahead of sequential on %s up to %s %s.",
                    axis->workload_label, axis->parameter, amount(r, axis, axis->largest));
    else
        finding_say(r, "crossover", PS_INFO, "Parallel pays on %s from %s%s%s.",
                    axis->workload_label, first_text(r, hot, false),
                    idle ? "; after 1 ms of idleness from " : "",
                    idle ? first_text(r, idle, true) : "");
}

static bool any_known(const struct ps_result *r, const struct ps_grain *axis)
{
    for (size_t i = 0; i < r->grain_count; i++)
        if (same_axis(&r->grains[i], axis) &&
            (isfinite(pays_from(&r->grains[i], false)) ||
             !strcmp(r->grains[i].crossover.status, PS_RESULT_THRESHOLD_ABOVE)))
            return true;
    return false;
}

void find_crossovers(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < r->grain_count; i++) {
        bool first = true;

        if (r->grains[i].against) {
            say_program(r, &r->grains[i]);
            continue;
        }
        for (size_t k = 0; k < i; k++)
            first &= !same_axis(&r->grains[k], &r->grains[i]);
        if (first && any_known(r, &r->grains[i]))
            say_axis(r, &r->grains[i]);
    }
}
