/* When is it precise enough? Once all headlines are (headlines.h). After that, rounds go on for the
 * points of checks that are still open. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "amdahl.h"
#include "change.h"
#include "derive.h"
#include "grain_models.h"
#include "load.h"
#include "custom.h"
#include "headlines.h"
#include "series.h"
#include "samples.h"
#include "stack_terms.h"

static struct ps_interval interval_of(const struct ps_samples *s, const double *x)
{
    struct ps_interval i = {NAN, NAN, NAN};

    if (ps_median_interval(s->draws, x, s->rounds, &i) < 0)
        i = (struct ps_interval){NAN, NAN, NAN};
    return i;
}

static bool is_narrow(void *arg, const struct headline *h)
{
    return h->half_width <= h->enough;
}

static bool all_precise(const struct ps_samples *s)
{
    return headlines_each(s, is_narrow, NULL);
}

static bool widen(void *arg, const struct headline *h)
{
    double *most = arg;

    *most = fmax(*most, h->half_width / h->enough);
    return true;
}

double ps_stop_too_wide(const struct ps_samples *s)
{
    struct load load;
    double most = 0;

    if (load_open(s, &load) || !headlines_each(&load.clean, widen, &most))
        most = INFINITY;
    load_close(&load);
    return most;
}

bool ps_stop_precise(const struct ps_samples *s)
{
    struct load load;
    bool precise = !load_open(s, &load) && all_precise(&load.clean);

    load_close(&load);
    return precise;
}

/* The point and what it is compared with. */
static void add_focus(const struct ps_samples *s, const struct ps_series *t, bool *focus)
{
    focus[t - s->series] = true;
    if (t->baseline)
        focus[t->baseline - s->series] = true;
    if (t->one_per_core)
        focus[t->one_per_core - s->series] = true;
}

/* A search for headlines that are too wide. */
struct search {
    const struct ps_samples *s;
    size_t *targets; /* room for a curve */
    bool *focus;
};

static bool add_open(void *arg, const struct headline *h)
{
    const struct search *x = arg;
    size_t count;

    if (h->half_width <= h->enough)
        return true;
    add_focus(x->s, h->of, x->focus);
    count = metric_row_find(h->metric) ? 0 : series_curve(x->s, h->of, x->targets);
    for (size_t i = 0; i < count; i++)
        add_focus(x->s, &x->s->series[x->targets[i]], x->focus);
    return true;
}

void ps_stop_open(const struct ps_samples *s, bool *focus)
{
    size_t *targets = calloc(s->series_count + 1, sizeof *targets);
    struct load load;
    struct search x = {&load.clean, targets, focus};
    bool found = !load_open(s, &load) && targets && headlines_each(&load.clean, add_open, &x);

    for (size_t i = 0; !found && i < s->series_count; i++)
        focus[i] = true;
    load_close(&load);
    free(targets);
}

/* The point of the second program that is like one of the first; NULL. */
static const struct ps_series *counterpart(const struct ps_samples *s, const struct ps_series *t)
{
    for (size_t i = 0; t->plan->workload == 0 && i < s->series_count; i++) {
        const struct ps_plan_point *p = s->series[i].plan;

        if (p->workload == 1 && p->threads == t->plan->threads &&
            p->placement == t->plan->placement &&
            !strcmp(p->options->label, t->plan->options->label))
            return &s->series[i];
    }
    return NULL;
}

/* Over what is enough; 0 where there is no counterpart. */
static double ratio_width(const struct ps_samples *s, const struct ps_series *t, double *room)
{
    const struct ps_series *now = counterpart(s, t);
    struct ps_interval i;

    if (!now)
        return 0;
    series_raw(s, t, PS_RAW_WALL, room);
    series_raw(s, now, PS_RAW_WALL, room + s->rounds);
    if (ps_ratio_paired(room, room + s->rounds, s->rounds, s->plan->request->seed, &i) < 0)
        return INFINITY;
    return ps_relative_half_width(i) / s->plan->request->precision;
}

static double widest_ratio(const struct ps_samples *s)
{
    double *room = calloc(s->rounds + 1, 2 * sizeof *room), widest = room ? 0 : INFINITY;

    for (size_t i = 0; room && i < s->series_count; i++)
        widest = fmax(widest, ratio_width(s, &s->series[i], room));
    free(room);
    return widest;
}

double ps_stop_ratios_too_wide(const struct ps_samples *s)
{
    struct load load;
    double widest = load_open(s, &load) < 0 ? INFINITY : widest_ratio(&load.clean);

    load_close(&load);
    return widest;
}

static bool matches(const struct ps_samples *s, const struct ps_check_spec *c,
                    const struct ps_series *t)
{
    struct ps_check_subject subject = ps_plan_subject(s->plan, t->plan);

    return ps_check_matches(c, &subject);
}

/* More rounds may decide it: there is an interval, and the bound lies in it. */
static bool undecided(const struct ps_check_spec *c, struct ps_interval i)
{
    return !isnan(i.low) && ps_check_judge(c, i) == PS_CHECK_INCONCLUSIVE;
}

