#include <math.h>
#include <string.h>

#include "stack.h"
#include "stats.h"
#include "view.h"

#define MOST_NOTED 256 /* metrics with a reason; only a forged file has more */

/* One metric that is not exact somewhere. */
struct noted {
    const char *id;
    enum ps_quality quality;
    const char *reason; /* of the first point that has one */
    bool several;       /* other points give other reasons */
    bool printed;
};

struct notes {
    struct noted items[MOST_NOTED];
    size_t count;
};

static void note(struct notes *n, const struct ps_metric *m)
{
    const char *reason = m->reason ? m->reason : "";

    for (size_t i = 0; i < n->count; i++) {
        struct noted *item = &n->items[i];

        if (item->quality == m->quality && !strcmp(item->id, m->id)) {
            item->several |= strcmp(item->reason, reason) != 0;
            return;
        }
    }
    if (n->count < MOST_NOTED)
        n->items[n->count++] = (struct noted){m->id, m->quality, reason};
}

/* Losses of which a factor says the same. */
static bool said_by_factor(enum ps_stack_term term)
{
    return term == PS_LOST_INSTRUCTIONS || term == PS_LOST_IPC || term == PS_LOST_CYCLES ||
           term == PS_LOST_FREQUENCY;
}

/* Of metrics without a column, only the threads seen and what is known of others have nothing to do
 * with any that has one.
 * Where there is no efficiency stack at all, one of its terms says so. */
static bool in_grids(const struct ps_point *p, const char *id)
{
    const char *whole = ps_stack_ids[PS_STACK_EFFICIENCY];

    if (ps_stack_find(id) < PS_STACK_TERMS && strcmp(id, whole))
        return isfinite(ps_point_value(p, whole)) && !said_by_factor(ps_stack_find(id));
    return strcmp(id, "threads_seen") && strcmp(id, "run_delay") && strcmp(id, "others_time");
}

static void collect(struct notes *n, const struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        for (size_t k = 0; k < p->metric_count; k++)
            if (p->metrics[k].quality != PS_EXACT && in_grids(p, p->metrics[k].id))
                note(n, &p->metrics[k]);
    }
}

static const char *meaning(enum ps_quality q)
{
    switch (q) {
    case PS_ESTIMATED:
        return "~ estimated";
    case PS_UNAVAILABLE:
        return "- not available";
    case PS_MULTIPLEXED:
        return "counted part of the time (share in brackets) and scaled";
    case PS_USER_ONLY:
        return "without the kernel's share";
    case PS_KERNEL_ONLY:
        return "the kernel's share alone";
    case PS_PARTIAL:
        return "partial";
    case PS_EXACT:
        break;
    }
    return "";
}

static const char *title(const char *id)
{
    const struct ps_metric_info *info = ps_metric_find(id);

    return info ? info->title : id;
}

/* The titles of all that share quality and reason with items[first]. */
static const char *titles(const struct ps_view *v, struct notes *n, size_t first)
{
    const struct noted *like = &n->items[first];
    const char *list = NULL;

    for (size_t i = first; i < n->count; i++) {
        struct noted *item = &n->items[i];

        if (item->quality != like->quality || item->several != like->several ||
            strcmp(item->reason, like->reason))
            continue;
        list = list ? ps_arena_format(v->arena, "%s, %s", list, title(item->id)) : title(item->id);
        item->printed = true;
    }
    return list;
}

static void add_notes(const struct ps_view *v, struct notes *n, struct ps_lines *l)
{
    for (size_t i = 0; i < n->count; i++) {
        const struct noted *item = &n->items[i];

        if (item->printed)
            continue;
        ps_lines_add(l, ps_arena_format(v->arena, "%s: %s%s%s%s", meaning(item->quality),
                                        titles(v, n, i), *item->reason ? ": " : "", item->reason,
                                        item->several ? " (one reason of several)" : ""));
    }
}

static bool any_oversubscribed(const struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (r->points[i].oversubscribed)
            return true;
    return false;
}

/* Rounds of the first point that has a wall time without an interval; -1 where none is. */
static long long without_interval(const struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_metric *m = ps_point_metric(&r->points[i], "wall_time");

        if (m && isfinite(m->value) && !isfinite(m->high - m->low))
            return (long long)r->points[i].rounds;
    }
    return -1;
}

/* The points of a workload stand together. */
static bool told_before(const struct ps_result *r, size_t point, const char *id)
{
    return point && !strcmp(r->points[point - 1].workload, r->points[point].workload) &&
           ps_point_metric(&r->points[point - 1], id);
}

/* What workloads measure of themselves, in their words. */
static void add_custom(const struct ps_view *v, struct ps_lines *l)
{
    for (size_t i = 0; i < v->r->point_count; i++) {
        const struct ps_point *p = &v->r->points[i];

        for (size_t k = 0; k < p->metric_count; k++) {
            const struct ps_metric *m = &p->metrics[k];

            if (m->help && !told_before(v->r, i, m->id))
                ps_lines_add(l, ps_arena_format(v->arena, "%s: %s (by %s itself)", m->id, m->help,
                                                p->workload));
        }
    }
}

struct ps_lines ps_view_notes(const struct ps_view *v)
{
    struct notes *n = ps_arena_alloc(v->arena, sizeof *n);
    struct ps_lines l = {.arena = v->arena};
    long long rounds = without_interval(v->r);

    collect(n, v->r);
    if (any_oversubscribed(v->r))
        ps_lines_add(&l, "! more threads than CPUs: they take turns");
    if (rounds >= PS_MIN_ROUNDS)
        ps_lines_add(&l, "no ±: too many rounds without a value for an interval");
    else if (rounds >= 0)
        ps_lines_add(&l, ps_arena_format(v->arena, "no ±: an interval takes at least %d rounds",
                                         PS_MIN_ROUNDS));
    add_custom(v, &l);
    add_notes(v, n, &l);
    return l;
}
