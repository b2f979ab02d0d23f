#include "grain_models.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grain.h"
#include "series.h"

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

/* ---- curves ---- */

static double value_of(const struct parscope_param *param, union parscope_value v)
{
    return param->type == PARSCOPE_COUNT ? (double)v.count : v.real;
}

/* The one-thread points that a sweep over thread counts adds are no parallel ones. */
static bool is_parallel(const struct session *s, const struct target *t)
{
    const struct ps_strategy *strategy = t->plan->strategy;

    return !t->plan->baseline && t->baseline &&
           (t->plan->threads > 1 || !s->plan->scales || strategy->serial ||
            strategy->no_efficiency);
}

static bool same_way(const struct target *a, const struct target *b)
{
    return a->workload->ops == b->workload->ops && a->plan->threads == b->plan->threads &&
           a->plan->placement == b->plan->placement &&
           !strcmp(a->plan->options->label, b->plan->options->label);
}

/* The targets' labels without the key; NULL: the target is of no curve over it. */
static const char **labels_without(const struct session *s, const char *key)
{
    const char **labels = ps_arena_array(s->arena, s->target_count, sizeof *labels);

    for (size_t i = 0; i < s->target_count; i++) {
        const struct target *t = &s->targets[i];

        if (is_parallel(s, t) && ps_param_number(t->workload->ops->params, key))
            labels[i] = ps_plan_curve_label(s->plan, t->workload->bound->label, key, s->arena);
    }
    return labels;
}

static bool same_curve(const struct session *s, const char *const *labels, size_t a, size_t b)
{
    return labels[a] && labels[b] && same_way(&s->targets[a], &s->targets[b]) &&
           !strcmp(labels[a], labels[b]);
}

static bool begins_curve(const struct session *s, const char *const *labels, size_t target)
{
    if (!labels[target])
        return false;
    for (size_t i = 0; i < target; i++)
        if (same_curve(s, labels, i, target))
            return false;
    return true;
}

static struct grain_curve curve_of(const struct session *s, const char *const *labels, size_t first,
                                   const char *key)
{
    const struct parscope_param *params = s->targets[first].workload->ops->params;
    struct grain_curve c = {.param = ps_param_number(params, key), .label = labels[first]};
    ptrdiff_t row = c.param - params;

    for (size_t i = first; i < s->target_count; i++) {
        if (!same_curve(s, labels, first, i))
            continue;
        c.targets = ps_arena_grow(s->arena, c.targets, c.count, sizeof *c.targets);
        c.values = ps_arena_grow(s->arena, c.values, c.count, sizeof *c.values);
        c.targets[c.count] = i;
        c.values[c.count++] = value_of(c.param, s->targets[i].workload->bound->values[row]);
    }
    return c;
}

static void add_curves(struct session *s, const char *key)
{
    const char **labels = labels_without(s, key);

    for (size_t i = 0; i < s->target_count; i++) {
        struct grain_curve c;

        if (!begins_curve(s, labels, i))
            continue;
        c = curve_of(s, labels, i, key);
        if (c.count < 2)
            continue;
        s->curves = ps_arena_grow(s->arena, s->curves, s->curve_count, sizeof *s->curves);
        s->curves[s->curve_count++] = c;
    }
}

void grain_curves_find(struct session *s)
{
    for (size_t i = 0; i < s->plan->varied_count; i++)
        add_curves(s, s->plan->varied[i].key);
}

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
static bool take_idle(const struct session *s, const struct target *t, double *time, double *base)
{
    series_raw(s, t, RAW_WALL_IDLE, time);
    series_raw(s, t->baseline, RAW_WALL_IDLE, base);
    if (any(time, s->rounds) && any(base, s->rounds))
        return true;
    series_raw(s, t, RAW_WALL, time);
    series_raw(s, t->baseline, RAW_WALL, base);
    return false;
}

/* Returns how many points have times after a gap, of that kind. */
static size_t take_times(const struct session *s, const struct grain_curve *c, bool idle,
                         struct times *t)
{
    size_t taken = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct target *l = &s->targets[c->targets[i]];
        double *time = t->time + i * s->rounds, *base = t->base + i * s->rounds;

        t->tasks[i] = (double)l->workload->size.tasks;
        if (idle) {
            taken += take_idle(s, l, time, base);
            continue;
        }
        series_raw(s, l, RAW_WALL, time);
        series_raw(s, l->baseline, RAW_WALL, base);
    }
    return taken;
}

/* The reference's time per task. */
static double sequential_grain(const struct session *s, const struct times *t, size_t point)
{
    return ps_median(t->base + point * s->rounds, s->rounds, t->scratch) / t->tasks[point];
}

static bool tasks_differ_in_length(const struct session *s, const struct grain_curve *c,
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

static const char *no_metg(const struct session *s, const struct grain_curve *c,
                           const struct times *t)
{
    const struct target *first = &s->targets[c->targets[0]];

    if (first->plan->strategy->no_efficiency)
        return ps_arena_format(s->arena, "%s has no efficiency: its threads are not what computes",
                               first->plan->strategy->name);
    if (!tasks_differ_in_length(s, c, t))
        return ps_arena_format(s->arena, "%s makes no task longer", c->param->name);
    return NULL;
}

static int estimate(const struct session *s, const struct grain_curve *c, enum grain_kind kind,
                    struct times *t, struct ps_threshold *out, const char **why)
{
    struct ps_grain_times times = {t->time, t->base, c->count, s->rounds};
    size_t idle = take_times(s, c, kind == GRAIN_CROSSOVER_IDLE, t);
    uint64_t seed = s->plan->request->seed;

    *why = NULL;
    if (kind == GRAIN_CROSSOVER_IDLE && !idle)
        *why = "no execution is short enough for a gap before it to matter";
    if (kind == GRAIN_METG)
        *why = no_metg(s, c, t);
    if (*why)
        return 0;
    if (kind == GRAIN_METG)
        return ps_metg_rounds(&times, t->tasks, series_p(&s->targets[c->targets[0]]), seed, out);
    return ps_crossover_rounds(&times, c->values, seed, out);
}

static int find_threshold(const struct session *s, const struct grain_curve *c,
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

int grain_from(const struct session *s, const struct grain_curve *c, enum grain_kind kind,
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

static int add_model(struct session *s, struct ps_result *r, const struct grain_curve *c)
{
    const struct ps_point *first = &r->points[c->targets[0]];
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
    if (!err)
        err = grain_from(s, c, GRAIN_CROSSOVER_IDLE, &g->crossover_idle);
    return err < 0 ? err : grain_from(s, c, GRAIN_METG, &g->metg);
}

int grain_models_add(struct session *s, struct ps_result *r)
{
    int err = 0;

    for (size_t i = 0; !err && s->rounds && i < s->curve_count; i++)
        err = add_model(s, r, &s->curves[i]);
    return err;
}
