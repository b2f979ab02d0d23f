/* What strategies from outside do for a program, beside the program as it is. */
#include <math.h>

#include "finding.h"
#include "rounds.h"
#include "stats.h"
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

/* The program as it is, and of its points from outside how many times as fast as that they are. */
struct group {
    const struct ps_result *r;
    size_t plain;
    const struct ps_interval *gains; /* one per point of the result, NaN for those of no group */
    bool threads_differ, placements_differ; /* between the plain points of this program */
};

static bool is_plain(const struct ps_point *p)
{
    return ps_point_is_program(p) && !ps_point_is_outside(p);
}

static bool same_program(const struct ps_point *a, const struct ps_point *b)
{
    return ps_text_same(a->workload_label, b->workload_label);
}

/* The plain point with the same threads, best in the same placement: those that pin have one of
 * their own. point_count: there is none. */
static size_t counterpart(const struct ps_result *r, const struct ps_point *own)
{
    size_t found = r->point_count;

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (!is_plain(p) || !same_program(p, own) || p->threads != own->threads)
            continue;
        if (ps_text_same(p->placement, own->placement))
            return i;
        found = found == r->point_count ? i : found;
    }
    return found;
}

static bool quiet(const struct ps_point *p, size_t round)
{
    return !p->load.shares || !ps_round_disturbed(p->load.shares[round]);
}

/* How many times as fast, round by round; of quiet rounds where they are enough. */
static struct ps_interval ratio_of(const struct ps_samples *s, const struct ps_point *own,
                                   const struct ps_point *plain)
{
    const struct ps_metric *t[] = {ps_point_metric(own, "wall_time"),
                                   ps_point_metric(plain, "wall_time")};
    double *x = ps_arena_array(s->arena, own->rounds, sizeof *x);
    struct ps_interval ratio = {NAN, NAN, NAN};
    size_t clean = 0;
    bool choose;

    if (!t[0] || !t[1] || !t[0]->samples || !t[1]->samples || own->rounds != plain->rounds)
        return ratio;
    for (size_t i = 0; i < own->rounds; i++)
        clean += quiet(own, i) && quiet(plain, i);
    choose = ps_rounds_choose(own->rounds, clean) == PS_ROUNDS_CLEAN;
    for (size_t i = 0; i < own->rounds; i++)
        x[i] = choose && !(quiet(own, i) && quiet(plain, i)) ? NAN
                                                             : t[1]->samples[i] / t[0]->samples[i];
    if (ps_bootstrap_median(x, own->rounds, s->plan->request->seed, &ratio) < 0)
        return (struct ps_interval){NAN, NAN, NAN};
    return ratio;
}

static struct ps_interval gain_of(const struct ps_samples *s, const struct ps_result *r,
                                  const struct ps_point *own)
{
    const struct ps_metric *m = speedup_of(own);
    const size_t plain = counterpart(r, own);

    if (!ps_point_is_outside(own) || is_copies(own) || !m || plain == r->point_count)
        return (struct ps_interval){NAN, NAN, NAN};
    if (r->points[plain].baseline)
        return (struct ps_interval){m->value, m->low, m->high};
    return ratio_of(s, own, &r->points[plain]);
}

static bool competes(const struct group *g, size_t i)
{
    return isfinite(g->gains[i].value) && counterpart(g->r, &g->r->points[i]) == g->plain;
}

