#include "assemble.h"
#include "grain_models.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grain.h"
#include "series.h"
#include "subject.h"

/* How the reference's time per task has to change with the parameter, as an exponent: a METG takes
 * tasks of several lengths. */
#define GROWTH 0.25

static const char *const statuses[] = {
    [PS_THRESHOLD_OK] = PS_RESULT_THRESHOLD_OK,
    [PS_THRESHOLD_BELOW] = PS_RESULT_THRESHOLD_BELOW,
    [PS_THRESHOLD_ABOVE] = PS_RESULT_THRESHOLD_ABOVE,
    [PS_THRESHOLD_OPEN] = PS_RESULT_THRESHOLD_OPEN,
    [PS_THRESHOLD_TOO_FEW] = "fewer than two values were measured",
};

/* ---- thresholds ---- */

/* Times of a curve's points and of their references. */
struct times {
    double *time, *base, *tasks, *scratch;
};

static bool any(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            return true;
    return false;
}

/* Executions of 200 us and more have no time after a gap: their ordinary one takes its place, since
 * waking threads no longer matters there. False where no point has one. */
static bool take_idle(const struct ps_samples *s, const struct ps_series *t, double *time,
                      double *base)
{
    series_raw(s, t, PS_RAW_WALL_IDLE, time);
    series_raw(s, t->baseline, PS_RAW_WALL_IDLE, base);
    if (any(time, s->rounds) && any(base, s->rounds))
        return true;
    series_raw(s, t, PS_RAW_WALL, time);
    series_raw(s, t->baseline, PS_RAW_WALL, base);
    return false;
}

/* Returns how many points have times after a gap, of that kind. */
static size_t take_times(const struct ps_samples *s, const struct ps_plan_curve *c, bool idle,
                         struct times *t)
{
    size_t taken = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct ps_series *l = &s->series[c->points[i]];
        double *time = t->time + i * s->rounds, *base = t->base + i * s->rounds;

        t->tasks[i] = (double)l->workload->size.tasks;
        if (idle) {
            taken += take_idle(s, l, time, base);
            continue;
        }
        series_raw(s, l, PS_RAW_WALL, time);
        series_raw(s, l->baseline, PS_RAW_WALL, base);
    }
    return taken;
}

/* The reference's time per task. */
static double sequential_grain(const struct ps_samples *s, const struct times *t, size_t point)
{
    return ps_median(t->base + point * s->rounds, s->rounds, t->scratch) / t->tasks[point];
}

static bool tasks_differ_in_length(const struct ps_samples *s, const struct ps_plan_curve *c,
                                   const struct times *t)
{
    size_t low = c->count, high = 0;
    double growth;

    for (size_t i = 0; i < c->count; i++) {
        if (!(c->values[i] > 0))
            continue;
        low = low == c->count || c->values[i] < c->values[low] ? i : low;
        high = !(c->values[high] > 0) || c->values[i] > c->values[high] ? i : high;
    }
    if (low == c->count || low == high)
        return false;
    growth = log(sequential_grain(s, t, high) / sequential_grain(s, t, low)) /
             log(c->values[high] / c->values[low]);
    return fabs(growth) >= GROWTH;
}

static const char *no_metg(const struct ps_samples *s, const struct ps_plan_curve *c,
                           const struct times *t)
{
    const struct ps_series *first = &s->series[c->points[0]];

    if (first->plan->strategy->no_efficiency)
        return ps_arena_format(s->arena, "%s has no efficiency: its threads don't do the work",
                               first->plan->strategy->name);
    if (!tasks_differ_in_length(s, c, t))
        return ps_arena_format(s->arena, "%s does not change the length of tasks", c->param->name);
    return NULL;
}

static int estimate(const struct ps_samples *s, const struct ps_plan_curve *c, enum grain_kind kind,
                    struct times *t, struct ps_threshold *out, const char **why)
{
    const bool back = kind == GRAIN_CROSSOVER_BACK;
    const struct ps_grain_times times = {back ? t->base : t->time, back ? t->time : t->base,
                                         c->count, s->rounds};
    size_t idle = take_times(s, c, kind == GRAIN_CROSSOVER_IDLE, t);
    uint64_t seed = s->plan->request->seed;

    *why = NULL;
    if (kind == GRAIN_CROSSOVER_IDLE && !idle)
        *why = "no execution is so short that a pause before it matters";
    if (kind == GRAIN_METG)
        *why = no_metg(s, c, t);
    if (*why)
        return 0;
    if (kind == GRAIN_METG)
        return ps_metg_rounds(&times, t->tasks, series_p(&s->series[c->points[0]]), seed, out);
    return ps_crossover_rounds(&times, c->values, seed, out);
}

