/* Workloads whose work grows with the threads: --weak. */
#include <errno.h>
#include <math.h>

#include "plan_axes.h"
#include "size.h"

#define TWICE 0.001 /* relative, that twice the parameter may be off twice the items */

static struct ps_bound *with_value(const struct ps_plan_workload *w, size_t row, uint64_t value,
                                   struct ps_arena *a)
{
    size_t count = ps_param_count(w->ops->params);
    struct ps_bound *b = ps_arena_alloc(a, sizeof *b);
    char text[64];

    *b = *w->bound;
    b->values = ps_arena_array(a, count, sizeof *b->values);
    b->texts = ps_arena_array(a, count, sizeof *b->texts);
    for (size_t i = 0; i < count; i++) {
        b->values[i] = w->bound->values[i];
        b->texts[i] = w->bound->texts[i];
    }
    b->values[row].count = value;
    ps_param_format(&w->ops->params[row], b->values[row], text, sizeof text);
    b->texts[row] = ps_arena_copy(a, text);
    return b;
}

/* Twice as much of it is twice as many items. */
static bool grows(const struct ps_plan *p, const struct ps_plan_workload *w, size_t row,
                  struct ps_arena *a)
{
    const struct parscope_param *param = &w->ops->params[row];
    struct parscope_size size;
    uint64_t value = w->bound->values[row].count;

    if (param->type != PARSCOPE_COUNT || !value || 2 * (double)value > param->high ||
        size_ask(p, w->ops, with_value(w, row, 2 * value, a), &size, a, NULL) < 0)
        return false;
    return fabs(size.items / (2 * w->size.items) - 1) < TWICE;
}

static size_t find_row(const struct ps_plan *p, const struct ps_plan_workload *w,
                       struct ps_arena *a)
{
    size_t count = ps_param_count(w->ops->params), row = 0;

    while (row < count && !grows(p, w, row, a))
        row++;
    return row;
}

static int add(struct ps_plan *p, size_t unit, struct ps_bound *bound, struct ps_arena *a,
               size_t *grown, struct ps_err *e)
{
    const struct ps_plan_workload *w = &p->workloads[unit];
    struct parscope_size size = {0};
    int err = size_ask(p, w->ops, bound, &size, a, e);

    if (err < 0)
        return err;
    p->workloads = ps_arena_grow(a, p->workloads, p->workload_count, sizeof *p->workloads);
    w = &p->workloads[unit];
    *grown = p->workload_count++;
    p->workloads[*grown] = (struct ps_plan_workload){
        .ops = w->ops, .bound = bound, .size = size, .slots = 1, .unit = unit};
    return 0;
}

static int find_grown(const struct ps_plan *p, size_t unit, size_t row, uint64_t value,
                      size_t *grown)
{
    for (size_t i = unit; i < p->workload_count; i++)
        if (p->workloads[i].unit == unit && p->workloads[i].bound->values[row].count == value) {
            *grown = i;
            return 0;
        }
    return -ENOENT;
}

int weak_grow(struct ps_plan *p, size_t unit, unsigned threads, struct ps_arena *a, size_t *grown,
              struct ps_err *e)
{
    const struct ps_plan_workload *w = &p->workloads[unit];
    size_t row = find_row(p, w, a);
    const struct parscope_param *param = &w->ops->params[row];
    double value;

    if (row == ps_param_count(w->ops->params))
        return ps_fail(e, EINVAL, "--weak: %s has no parameter that makes its work grow",
                       w->bound->label);
    value = (double)w->bound->values[row].count * threads;
    if (value > param->high)
        return ps_fail(e, ERANGE, "--weak: %s with %u threads: %s would be %.0f, more than %.10g",
                       w->bound->label, threads, param->name, value, param->high);
    if (!find_grown(p, unit, row, (uint64_t)value, grown))
        return 0;
    return add(p, unit, with_value(w, row, (uint64_t)value, a), a, grown, e);
}

int weak_check(const struct ps_plan *p, struct ps_err *e)
{
    if (!p->request->weak)
        return 0;
    if (p->varied_count)
        return ps_fail(e, EINVAL, "--weak and --vary exclude each other");
    if (p->request->predict)
        return ps_fail(e, EINVAL, "--predict needs a fixed amount of work: it excludes --weak");
    for (size_t i = 0; i < p->workload_count; i++)
        if (p->workloads[i].program && !p->workloads[i].program->takes_size)
            return ps_fail(e, EINVAL,
                           "--weak: '%s' has no {size} in its arguments, which says how much to do",
                           p->workloads[i].bound->label);
    return 0;
}
