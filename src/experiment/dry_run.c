#include "measuring.h"
#include "words.h"
#include "wrap.h"

struct widths {
    size_t workload, strategy, threads, placement;
};

static void widen(size_t *width, size_t columns)
{
    if (columns > *width)
        *width = columns;
}

/* Of a program: its words as they will be. */
static const char *what_text(const struct ps_plan *plan, const struct ps_plan_point *p,
                             struct ps_arena *a)
{
    const struct ps_plan_workload *w = &plan->workloads[p->workload];
    struct ps_program_fill fill;
    const char *const *words;
    size_t count = 0;

    if (!w->program)
        return w->bound->label;
    fill = ps_plan_fill(plan, p, NULL, a);
    words = ps_program_words(w->program, &fill, a);
    while (words[count])
        count++;
    return ps_words_join(words, count, a);
}

static const char *threads_text(const struct ps_plan_point *p, struct ps_arena *a)
{
    if (!p->asked)
        return "threads=any";
    return ps_arena_format(a, "%s=%u", p->copies > 1 ? "copies" : "threads", p->threads);
}

static const char *cpus_text(const struct ps_plan_point *p, struct ps_arena *a)
{
    if (p->cpus[0] < 0)
        return "cpus=any";
    return ps_arena_format(a, "cpus=%s", ps_cpu_list_format(a, p->cpus, p->threads));
}

/* "" of a program as it is. */
static const char *strategy_text(const struct ps_plan *plan, const struct ps_plan_point *p)
{
    return plan->programs && !p->outside ? "" : p->options->label;
}

static struct widths measure_widths(const struct ps_plan *plan, struct ps_arena *a)
{
    struct widths w = {0};

    for (size_t i = 0; i < plan->point_count; i++) {
        const struct ps_plan_point *p = &plan->points[i];

        widen(&w.workload, ps_columns(what_text(plan, p, a)));
        widen(&w.strategy, ps_columns(strategy_text(plan, p)));
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
    size_t column = w.workload + w.strategy + w.threads + w.placement + (w.strategy ? 8 : 6);
    size_t indent = column + 5 <= PS_WIDTH / 2 ? column + 5 : 4;

    for (size_t i = 0; i < plan->point_count; i++) {
        const struct ps_plan_point *p = &plan->points[i];

        add_column(out, what_text(plan, p, a), w.workload);
        if (w.strategy)
            add_column(out, strategy_text(plan, p), w.strategy);
        add_column(out, threads_text(p, a), w.threads);
        add_column(out, ps_placement_name(p->placement), w.placement);
        ps_wrap(out, cpus_text(p, a), ',', column, indent);
    }
}