static int find_threshold(const struct ps_samples *s, const struct ps_plan_curve *c,
                          enum grain_kind kind, struct ps_threshold *out, const char **why)
{
    size_t subprocesses = c->count * s->rounds;
    struct times t;
    int err;

    t.time = calloc(2 * subprocesses + c->count + s->rounds + 1, sizeof *t.time);
    if (!t.time)
        return -ENOMEM;
    t.base = t.time + subprocesses;
    t.tasks = t.base + subprocesses;
    t.scratch = t.tasks + c->count;
    err = estimate(s, c, kind, &t, out, why);
    free(t.time);
    return err;
}

int grain_from(const struct ps_samples *s, const struct ps_plan_curve *c, enum grain_kind kind,
               struct ps_result_threshold *from)
{
    struct ps_threshold t = {.at = {NAN, NAN, NAN}};
    const char *why;
    int err = find_threshold(s, c, kind, &t, &why);

    if (err < 0)
        return err;
    *from = (struct ps_result_threshold){why ? why : statuses[t.status], t.at.value, t.at.low,
                                         t.at.high};
    return 0;
}

/* ---- models ---- */

static const char *unit_of(const struct parscope_param *param)
{
    switch (param->type) {
    case PARSCOPE_COUNT:
        return "count";
    case PARSCOPE_TIME:
        return "s";
    default:
        return "1";
    }
}

/* ---- of programs ---- */

/* What tells a point from the others at the same values: its command, or the way it is run. */
static const char *way_of(const struct ps_samples *s, const struct ps_result *r,
                          const struct ps_series *t, const char *key)
{
    const struct ps_plan *p = s->plan;

    if (p->programs_at_once > 1 && p->point_count == p->workload_count)
        return ps_plan_curve_label(p, t->workload, key, s->arena);
    return ps_subject_name(r, &r->points[t - s->series]);
}

static bool is_above(const struct ps_result_threshold *t)
{
    return !strcmp(t->status, PS_RESULT_THRESHOLD_ABOVE);
}

/* Who is faster from some value on: the point's program or, where that never is, its reference. */
static int set_program(const struct ps_samples *s, const struct ps_result *r,
                       const struct ps_plan_curve *c, struct ps_grain *g)
{
    static const char only[] = "only built-in workloads have one";
    const struct ps_series *own = &s->series[c->points[0]], *base = own->baseline;
    const char *ways[] = {way_of(s, r, own, c->param->name), way_of(s, r, base, c->param->name)};
    struct ps_result_threshold back;
    bool turned = is_above(&g->crossover);
    int err = turned ? grain_from(s, c, GRAIN_CROSSOVER_BACK, &back) : 0;

    if (err < 0)
        return err;
    turned = turned && !is_above(&back);
    if (turned) {
        struct ps_result_threshold *given = ps_arena_alloc(s->arena, sizeof *given);

        *given = g->crossover;
        g->given = given;
        g->crossover = back;
    }
    g->workload_label = ps_plan_curve_label(s->plan, base->workload, c->param->name, s->arena);
    g->strategy_label = ways[turned];
    g->against = ways[!turned];
    g->crossover_idle = g->metg = (struct ps_result_threshold){only, NAN, NAN, NAN};
    return 0;
}

static int add_model(const struct ps_samples *s, struct ps_result *r, const struct ps_plan_curve *c)
{
    const struct ps_point *first = &r->points[c->points[0]];
    struct ps_grain *g;
    int err;

    r->grains = ps_arena_grow(s->arena, r->grains, r->grain_count, sizeof *r->grains);
    g = &r->grains[r->grain_count++];
    *g = (struct ps_grain){
        .workload = first->workload,
        .workload_label = c->label,
        .strategy_label = first->strategy_label,
        .placement = first->placement,
        .threads = first->threads,
        .parameter = c->param->name,
        .unit = unit_of(c->param),
        .smallest = c->values[0],
        .largest = c->values[0],
    };
    for (size_t i = 0; i < c->count; i++) {
        g->smallest = fmin(g->smallest, c->values[i]);
        g->largest = fmax(g->largest, c->values[i]);
    }
    err = grain_from(s, c, GRAIN_CROSSOVER, &g->crossover);
    if (!err && s->plan->programs)
        return set_program(s, r, c, g);
    if (!err)
        err = grain_from(s, c, GRAIN_CROSSOVER_IDLE, &g->crossover_idle);
    return err < 0 ? err : grain_from(s, c, GRAIN_METG, &g->metg);
}

int grain_models_add(const struct ps_samples *s, struct ps_result *r)
{
    int err = 0;

    for (size_t i = 0; !err && s->rounds && i < s->plan->curve_count; i++)
        err = add_model(s, r, &s->plan->curves[i]);
    return err;
}