static struct ps_interval checked_metric(const struct ps_samples *s, const struct ps_check_spec *c,
                                         const struct ps_series *t, double *x)
{
    const struct metric_row *row = metric_row_find(c->metric);
    const struct parscope_workload *ops = t->workload->ops;
    size_t event = verdict_event(s, c->metric), custom = custom_index(ops, c->metric);

    if (row && metric_is_term(row))
        return stack_interval(s, t, row);
    if (row && metric_applies(s, t, row))
        metric_samples(s, t, row, x);
    else if (!row && event < s->event_count)
        series_raw(s, t, PS_RAW_FIXED + event, x);
    else if (!row && custom < custom_count(ops))
        series_raw(s, t, PS_RAW_CUSTOM + custom, x);
    else
        return (struct ps_interval){NAN, NAN, NAN};
    return interval_of(s, x);
}

static bool open_points(const struct ps_samples *s, const struct ps_check_spec *c, double *x,
                        bool *focus)
{
    bool any = false;

    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_series *t = &s->series[i];

        if (!matches(s, c, t) || !undecided(c, checked_metric(s, c, t, x)))
            continue;
        add_focus(s, t, focus);
        any = true;
    }
    return any;
}

static bool open_curves(const struct ps_samples *s, const struct ps_check_spec *c, size_t *targets,
                        bool *focus)
{
    bool any = false;

    for (size_t i = 0; i < s->series_count; i++) {
        struct series_fit fit;
        size_t count;

        if (!series_curve_begins(s, &s->series[i]) || !matches(s, c, &s->series[i]))
            continue;
        count = series_curve(s, &s->series[i], targets);
        if (series_amdahl(s, targets, count, &fit) < 0 || !undecided(c, fit.law.serial_fraction))
            continue;
        for (size_t k = 0; k < count; k++)
            add_focus(s, &s->series[targets[k]], focus);
        any = true;
    }
    return any;
}

static bool open_grain(const struct ps_samples *s, const struct ps_check_spec *c,
                       const struct ps_plan_curve *curve, bool *focus)
{
    static const char *const metrics[GRAIN_KINDS] = {
        [GRAIN_CROSSOVER] = "crossover",
        [GRAIN_CROSSOVER_IDLE] = "crossover_idle",
        [GRAIN_METG] = "metg",
    };
    struct ps_check_subject subject = ps_plan_subject(s->plan, s->series[curve->points[0]].plan);
    enum grain_kind kind = GRAIN_CROSSOVER;
    struct ps_result_threshold from;

    subject.workload_label = curve->label;
    while (strcmp(metrics[kind], c->metric))
        kind++;
    if (!ps_check_matches(c, &subject) || grain_from(s, curve, kind, &from) < 0 ||
        !undecided(c, ps_check_from(&from)))
        return false;
    for (size_t k = 0; k < curve->count; k++)
        add_focus(s, &s->series[curve->points[k]], focus);
    return true;
}

static bool open_grains(const struct ps_samples *s, const struct ps_check_spec *c, bool *focus)
{
    bool any = false;

    for (size_t i = 0; i < s->plan->curve_count; i++)
        any |= open_grain(s, c, &s->plan->curves[i], focus);
    return any;
}

/* Of a check on a curve, all its points. */
void ps_stop_checked(const struct ps_samples *s, bool *focus)
{
    for (size_t i = 0; i < s->plan->check_count; i++)
        for (size_t k = 0; k < s->series_count; k++)
            if (s->plan->checks[i].grain || matches(s, &s->plan->checks[i], &s->series[k]))
                add_focus(s, &s->series[k], focus);
}

/* A check on disturbed points waits for quiet rounds. */
static bool open_disturbed(const struct ps_samples *s, const struct load *l,
                           const struct ps_check_spec *c, bool *focus)
{
    bool any = false;

    for (size_t i = 0; i < s->series_count; i++) {
        if (l->series[i].verdict != PS_ROUNDS_DISTURBED || !matches(s, c, &s->series[i]))
            continue;
        add_focus(s, &s->series[i], focus);
        any = true;
    }
    return any;
}

static bool open_check(const struct ps_samples *s, const struct ps_check_spec *c, double *x,
                       size_t *targets, bool *focus)
{
    return c->model   ? open_curves(s, c, targets, focus)
           : c->grain ? open_grains(s, c, focus)
                      : open_points(s, c, x, focus);
}

bool ps_stop_checks_open(const struct ps_samples *s, bool *focus)
{
    const struct ps_plan *p = s->plan;
    double *x = calloc(s->rounds, sizeof *x);
    size_t *targets = calloc(s->series_count, sizeof *targets);
    struct load load;
    bool any = false, ready = !load_open(s, &load) && x && targets;

    for (size_t i = 0; ready && i < p->check_count; i++) {
        any |= open_check(&load.clean, &p->checks[i], x, targets, focus);
        any |= open_disturbed(s, &load, &p->checks[i], focus);
    }
    load_close(&load);
    free(x);
    free(targets);
    return any;
}
