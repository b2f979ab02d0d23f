#include "pairs.h"

#include <string.h>

#include "subject.h"

/* The workloads of a result, in their order. */
struct labels {
    const char **items;
    size_t count;
    bool programs; /* all of them */
};

static bool known(const struct labels *l, const char *label)
{
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->items[i], label))
            return true;
    return false;
}

static struct labels labels_of(const struct ps_result *r, struct ps_arena *a)
{
    struct labels l = {.programs = true};

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        l.programs &= ps_point_is_program(p);
        if (known(&l, p->workload_label))
            continue;
        l.items = ps_arena_grow(a, l.items, l.count, sizeof *l.items);
        l.items[l.count++] = p->workload_label;
    }
    return l;
}

/* Of each label of one side the one on the other; NULL: none. */
struct mapping {
    struct labels base;
    const char **now;
};

static struct mapping map_results(const struct ps_result *base, const struct ps_result *now,
                                  struct ps_arena *a)
{
    struct mapping m = {.base = labels_of(base, a)};
    struct labels other = labels_of(now, a);
    bool in_order = m.base.programs && other.programs && m.base.count == other.count;

    m.now = ps_arena_array(a, m.base.count, sizeof *m.now);
    for (size_t i = 0; i < m.base.count; i++)
        in_order &= !known(&other, m.base.items[i]);
    for (size_t i = 0; i < m.base.count; i++)
        m.now[i] = in_order                         ? other.items[i]
                   : known(&other, m.base.items[i]) ? m.base.items[i]
                                                    : NULL;
    return m;
}

static const char *mapped(const struct mapping *m, const char *label)
{
    for (size_t i = 0; i < m->base.count; i++)
        if (!strcmp(m->base.items[i], label))
            return m->now[i];
    return NULL;
}

static const struct ps_point *find_point(const struct ps_result *r, const char *workload,
                                         const struct ps_point *like)
{
    for (size_t i = 0; workload && i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (p->threads == like->threads && !strcmp(p->workload_label, workload) &&
            !strcmp(p->strategy_label, like->strategy_label) &&
            !strcmp(p->placement, like->placement))
            return p;
    }
    return NULL;
}

static const struct ps_model *find_curve(const struct ps_result *r, const char *workload,
                                         const struct ps_model *like)
{
    for (size_t i = 0; workload && i < r->model_count; i++) {
        const struct ps_model *m = &r->models[i];

        if (!strcmp(m->workload_label, workload) &&
            !strcmp(m->strategy_label, like->strategy_label) &&
            !strcmp(m->placement, like->placement))
            return m;
    }
    return NULL;
}

static void pair_points(struct pairs *p, const struct mapping *m, struct ps_arena *a)
{
    p->points = ps_arena_array(a, p->base->point_count, sizeof *p->points);
    for (size_t i = 0; i < p->base->point_count; i++) {
        const struct ps_point *base = &p->base->points[i];
        const char *workload = mapped(m, base->workload_label);
        const struct ps_point *now = find_point(p->now, workload, base);

        if (now)
            p->points[p->point_count++] = (struct point_pair){base, now};
    }
}

static void pair_curves(struct pairs *p, const struct mapping *m, struct ps_arena *a)
{
    p->curves = ps_arena_array(a, p->base->model_count, sizeof *p->curves);
    for (size_t i = 0; i < p->base->model_count; i++) {
        const struct ps_model *base = &p->base->models[i];
        const struct ps_model *now = find_curve(p->now, mapped(m, base->workload_label), base);

        if (now)
            p->curves[p->curve_count++] = (struct curve_pair){base, now};
    }
}

struct pairs pairs_of_results(const struct ps_result *base, const struct ps_result *now,
                              struct ps_arena *a)
{
    struct pairs p = {.base = base, .now = now};
    struct mapping m = map_results(base, now, a);

    pair_points(&p, &m, a);
    pair_curves(&p, &m, a);
    p.base_alone = base->point_count - p.point_count;
    p.now_alone = now->point_count - p.point_count;
    return p;
}

struct pairs pairs_of_programs(const struct ps_result *r, struct ps_arena *a)
{
    struct pairs p = {.base = r, .now = r};
    struct labels all = labels_of(r, a);
    struct mapping m = {.base = {all.items, 1}, .now = all.items + 1};

    if (all.count < 2)
        return p;
    pair_points(&p, &m, a);
    pair_curves(&p, &m, a);
    return p;
}
