#include "advice_view.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "cells.h"

#define CLEARLY 0.95

static const char *threads_have(const struct ps_view *v, double threads)
{
    return ps_arena_format(v->arena, "%.10g thread%s", threads, threads == 1 ? " has" : "s have");
}

static const char *percent_interval(const struct ps_view *v, struct ps_interval i)
{
    if (!isfinite(i.low) || !isfinite(i.high))
        return "";
    return ps_arena_format(v->arena, " [%.0f, %.0f]", 100 * i.low, 100 * i.high);
}

/* "80 % efficiency: at most 4 threads, which have 84 % [83, 85]; 8 threads have 71 %" */
static const char *efficient(const struct ps_view *v, const struct ps_advice *a, const char *name)
{
    const char *wanted =
        ps_arena_format(v->arena, "%.3g %% efficiency%s", 100 * a->wanted_efficiency, name);
    const char *next = "";

    if (!isfinite(a->efficient_threads))
        return ps_arena_format(v->arena, "%s: not with any number of threads", wanted);
    if (isfinite(a->next_threads))
        next = ps_arena_format(v->arena, "; %s %.0f %%", threads_have(v, a->next_threads),
                               100 * a->next_efficiency);
    if (a->efficient_threads == 1)
        return ps_arena_format(v->arena, "%s: only with one thread%s", wanted, next);
    return ps_arena_format(v->arena, "%s: up to %.10g threads, which reach %.0f %%%s%s", wanted,
                           a->efficient_threads, 100 * a->efficiency.value,
                           percent_interval(v, a->efficiency), next);
}

static const char *law_of(const struct ps_advice_beyond *b)
{
    return b->law && !strcmp(b->law, ps_law_name(PS_LAW_USL)) ? "the USL" : "Amdahl's law";
}

static const char *expected(const struct ps_view *v, const struct ps_advice_beyond *b,
                            const char *name)
{
    if (!isfinite(b->speedup.value))
        return ps_arena_format(v->arena, "With %.10g CPUs%s: no prediction, %s", b->cpus, name,
                               b->status);
    return ps_arena_format(
        v->arena, "With %.10g CPUs%s a speedup of %s [%s, %s] is expected, by %s", b->cpus, name,
        ps_cell_ratio(v->arena, b->speedup.value), ps_cell_ratio(v->arena, b->speedup.low),
        ps_cell_ratio(v->arena, b->speedup.high), law_of(b));
}

static const char *joined(const struct ps_view *v, const char *all, const char *part)
{
    return *all
               ? ps_arena_format(v->arena, "%s; %c%s", all, tolower((unsigned char)*part), part + 1)
               : part;
}

/* The highest speedup of a curve with lowest .. highest threads; NaN: none is known. That of a
 * program with one thread, its reference, is 1. */
static double fastest(const struct ps_result *r, const struct ps_model *m, double lowest,
                      double highest)
{
    double most = NAN;

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (ps_result_model(r, p) == m && p->threads >= lowest && p->threads <= highest)
            most = fmax(most, p->baseline ? 1 : ps_point_value(p, "speedup"));
    }
    return most;
}

/* Beyond the fewest threads within 5 % of the best, more are hardly faster, or clearly slower.
 * NULL: that is told already. */
static const char *enough(const struct ps_view *v, const struct ps_model *m)
{
    const double threads = m->best_threads, here = fastest(v->r, m, threads, threads);
    const bool slower = fastest(v->r, m, threads + 1, INFINITY) < CLEARLY * here;
    const char *more = slower ? "more are slower" : "more are at most 5 % faster";

    if (slower && ps_model_falls(m))
        return NULL;
    if (threads == 1)
        return ps_arena_format(v->arena, "One thread is enough: %s.", more);
    return ps_arena_format(v->arena, "%.10g threads are enough: %s.", threads, more);
}

const char *ps_advice_answer(const struct ps_view *v, const struct ps_model *m, unsigned threads)
{
    const struct ps_advice *a = &m->advice;
    const char *all = "";

    if (!a->known)
        return NULL;
    if (isfinite(a->wanted_efficiency))
        all = efficient(v, a, "");
    for (size_t i = 0; a->asked && i < a->beyond_count; i++)
        all = joined(v, all, expected(v, &a->beyond[i], ""));
    if (*all)
        return ps_arena_format(v->arena, "%s.", all);
    return m->best_threads < threads ? enough(v, m) : NULL;
}

void ps_advice_lines(const struct ps_view *v, const struct ps_model *m, const char *name,
                     struct ps_lines *l)
{
    const struct ps_advice *a = &m->advice;

    if (!a->known)
        return;
    if (isfinite(a->cheapest_threads))
        ps_lines_add(
            l, ps_arena_format(v->arena,
                               "Cheapest%s: %.10g thread%s, with %s of core time per execution",
                               name, a->cheapest_threads, a->cheapest_threads == 1 ? "" : "s",
                               ps_cell_time(v->arena, a->core_seconds)));
    if (isfinite(a->wanted_efficiency))
        ps_lines_add(l, efficient(v, a, name));
    for (size_t i = 0; i < a->beyond_count; i++)
        if (a->asked || isfinite(a->beyond[i].speedup.value))
            ps_lines_add(l, expected(v, &a->beyond[i], name));
}