/* point_count: there is none. */
static size_t best_of(const struct group *g)
{
    size_t best = g->r->point_count;

    for (size_t i = 0; i < g->r->point_count; i++)
        if (competes(g, i) &&
            (best == g->r->point_count || g->gains[i].value > g->gains[best].value))
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
static const char *times(const struct ps_result *r, const struct ps_interval *m)
{
    if (m->value < 1)
        return ps_arena_format(r->arena, "takes %s%s times as long", finding_ratio(r, 1 / m->value),
                               range(r, 1 / m->high, 1 / m->low));
    return ps_arena_format(r->arena, "is %s%s times as fast", finding_ratio(r, m->value),
                           range(r, m->low, m->high));
}

static bool gains(const struct ps_interval *m)
{
    return isfinite(m->low) ? m->low > 1 : m->value > PS_NO_GAIN;
}

static bool loses(const struct ps_interval *m)
{
    return isfinite(m->high) ? m->high < 1 : m->value * PS_NO_GAIN < 1;
}

/* Others whose interval reaches that of the best, where it gains. */
static const char *equals(const struct group *g, size_t best)
{
    const struct ps_interval *m = &g->gains[best];
    const char *list = NULL;

    for (size_t i = 0; gains(m) && isfinite(m->low) && i < g->r->point_count; i++) {
        const char *label = g->r->points[i].strategy_label;

        if (i == best || !competes(g, i) || !(g->gains[i].high >= m->low))
            continue;
        list = list ? ps_arena_format(g->r->arena, "%s, %s", list, label) : label;
    }
    return list ? ps_arena_format(g->r->arena, " Within noise of that: %s.", list) : "";
}

static const char *slower(const struct group *g, size_t best)
{
    const struct ps_result *r = g->r;
    const char *list = NULL, *rest = "";
    size_t told = 0;

    for (size_t i = 0; i < r->point_count; i++) {
        if (i == best || !competes(g, i) || !loses(&g->gains[i]))
            continue;
        if (++told <= MOST_TOLD)
            list = ps_arena_format(r->arena, "%s%s%s (%s × as long)", list ? list : "",
                                   list ? ", " : "", r->points[i].strategy_label,
                                   finding_ratio(r, 1 / g->gains[i].value));
    }
    if (told > MOST_TOLD)
        rest = ps_arena_format(r->arena, ", and %zu more", told - MOST_TOLD);
    return list ? ps_arena_format(r->arena, " Slower than the program as it is: %s%s.", list, rest)
                : "";
}

/* "With 4 threads, spread: " */
static const char *which(const struct group *g)
{
    const struct ps_point *p = &g->r->points[g->plain];
    const char *threads = "";

    if (g->threads_differ)
        threads = ps_arena_format(g->r->arena, "With %u thread%s%s", p->threads,
                                  p->threads == 1 ? "" : "s", g->placements_differ ? ", " : ": ");
    if (!g->placements_differ)
        return threads;
    return ps_arena_format(g->r->arena, "%s%s %s: ", threads,
                           g->threads_differ ? "placement" : "Placement", p->placement);
}

static const char *head_of(const struct group *g, size_t best)
{
    const struct ps_interval *m = &g->gains[best];
    const char *label = g->r->points[best].strategy_label;

    if (!gains(m))
        return ps_arena_format(
            g->r->arena,
            "%sNone of the settings makes the program significantly faster: the best, %s, %s.",
            which(g), label, times(g->r, m));
    return ps_arena_format(g->r->arena, "%s%s %s: it %s as the program as it is%s.", which(g),
                           label, isfinite(m->low) ? "is best" : "was fastest", times(g->r, m),
                           isfinite(m->low) ? "" : ", but there were too few rounds to be certain");
}

static void say_best(struct ps_result *r, const struct group *g, size_t best)
{
    struct ps_finding *f = finding_say(r, "best-outside", PS_INFO, "%s%s%s", head_of(g, best),
                                       equals(g, best), slower(g, best));

    finding_concerns(r, f, best);
    finding_concerns(r, f, g->plain);
}

static struct group group_of(const struct ps_result *r, size_t plain,
                             const struct ps_interval *gains)
{
    const struct ps_point *own = &r->points[plain];
    struct group g = {.r = r, .plain = plain, .gains = gains};

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (!is_plain(p) || !same_program(p, own))
            continue;
        g.threads_differ |= p->threads != own->threads;
        g.placements_differ |= !ps_text_same(p->placement, own->placement);
    }
    return g;
}

/* Each beside the program as it is with the same threads. Programs whose places are varied have
 * crossovers instead. */
void find_best_outside(const struct ps_samples *s, struct ps_result *r)
{
    struct ps_interval *gains = ps_arena_array(s->arena, r->point_count, sizeof *gains);

    if (!s->plan->against_plain || s->plan->varied_count)
        return;
    for (size_t i = 0; i < r->point_count; i++)
        gains[i] = gain_of(s, r, &r->points[i]);
    for (size_t i = 0; i < r->point_count; i++) {
        const struct group g = group_of(r, i, gains);
        const size_t best = is_plain(&r->points[i]) ? best_of(&g) : r->point_count;

        if (best < r->point_count)
            say_best(r, &g, best);
    }
}

void find_copies(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; !s->plan->varied_count && i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];
        const struct ps_metric *m = is_copies(p) ? speedup_of(p) : NULL;

        if (m)
            finding_concerns(
                r,
                finding_say(
                    r, "copies", PS_INFO,
                    "%s: %.0f copies at once do %s%s times as much as one in the same time.",
                    p->strategy_label, p->items, finding_ratio(r, m->value),
                    range(r, m->low, m->high)),
                i);
    }
}
