#include "measuring.h"
#include "wrap.h"

struct widths {
    size_t workload, strategy, threads, placement;
};

static void widen(size_t *width, size_t columns)
{
    if (columns > *width)
        *width = columns;
}

static const char *threads_text(const struct ps_plan_point *p, struct ps_arena *a)
{
    return ps_arena_format(a, "threads=%u", p->threads);
}

static const char *cpus_text(const struct ps_plan_point *p, struct ps_arena *a)
{
    if (p->placement == PS_PLACE_NONE)
        return "cpus=any";
    return ps_arena_format(a, "cpus=%s", ps_cpu_list_format(a, p->cpus, p->threads));
}

static struct widths measure_widths(const struct ps_plan *plan, struct ps_arena *a)
{
    struct widths w = {0};

    for (size_t i = 0; i < plan->point_count; i++) {
        const struct ps_plan_point *p = &plan->points[i];

        widen(&w.workload, ps_columns(plan->workloads[p->workload].bound->label));
        widen(&w.strategy, ps_columns(p->options->label));
        widen(&w.threads, ps_columns(threads_text(p, a)));
        widen(&w.placement, ps_columns(ps_placement_name(p->placement)));
    }
    return w;
}

static void add_column(struct ps_str *out, const char *text, size_t width)
{
    ps_str_pad(out, text, (int)width);
    ps_str_add(out, "  ");
}

/* A CPU list that passes the edge goes on under itself, or, where little room is left there,
 * further to the left. */
void ps_dry_run(const struct ps_plan *plan, struct ps_arena *a, struct ps_str *out)
{
    struct widths w = measure_widths(plan, a);
    size_t column = w.workload + w.strategy + w.threads + w.placement + 8;
    size_t indent = column + 5 <= PS_WIDTH / 2 ? column + 5 : 4;

    for (size_t i = 0; i < plan->point_count; i++) {
        const struct ps_plan_point *p = &plan->points[i];

        add_column(out, plan->workloads[p->workload].bound->label, w.workload);
        add_column(out, p->options->label, w.strategy);
        add_column(out, threads_text(p, a), w.threads);
        add_column(out, ps_placement_name(p->placement), w.placement);
        ps_wrap(out, cpus_text(p, a), ',', column, indent);
    }
}
