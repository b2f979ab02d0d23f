/* What strategies from outside do for a program, beside the program as it is. */
#include <math.h>

#include "finding.h"
#include "subject.h"
#include "text.h"

#define MOST_TOLD 3 /* slower ones */

static const struct ps_metric *speedup_of(const struct ps_point *p)
{
    const struct ps_metric *m = p->baseline ? NULL : ps_point_metric(p, "speedup");

    return m && isfinite(m->value) ? m : NULL;
}

static bool is_copies(const struct ps_point *p)
{
    for (size_t i = 0; ps_point_is_outside(p) && i < p->option_count; i++)
        if (ps_text_same(p->options[i].name, "copies"))
            return true;
    return false;
}

/* Of the same program as `first`, the same work, and chosen from outside. */
static bool competes(const struct ps_result *r, size_t first, size_t i)
{
    const struct ps_point *p = &r->points[i];

    return ps_point_is_outside(p) && !is_copies(p) && speedup_of(p) &&
           ps_text_same(p->workload_label, r->points[first].workload_label);
}

/* point_count: there is none. */
static size_t best_of(const struct ps_result *r, size_t first)
{
    size_t best = r->point_count;

    for (size_t i = first; i < r->point_count; i++)
        if (competes(r, first, i) &&
            (best == r->point_count ||
             speedup_of(&r->points[i])->value > speedup_of(&r->points[best])->value))
            best = i;
    return best;
}

/* " [1.28, 1.34]"; "" without an interval. */
static const char *range(const struct ps_result *r, double low, double high)
{
    if (!isfinite(low) || !isfinite(high))
        return "";
    return ps_arena_format(r->arena, " [%s, %s]", finding_ratio(r, low), finding_ratio(r, high));
}

/* "is 1.31 [1.28, 1.34] times as fast" */
static const char *times(const struct ps_result *r, const struct ps_metric *m)
{
    if (m->value < 1)
        return ps_arena_format(r->arena, "takes %s%s times as long", finding_ratio(r, 1 / m->value),
                               range(r, 1 / m->high, 1 / m->low));
    return ps_arena_format(r->arena, "is %s%s times as fast", finding_ratio(r, m->value),
                           range(r, m->low, m->high));
}

static bool gains(const struct ps_metric *m)
{
    return isfinite(m->low) ? m->low > 1 : m->value > PS_NO_GAIN;
}

static bool loses(const struct ps_metric *m)
{
    return isfinite(m->high) ? m->high < 1 : m->value * PS_NO_GAIN < 1;
}

/* Others whose interval reaches that of the best, where it gains. */
static const char *equals(const struct ps_result *r, size_t first, size_t best)
{
    const struct ps_metric *m = speedup_of(&r->points[best]);
    const char *list = NULL;

    for (size_t i = first; gains(m) && isfinite(m->low) && i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (i == best || !competes(r, first, i) || speedup_of(p)->high < m->low)
            continue;
        list =
            list ? ps_arena_format(r->arena, "%s, %s", list, p->strategy_label) : p->strategy_label;
    }
    return list ? ps_arena_format(r->arena, " Within noise of that: %s.", list) : "";
}

static const char *slower(const struct ps_result *r, size_t first, size_t best)
{
    const char *list = NULL, *rest = "";
    size_t told = 0;

    for (size_t i = first; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (i == best || !competes(r, first, i) || !loses(speedup_of(p)))
            continue;
        if (++told <= MOST_TOLD)
            list = ps_arena_format(r->arena, "%s%s%s (%s × as long)", list ? list : "",
                                   list ? ", " : "", p->strategy_label,
                                   finding_ratio(r, 1 / speedup_of(p)->value));
    }
    if (told > MOST_TOLD)
        rest = ps_arena_format(r->arena, ", and %zu more", told - MOST_TOLD);
    return list ? ps_arena_format(r->arena, " Slower than as it is: %s%s.", list, rest) : "";
}

static const char *head_of(struct ps_result *r, const struct ps_point *p)
{
    const struct ps_metric *m = speedup_of(p);

    if (!gains(m))
        return ps_arena_format(r->arena,
                               "Nothing chosen from outside makes it faster for certain: the best, "
                               "%s, %s.",
                               p->strategy_label, times(r, m));
    return ps_arena_format(r->arena, "%s %s: it %s as the program as it is%s.", p->strategy_label,
                           isfinite(m->low) ? "is best" : "was fastest", times(r, m),
                           isfinite(m->low) ? "" : ", in too few rounds to be certain");
}

static void say_best(struct ps_result *r, size_t first, size_t best)
{
    const struct ps_point *p = &r->points[best];
    struct ps_finding *f = finding_say(r, "best-outside", PS_INFO, "%s%s%s", head_of(r, p),
                                       equals(r, first, best), slower(r, first, best));

    finding_concerns(r, f, best);
    finding_concerns(r, f, (size_t)(ps_result_baseline(r, p) - r->points));
}

static bool begins_program(const struct ps_result *r, size_t i)
{
    return !i || !ps_text_same(r->points[i].workload_label, r->points[i - 1].workload_label);
}

/* Programs whose places are varied have crossovers instead. */
void find_best_outside(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; s->plan->against_plain && !s->plan->varied_count && i < r->point_count;
         i++) {
        const size_t best = begins_program(r, i) ? best_of(r, i) : r->point_count;

        if (best < r->point_count)
            say_best(r, i, best);
    }
}

void find_copies(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; !s->plan->varied_count && i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];
        const struct ps_metric *m = is_copies(p) ? speedup_of(p) : NULL;

        if (m)
            finding_concerns(r,
                             finding_say(r, "copies", PS_INFO,
                                         "%s: %.0f at once do %s%s times as much in the same time "
                                         "as one.",
                                         p->strategy_label, p->items, finding_ratio(r, m->value),
                                         range(r, m->low, m->high)),
                             i);
    }
}
