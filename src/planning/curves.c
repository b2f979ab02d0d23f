/* Curves over a parameter that --vary varies. */
#include <string.h>

#include "curves.h"

static const struct ps_plan_workload *workload_of(const struct ps_plan *p, size_t point)
{
    return &p->workloads[p->points[point].workload];
}

static double value_of(const struct parscope_param *param, union parscope_value v)
{
    return param->type == PARSCOPE_COUNT ? (double)v.count : v.real;
}

/* A workload's reference comes before its other points. */
static bool has_reference(const struct ps_plan *p, size_t point)
{
    for (size_t i = point; i-- > 0 && workload_of(p, i)->unit == workload_of(p, point)->unit;)
        if (p->points[i].baseline)
            return true;
    return false;
}

/* The one-thread points that a sweep over thread counts adds are no parallel ones. */
static bool is_parallel(const struct ps_plan *p, size_t i)
{
    const struct ps_plan_point *point = &p->points[i];
    const struct ps_strategy *strategy = point->strategy;

    return !point->baseline && has_reference(p, i) &&
           (point->threads > 1 || !p->scales || strategy->serial || strategy->no_efficiency);
}

static bool same_way(const struct ps_plan *p, size_t a, size_t b)
{
    const struct ps_plan_point *x = &p->points[a], *y = &p->points[b];

    return workload_of(p, a)->ops == workload_of(p, b)->ops && x->threads == y->threads &&
           x->placement == y->placement && !strcmp(x->options->label, y->options->label);
}

/* The points' labels without the key; NULL: the point is of no curve over it. */
static const char **labels_without(const struct ps_plan *p, const char *key, struct ps_arena *a)
{
    const char **labels = ps_arena_array(a, p->point_count, sizeof *labels);

    for (size_t i = 0; i < p->point_count; i++) {
        const struct ps_plan_workload *w = workload_of(p, i);

        if (is_parallel(p, i) && ps_param_number(w->ops->params, key))
            labels[i] = ps_plan_curve_label(p, w, key, a);
    }
    return labels;
}

static bool same_curve(const struct ps_plan *p, const char *const *labels, size_t a, size_t b)
{
    return labels[a] && labels[b] && same_way(p, a, b) && !strcmp(labels[a], labels[b]);
}

static bool begins_curve(const struct ps_plan *p, const char *const *labels, size_t point)
{
    if (!labels[point])
        return false;
    for (size_t i = 0; i < point; i++)
        if (same_curve(p, labels, i, point))
            return false;
    return true;
}

static struct ps_plan_curve curve_of(const struct ps_plan *p, const char *const *labels,
                                     size_t first, const char *key, struct ps_arena *a)
{
    const struct parscope_param *params = workload_of(p, first)->ops->params;
    struct ps_plan_curve c = {.param = ps_param_number(params, key), .label = labels[first]};
    ptrdiff_t row = c.param - params;

    for (size_t i = first; i < p->point_count; i++) {
        if (!same_curve(p, labels, first, i))
            continue;
        c.points = ps_arena_grow(a, c.points, c.count, sizeof *c.points);
        c.values = ps_arena_grow(a, c.values, c.count, sizeof *c.values);
        c.points[c.count] = i;
        c.values[c.count++] = value_of(c.param, workload_of(p, i)->bound->values[row]);
    }
    return c;
}

static void add_curves(struct ps_plan *p, const char *key, struct ps_arena *a)
{
    const char **labels = labels_without(p, key, a);

    for (size_t i = 0; i < p->point_count; i++) {
        struct ps_plan_curve c;

        if (!begins_curve(p, labels, i))
            continue;
        c = curve_of(p, labels, i, key, a);
        if (c.count < 2)
            continue;
        p->curves = ps_arena_grow(a, p->curves, p->curve_count, sizeof *p->curves);
        p->curves[p->curve_count++] = c;
    }
}

void plan_find_curves(struct ps_plan *p, struct ps_arena *a)
{
    for (size_t i = 0; i < p->varied_count; i++)
        add_curves(p, p->varied[i].key, a);
}
