#include "tally.h"

#include <math.h>
#include <string.h>

/* Positive where it holds with room to spare. */
static double room_of(const struct ps_check_spec *c, struct ps_interval i)
{
    bool at_least = c->op == PS_CHECK_GE || c->op == PS_CHECK_GT;

    return at_least ? i.low - c->value : c->value - i.high;
}

/* The first that fails, else the first that is inconclusive, else the one nearest to the bound. */
static bool worse(const struct judged *a, const struct judged *b)
{
    if (a->outcome != b->outcome)
        return a->outcome > b->outcome;
    return a->outcome == PS_CHECK_HOLDS && a->room < b->room;
}

/* Whether a slower reference makes it look better. */
static bool relative(const struct ps_check_spec *c)
{
    const struct ps_metric_info *info = ps_metric_find(c->metric);

    return c->model || c->grain || (info && info->scope & PS_SCOPE_RELATIVE);
}

/* Others make times longer: a lower bound that a time misses all the same is missed. */
static bool despite_load(const struct ps_check_spec *c)
{
    const struct ps_metric_info *info = ps_metric_find(c->metric);

    return info && info->source == PS_SOURCE_TIMES && !strcmp(info->unit, "s") &&
           (c->op == PS_CHECK_GE || c->op == PS_CHECK_GT);
}

/* Disturbed, or maybe: nobody witnessed the point itself, and the machine was busy. */
static bool suspect(const struct tally *t, const struct ps_point *p)
{
    if (!p || ps_point_disturbed(p))
        return p != NULL;
    return p->load.status && isnan(p->load.share) && ps_result_busy_before(t->r) > PS_RESULT_BUSY;
}

/* Of two points the one that more was taken from; either may be NULL. */
static const struct ps_point *more_disturbed(const struct tally *t, const struct ps_point *a,
                                             const struct ps_point *b)
{
    if (!suspect(t, b))
        return a;
    return !a || !(a->load.share >= b->load.share) ? b : a;
}

/* Of a point and what it is compared with. */
static const struct ps_point *disturbance(const struct tally *t, const struct ps_point *p)
{
    const struct ps_point *own = more_disturbed(t, NULL, p);

    return relative(t->c) ? more_disturbed(t, own, ps_result_baseline(t->r, p)) : own;
}

/* Of the points of a curve: those of a strategy, NULL: any; threads 0: any. */
static const struct ps_point *curve_disturbance(const struct tally *t, const char *workload,
                                                const char *strategy, unsigned threads)
{
    const struct ps_point *most = NULL;

    for (size_t i = 0; i < t->r->point_count; i++) {
        const struct ps_point *p = &t->r->points[i];

        if (strncmp(p->workload_label, workload, strlen(workload)) ||
            strcmp(p->strategy_label, strategy) || (threads && p->threads != threads))
            continue;
        most = more_disturbed(t, most, disturbance(t, p));
    }
    return most;
}

static void take(struct tally *t, struct judged j)
{
    j.outcome = ps_check_judge(t->c, j.interval);
    if (j.disturbed && ((j.outcome == PS_CHECK_FAILS && !despite_load(t->c)) ||
                        (relative(t->c) && ps_point_disturbed(j.disturbed))))
        j.outcome = PS_CHECK_INCONCLUSIVE;
    j.room = room_of(t->c, j.interval);
    if (!t->count || worse(&j, &t->worst))
        t->worst = j;
    t->count++;
    t->outcomes[j.outcome]++;
}

/* Rounds in which the metric has a value. */
static size_t rounds_of(const struct ps_point *p, const struct ps_metric *m)
{
    size_t rounds = 0;

    if (!m->samples)
        return p->rounds;
    for (size_t i = 0; i < p->rounds; i++)
        rounds += !isnan(m->samples[i]);
    return rounds;
}

static void judge_points(struct tally *t)
{
    for (size_t i = 0; i < t->r->point_count; i++) {
        const struct ps_point *p = &t->r->points[i];
        const struct ps_metric *m = ps_point_metric(p, t->c->metric);
        const struct ps_check_subject subject = {
            .workload = p->workload,
            .workload_label = p->workload_label,
            .strategy = p->strategy,
            .strategy_label = p->strategy_label,
            .placement = p->placement,
            .threads = p->threads,
            .baseline = p->baseline,
        };

        if (m && ps_check_matches(t->c, &subject))
            take(t, (struct judged){
                        .interval = {m->value, m->low, m->high},
                        .reason = m->reason,
                        .point = p,
                        .disturbed = disturbance(t, p),
                        .rounds = rounds_of(p, m),
                    });
    }
}

