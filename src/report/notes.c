#include <math.h>
#include <string.h>

#include "stack.h"
#include "stats.h"
#include "view.h"

#define WIDE       0.02 /* half of an interval, of the value: narrower ones raise no question */
#define UNEVEN     1.5  /* times half of it, to the farther end */
#define MOST_NOTED 256  /* metrics with a reason; only a forged file has more */

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

static bool in_series(const char *id)
{
    return !strcmp(id, "wall_time") || !strcmp(id, "speedup");
}

/* Marks of columns that are shown, of events that were asked for, and of losses in the bar. */
static bool on_first_screen(const struct ps_view *v, const struct ps_point *p,
                            const struct ps_metric *m)
{
    enum ps_stack_term term = ps_stack_find(m->id);

    if (v->asked && ps_view_shows(v, m->id))
        return true;
    if (v->asked && !ps_view_shows(v, PS_COLUMN_BARS))
        return false;
    if (!ps_metric_find(m->id))
        return !m->help;
    if (m->quality == PS_UNAVAILABLE)
        return false;
    if (term >= PS_LOST_FIRST && term < PS_LOST_REFERENCE_IDLE)
        return m->value > 0 && ps_stack_bar_shows(v, p, term);
    return ps_view_shows(v, m->id);
}

static void collect_point(const struct ps_view *v, struct notes *n, const struct ps_point *p,
                          bool series)
{
    for (size_t i = 0; i < p->metric_count; i++) {
        const char *id = p->metrics[i].id;

        if (v->only && !on_first_screen(v, p, &p->metrics[i]))
            continue;
        if (p->metrics[i].quality != PS_EXACT && (series ? in_series(id) : in_grids(p, id)))
            note(n, &p->metrics[i]);
    }
}

static void collect(struct notes *n, const struct ps_view *v)
{
    for (size_t i = 0; i < v->r->point_count;) {
        struct ps_block b = ps_view_block(v, i);

        for (size_t k = 0; k < b.count; k++)
            collect_point(v, n, &b.points[k], b.kind == PS_BLOCK_SERIES);
        i += b.count;
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
        return "counted part of the time (share in brackets), then scaled";
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

static bool first_screen(const struct ps_view *v)
{
    return v->only && !v->asked;
}

/* Of estimates, other than that of items[like]. */
static bool another_reason(const struct notes *n, const struct noted *like)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->items[i].quality == PS_ESTIMATED &&
            (n->items[i].several || strcmp(n->items[i].reason, like->reason) != 0))
            return true;
    return false;
}

/* On the first screen marks show which figures are estimated, and one reason is told there; where
 * there are several, they take more lines than a reader in a hurry has for them. */
static const char *short_note(const struct ps_view *v, const struct notes *n,
                              const struct noted *item)
{
    if (!first_screen(v) || item->quality != PS_ESTIMATED)
        return NULL;
    if (item->several || another_reason(n, item))
        return "~ estimated; -v says how";
    return *item->reason ? ps_arena_format(v->arena, "%s: %s", meaning(item->quality), item->reason)
                         : NULL;
}

static void mark_estimates(struct notes *n)
{
    for (size_t i = 0; i < n->count; i++)
        n->items[i].printed |= n->items[i].quality == PS_ESTIMATED;
}

static const char *full_note(const struct ps_view *v, struct notes *n, size_t i)
{
    const struct noted *item = &n->items[i];

    return ps_arena_format(v->arena, "%s: %s%s%s%s", meaning(item->quality), titles(v, n, i),
                           *item->reason ? ": " : "", item->reason,
                           item->several ? " (one reason of several)" : "");
}

static void add_notes(const struct ps_view *v, struct notes *n, struct ps_lines *l)
{
    for (size_t i = 0; i < n->count; i++) {
        const struct noted *item = &n->items[i];
        const char *brief;

        if (item->printed)
            continue;
        brief = short_note(v, n, item);
        ps_lines_add(l, brief ? brief : full_note(v, n, i));
        if (brief)
            mark_estimates(n);
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

static void add_custom_of(const struct ps_view *v, size_t point, struct ps_lines *l)
{
    const struct ps_point *p = &v->r->points[point];

    for (size_t k = 0; k < p->metric_count; k++) {
        const struct ps_metric *m = &p->metrics[k];

        if (m->help && !told_before(v->r, point, m->id))
            ps_lines_add(
                l, ps_arena_format(v->arena, "%s: %s (by %s itself)", m->id, m->help, p->workload));
    }
}

/* What workloads measure of themselves, in their words. */
static void add_custom(const struct ps_view *v, struct ps_lines *l)
{
    for (size_t i = 0; i < v->r->point_count;) {
        struct ps_block b = ps_view_block(v, i);

        for (size_t k = 0; b.kind != PS_BLOCK_SERIES && k < b.count; k++)
            add_custom_of(v, i + k, l);
        i += b.count;
    }
}

static bool any_has(const struct ps_result *r, const char *id)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (ps_point_metric(&r->points[i], id))
            return true;
    return false;
}

/* Columns that were asked for and have no cell. */
static void add_absent(const struct ps_view *v, struct ps_lines *l)
{
    for (size_t i = 0; v->asked && v->only[i]; i++)
        if (ps_metric_find(v->only[i]) && !any_has(v->r, v->only[i]))
            ps_lines_add(l, ps_arena_format(v->arena, "no column %s: no point here has it",
                                            title(v->only[i])));
}

/* Sentences have both ends of the interval, which ± then does not fit. */
static bool any_uneven(const struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_metric *m = ps_point_metric(&r->points[i], "speedup");
        const double half = m ? (m->high - m->low) / 2 : NAN;

        if (m && !r->points[i].baseline && half > WIDE * m->value &&
            fmax(m->high - m->value, m->value - m->low) > UNEVEN * half)
            return true;
    }
    return false;
}

/* What was attached to has no second round. */
static bool told_few_rounds(const struct ps_result *r)
{
    if (r->plan.argument_count > 1 && !strcmp(r->plan.arguments[1], "attach"))
        return true;
    for (size_t i = 0; i < r->finding_count; i++)
        if (!strcmp(r->findings[i].id, "few-rounds"))
            return true;
    return false;
}

struct ps_lines ps_view_notes(const struct ps_view *v)
{
    struct notes *n = ps_arena_alloc(v->arena, sizeof *n);
    struct ps_lines l = {.arena = v->arena};
    long long rounds = without_interval(v->r);

    collect(n, v);
    if (any_oversubscribed(v->r))
        ps_lines_add(&l, "! more threads than CPUs: they take turns");
    if (rounds >= PS_MIN_ROUNDS)
        ps_lines_add(&l, "no ±: too many rounds have no value");
    else if (rounds >= 0 && !told_few_rounds(v->r))
        ps_lines_add(&l, ps_arena_format(v->arena, "no ±: an interval needs at least %d rounds",
                                         PS_MIN_ROUNDS));
    if (any_uneven(v->r))
        ps_lines_add(&l, "± half the width of the 95 % interval, which may be asymmetric");
    if (!v->only)
        add_custom(v, &l);
    add_notes(v, n, &l);
    add_absent(v, &l);
    return l;
}
