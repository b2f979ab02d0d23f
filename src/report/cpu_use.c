/* How much of each CPU the points used: which are idle while workers grow? */
#include <math.h>

#include "view.h"

#define HEAD      "CPU use"
#define IN_USE    0.9 /* of the time, that nobody calls idle */
#define MOST_ROWS 32

static bool tells(const struct ps_point *p)
{
    double sum = 0;

    if (p->threads < 2 || p->worker_count != p->threads)
        return false;
    for (size_t i = 0; i < p->worker_count; i++) {
        if (p->workers[i].cpu < 0)
            return false;
        sum += p->workers[i].cpu_time;
    }
    return sum > 0;
}

/* Share of the wall time; NaN where the point was not given that CPU. */
static double use_of(const struct ps_point *p, int cpu)
{
    double sum = NAN;

    for (size_t i = 0; i < p->worker_count; i++)
        if (p->workers[i].cpu == cpu)
            sum = (isnan(sum) ? 0 : sum) + p->workers[i].cpu_time;
    return sum / ps_point_value(p, "wall_time");
}

struct use {
    const struct ps_point **points;
    size_t count;
    bool idle_alone; /* there are too many CPUs to show those that are always in use */
};

static bool is_idle(const struct use *u, int cpu)
{
    for (size_t i = 0; i < u->count; i++)
        if (use_of(u->points[i], cpu) < IN_USE)
            return true;
    return false;
}

/* -1: none. */
static int next_cpu(const struct use *u, int after)
{
    int next = -1;

    for (size_t i = 0; i < u->count; i++)
        for (size_t k = 0; k < u->points[i]->worker_count; k++) {
            int cpu = u->points[i]->workers[k].cpu;

            if (cpu > after && (next < 0 || cpu < next) && (!u->idle_alone || is_idle(u, cpu)))
                next = cpu;
        }
    return next;
}

static size_t rows_of(const struct use *u)
{
    size_t rows = 0;

    for (int cpu = next_cpu(u, -1); cpu >= 0 && rows <= MOST_ROWS; cpu = next_cpu(u, cpu))
        rows++;
    return rows;
}

static void fill(const struct ps_view *v, const struct use *u, size_t rows, struct ps_grid *g)
{
    int cpu = -1;

    for (size_t row = 0; row < rows; row++) {
        cpu = next_cpu(u, cpu);
        ps_grid_cell(g, row, 0, ps_arena_format(v->arena, "CPU %d", cpu));
        for (size_t i = 0; i < u->count; i++) {
            double use = use_of(u->points[i], cpu);

            if (!isnan(use))
                ps_grid_cell(g, row, 1 + i,
                             ps_arena_format(v->arena, "%.0f%%", 100 * fmin(use, 1)));
        }
    }
}

static bool any_idle(const struct use *u)
{
    const struct use idle = {u->points, u->count, true};

    return next_cpu(&idle, -1) >= 0;
}

static void add_columns(const struct ps_view *v, const struct use *u, struct ps_grid *g)
{
    ps_grid_key(g, HEAD, true);
    for (size_t i = 0; i < u->count; i++) {
        const struct ps_point *p = u->points[i];
        const char *head = ps_arena_format(v->arena, "%s\n× %u", p->strategy_label, p->threads);

        g->columns[ps_grid_column(g, head, head, 0)].label = true;
    }
    ps_grid_start(g);
}

bool ps_block_cpu_use(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g)
{
    struct use u = {.points = ps_arena_array(v->arena, b->count, sizeof *u.points)};
    size_t rows;

    for (size_t i = 0; i < b->count; i++)
        if (tells(&b->points[i]))
            u.points[u.count++] = &b->points[i];
    if (!any_idle(&u))
        return false;
    u.idle_alone = rows_of(&u) > MOST_ROWS;
    rows = rows_of(&u);
    rows = rows > MOST_ROWS ? MOST_ROWS : rows;
    ps_grid_init(g, v->arena, rows);
    add_columns(v, &u, g);
    fill(v, &u, rows, g);
    return true;
}

void ps_cpu_use_heads(ps_head_fn *each, void *arg)
{
    each(arg, HEAD);
}