/* What a label begins with, as far as no point says it. */
static const char *bare_name(struct ps_arena *a, const char *label)
{
    return ps_arena_format(a, "%.*s", (int)strcspn(label, ":"), label);
}

static const char *workload_of(const struct ps_result *r, const char *label)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (!strcmp(r->points[i].workload_label, label))
            return r->points[i].workload;
    return bare_name(r->arena, label);
}

static const char *strategy_of(const struct ps_result *r, const char *label)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (!strcmp(r->points[i].strategy_label, label))
            return r->points[i].strategy;
    return bare_name(r->arena, label);
}

static const char *curve_text(const struct ps_result *r, const struct ps_model *m)
{
    if (!strcmp(m->strategy_label, PS_STRATEGY_PROGRAM))
        return m->workload_label;
    return ps_arena_format(r->arena, "%s on %s", m->strategy_label, m->workload_label);
}

static void judge_models(struct tally *t)
{
    for (size_t i = 0; i < t->r->model_count; i++) {
        const struct ps_model *m = &t->r->models[i];
        bool beyond = isnan(m->serial_fraction) && (m->fit.value < 0 || m->fit.value > 1);
        const struct ps_check_subject subject = {
            .workload = workload_of(t->r, m->workload_label),
            .workload_label = m->workload_label,
            .strategy = strategy_of(t->r, m->strategy_label),
            .strategy_label = m->strategy_label,
            .placement = m->placement,
        };

        if (ps_check_matches(t->c, &subject))
            take(t,
                 (struct judged){
                     .interval = beyond ? m->fit
                                        : (struct ps_interval){m->serial_fraction, m->low, m->high},
                     .instead = beyond ? m->status : NULL,
                     .where = curve_text(t->r, m),
                     .reason = m->status,
                     .disturbed = curve_disturbance(t, m->workload_label, m->strategy_label, 0),
                     .rounds = t->r->plan.rounds,
                 });
    }
}

struct ps_interval ps_check_from(const struct ps_result_threshold *f)
{
    struct ps_interval i = {f->value, f->low, f->high};

    if (!strcmp(f->status, PS_RESULT_THRESHOLD_BELOW))
        i.value = f->high;
    if (!strcmp(f->status, PS_RESULT_THRESHOLD_ABOVE))
        i.value = f->low;
    return i;
}

const struct ps_result_threshold *ps_check_grain(const struct ps_check_spec *c,
                                                 const struct ps_grain *g)
{
    if (!strcmp(c->metric, "metg"))
        return &g->metg;
    if (strcmp(c->metric, "crossover") != 0)
        return &g->crossover_idle;
    return g->given ? g->given : &g->crossover;
}

/* What is to be faster, whether it is or not. */
static const char *asked_of(const struct ps_grain *g)
{
    return g->given ? g->against : g->strategy_label;
}

static const char *grain_text(const struct ps_result *r, const struct ps_grain *g)
{
    return ps_arena_format(r->arena, "%s with %u thread%s on %s, by %s", asked_of(g), g->threads,
                           g->threads == 1 ? "" : "s", g->workload_label, g->parameter);
}

static void judge_grains(struct tally *t)
{
    for (size_t i = 0; i < t->r->grain_count; i++) {
        const struct ps_grain *g = &t->r->grains[i];
        const struct ps_result_threshold *f = ps_check_grain(t->c, g);
        const struct ps_check_subject subject = {
            .workload = g->workload,
            .workload_label = g->workload_label,
            .strategy = strategy_of(t->r, asked_of(g)),
            .strategy_label = asked_of(g),
            .placement = g->placement,
            .threads = g->threads,
        };

        if (ps_check_matches(t->c, &subject))
            take(t, (struct judged){
                        .interval = ps_check_from(f),
                        .where = grain_text(t->r, g),
                        .reason = f->status,
                        .disturbed = curve_disturbance(t, g->workload, asked_of(g), g->threads),
                        .beyond = isnan(f->value) ? f->status : NULL,
                        .unit = f == &g->metg ? "s" : g->unit,
                        .rounds = t->r->plan.rounds,
                    });
    }
}

struct tally tally_of(const struct ps_check_spec *c, const struct ps_result *r)
{
    struct tally t = {.c = c, .r = r};

    if (c->model)
        judge_models(&t);
    else if (c->grain)
        judge_grains(&t);
    else
        judge_points(&t);
    return t;
}
