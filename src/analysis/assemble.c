/* From raw samples to the result's points. */
#include <math.h>
#include <string.h>

#include "assemble.h"
#include "derive.h"
#include "custom.h"
#include "follow.h"
#include "mixture.h"
#include "stack_terms.h"
#include "verdict.h"

/* Of a metric: what its rounds say. */
struct values {
    const char *id, *unit;
    double *samples; /* one per round */
    struct verdict verdict;
    const char *missing; /* why, where no round has a value */
    bool brief;          /* no interval is wanted */
};

static struct ps_interval estimate(const struct ps_samples *s, const struct values *x)
{
    struct ps_interval i = {NAN, NAN, NAN};

    if (x->brief)
        i.value = ps_median(x->samples, s->rounds, series_room(s));
    else
        ps_median_interval(s->draws, x->samples, s->rounds, &i);
    return i;
}

static void add_metric(const struct ps_samples *s, struct ps_point *p, const struct values *x)
{
    struct ps_interval i = {NAN, NAN, NAN};
    struct verdict v = x->verdict;
    struct ps_metric *m;

    if (s->rounds && v.quality != PS_UNAVAILABLE)
        i = estimate(s, x);
    if (isnan(i.value) && v.quality != PS_UNAVAILABLE)
        v = (struct verdict){PS_UNAVAILABLE, x->missing};
    p->metrics = ps_arena_grow(s->arena, p->metrics, p->metric_count, sizeof *m);
    m = &p->metrics[p->metric_count++];
    *m =
        (struct ps_metric){x->id, x->unit, i.value, i.low, i.high, v.quality, v.reason, x->samples};
    m->share = v.quality == PS_UNAVAILABLE ? 0 : v.share;
    if (v.quality == PS_UNAVAILABLE)
        m->samples = NULL;
}

static bool all_missing(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            return false;
    return true;
}

static void add_row(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p,
                    const struct metric_row *row, bool brief)
{
    const struct ps_metric_info *info = ps_metric_find(row->id);
    double *samples = series_room(s);

    if (!metric_applies(s, t, row))
        return;
    metric_samples(s, t, row, samples);
    if (row->scope & PS_SCOPE_MEASURED && all_missing(samples, s->rounds))
        return;
    add_metric(s, p,
               &(struct values){row->id, info->unit, samples, verdict_of_source(s, t, row->source),
                                verdict_missing(s, t, row->source), brief});
}

/* Where the event can't be had, getrusage knows of a program's switches, with those before its
 * exec.
 */
static bool add_switches(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p,
                         size_t event)
{
    const struct verdict v = {PS_ESTIMATED, "getrusage's, with the few of starting the program"};
    double *samples;

    if (!t->workload->program || strcmp(s->events[event].name, "context_switches") ||
        verdict_counted(s, t, event))
        return false;
    samples = series_room(s);
    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        samples[r] = x[PS_RAW_VOLUNTARY] + x[PS_RAW_INVOLUNTARY];
    }
    add_metric(s, p, &(struct values){"context_switches", "count", samples, v, "not counted"});
    return true;
}

/* Events other than those that rows above speak for. */
static void add_events(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p)
{
    static const char *const told[] = {"cycles", "instructions", "task_clock"};

    for (size_t k = 0; k < s->event_count; k++) {
        const struct ps_metric_info *info = ps_metric_find(s->events[k].name);
        struct values x = {.id = s->events[k].name, .unit = info ? info->unit : s->events[k].unit};
        bool skip = false;

        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
            skip |= !strcmp(told[i], s->events[k].name);
        if (skip || add_switches(s, t, p, k))
            continue;
        x.samples = series_room(s);
        series_raw(s, t, PS_RAW_FIXED + k, x.samples);
        x.verdict = verdict_of_event(s, t, k);
        x.missing = t->sums.uncounted ? t->sums.uncounted : "not counted";
        add_metric(s, p, &x);
    }
}

static void add_custom(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p)
{
    const struct parscope_custom *custom = t->workload->ops->custom;

    for (size_t i = 0; i < custom_count(t->workload->ops); i++) {
        const struct values x = {
            .id = custom[i].name,
            .unit = custom[i].unit,
            .samples = series_room(s),
            .verdict = {PS_EXACT, NULL},
            .missing = s->plan->fake ? "not scripted" : "not measured",
        };

        series_raw(s, t, PS_RAW_CUSTOM + i, x.samples);
        add_metric(s, p, &x);
        p->metrics[p->metric_count - 1].help = custom[i].help;
    }
}

static struct ps_text_pair *pairs(struct ps_arena *a, const struct parscope_param *params,
                                  const struct ps_bound *bound, size_t *count)
{
    size_t n = ps_param_count(params);
    struct ps_text_pair *out = ps_arena_array(a, n, sizeof *out);

    for (size_t i = 0; i < n; i++)
        out[i] = (struct ps_text_pair){params[i].name, bound->texts[i]};
    *count = n;
    return out;
}

/* NULL where nothing of it was counted. */
static double *mean_counts(const struct ps_samples *s, const struct ps_series *t, size_t worker)
{
    const struct ps_worker_count *w = &t->sums.worker_counts[worker * s->event_count];
    double *counts = ps_arena_array(s->arena, s->event_count, sizeof *counts);
    size_t rounds = 0;

    for (size_t k = 0; k < s->event_count; k++) {
        counts[k] = w[k].rounds ? w[k].sum / (double)w[k].rounds : NAN;
        rounds += w[k].rounds;
    }
    return rounds ? counts : NULL;
}

static void add_workers(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p)
{
    double executions = t->sums.worker_executions > 0 ? t->sums.worker_executions : 1;

    p->worker_count = t->plan->threads;
    p->workers = ps_arena_array(s->arena, p->worker_count, sizeof *p->workers);
    for (size_t i = 0; i < p->worker_count; i++) {
        struct ps_worker w = t->sums.workers[i];

        w.busy_time /= executions;
        w.spin_time /= executions;
        w.items /= executions;
        w.run_delay /= executions;
        w.cpu_time = t->sums.counted_trials ? w.cpu_time / (double)t->sums.counted_trials : NAN;
        w.counts = mean_counts(s, t, i);
        w.event_count = w.counts ? s->event_count : 0;
        p->workers[i] = w;
    }
}

/* Seen in one execution: a value without an interval. */
static void add_threads_seen(const struct ps_samples *s, const struct ps_series *t,
                             struct ps_point *p)
{
    size_t seen = t->program ? t->program->threads.at_once : 0;
    struct verdict v = {PS_ESTIMATED, "sampled in the warm-up"};
    struct ps_metric *m;

    if (!seen)
        v = (struct verdict){PS_UNAVAILABLE,
                             s->plan->request->warmup
                                 ? "the program was too short to be sampled"
                                 : "only the warm-up is sampled, and there was none"};
    p->metrics = ps_arena_grow(s->arena, p->metrics, p->metric_count, sizeof *m);
    m = &p->metrics[p->metric_count++];
    *m = (struct ps_metric){"threads_seen", "count", seen ? (double)seen : NAN, NAN, NAN,
                            v.quality,      v.reason};
}

static const struct ps_diagnosis *
diagnosis_of(const struct ps_samples *s, const struct ps_diagnosis *seen, const struct ps_point *p)
{
    struct ps_diagnosis *d = ps_arena_alloc(s->arena, sizeof *d);

    *d = *seen;
    d->slowdown = d->wall / ps_point_value(p, "wall_time");
    return d;
}

/* What was chosen for a program from outside, and what came of it. */
static void set_outside(const struct ps_samples *s, const struct ps_plan_point *plan,
                        struct ps_point *p)
{
    const struct ps_outside *o = plan->outside;

    if (!o)
        return;
    p->option_count = o->option_count;
    p->options = ps_arena_array(s->arena, o->option_count, sizeof *p->options);
    for (size_t i = 0; i < o->option_count; i++)
        p->options[i] = (struct ps_text_pair){o->options[i].key, o->options[i].value};
    p->applied = ps_outside_applied(o, plan->cpus, plan->threads, s->arena);
    while (p->applied[p->applied_count])
        p->applied_count++;
}

static void name_point(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p)
{
    const struct ps_plan_point *plan = t->plan;
    const struct ps_plan_workload *w = t->workload;

    *p = (struct ps_point){
        .workload = w->bound->name,
        .workload_label = w->bound->label,
        .pattern = w->fills ? w->program->label : NULL,
        .strategy = plan->strategy->name,
        .strategy_label = plan->options->label,
        .threads = plan->threads,
        .placement = ps_placement_name(plan->placement),
        .cpus = plan->cpus,
        .baseline = plan->baseline,
        .oversubscribed = plan->threads > plan->p,
        .items = ps_series_items(t),
        .unit = w->ops->unit,
        .rounds = s->rounds,
        .executions = t->sums.executions,
    };
}

static void set_point(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p)
{
    const struct ps_plan_point *plan = t->plan;
    const struct ps_plan_workload *w = t->workload;

    name_point(s, t, p);
    p->parameters = pairs(s->arena, w->ops->params, w->bound, &p->parameter_count);
    p->options = pairs(s->arena, plan->strategy->params, plan->options, &p->option_count);
    set_outside(s, plan, p);
    for (const struct metric_row *row = metric_rows; row->id; row++)
        add_row(s, t, p, row, false);
    stack_add(s, t, p);
    p->modes = mixture_of(s, t, series_room(s));
    add_events(s, t, p);
    add_custom(s, t, p);
    if (t->program && t->program->diagnosis)
        p->diagnosis = diagnosis_of(s, t->program->diagnosis, p);
    if (w->program)
        add_threads_seen(s, t, p);
    else
        add_workers(s, t, p);
}

/* Out of the memory that lasts as long as the point is made. */
static void keep_samples(const struct ps_samples *s, const struct ps_point *reference,
                         struct ps_point *p)
{
    bool *follows = ps_arena_array(s->brief, p->metric_count, sizeof *follows);

    for (size_t i = 0; i < p->metric_count; i++)
        follows[i] = p->metrics[i].samples && ps_samples_follow(p, reference, &p->metrics[i]);
    for (size_t i = 0; i < p->metric_count; i++) {
        struct ps_metric *m = &p->metrics[i];
        const double *from = m->samples;

        m->samples = from && !follows[i] ? ps_arena_array(s->arena, s->rounds, sizeof *from) : NULL;
        if (m->samples)
            memcpy(m->samples, from, s->rounds * sizeof *from);
    }
}

static void set_long_point(const struct ps_samples *s, const struct ps_series *t,
                           struct ps_point *p)
{
    struct ps_samples briefly = *s;
    struct ps_arena room;

    ps_arena_init(&room, s->arena->on_oom);
    briefly.brief = &room;
    set_point(&briefly, t, p);
    /* Among the points as among the series. */
    keep_samples(&briefly, t->baseline ? p - (t - t->baseline) : NULL, p);
    ps_arena_finish(&room);
}

static void set_plan(const struct ps_samples *s, struct ps_result_plan *p)
{
    const struct ps_request *r = s->plan->request;

    *p = (struct ps_result_plan){
        .command = ps_plan_command_name(r->command),
        .argument_count = r->argument_count,
        .seed = r->seed,
        .precision = r->precision,
        .max_time = r->max_time,
        .gap = r->gap,
        .runs = r->runs,
        .rounds = s->rounds,
        .ended_by = s->ended_by,
        .rounds_time = s->rounds_time,
        .first_counts = s->first_counts,
    };
    p->arguments = ps_arena_array(s->arena, r->argument_count, sizeof(char *));
    for (size_t i = 0; i < r->argument_count; i++)
        p->arguments[i] = r->arguments[i];
}

void assemble_result(const struct ps_samples *s, struct ps_result *r)
{
    r->arena = s->arena;
    r->started = s->started;
    r->elapsed = s->elapsed;
    r->version = PS_VERSION;
    set_plan(s, &r->plan);
    assemble_host(s, &r->host);
    r->point_count = s->series_count;
    r->points = ps_arena_array(s->arena, r->point_count, sizeof *r->points);
    for (size_t i = 0; i < s->series_count; i++)
        (ps_result_is_long(s->series_count, s->rounds) ? set_long_point : set_point)(
            s, &s->series[i], &r->points[i]);
    ps_result_link(r);
}

void assemble_briefly(const struct ps_samples *s, const char *const *ids, size_t count,
                      struct ps_result *r)
{
    r->arena = s->arena;
    r->started = s->started;
    r->version = PS_VERSION;
    set_plan(s, &r->plan);
    r->point_count = s->series_count;
    r->points = ps_arena_array(s->arena, r->point_count, sizeof *r->points);
    for (size_t i = 0; i < s->series_count; i++) {
        name_point(s, &s->series[i], &r->points[i]);
        for (size_t k = 0; k < count; k++) {
            const struct metric_row *row = metric_row_find(ids[k]);

            if (row && !metric_is_term(row))
                add_row(s, &s->series[i], &r->points[i], row, true);
        }
    }
    ps_result_link(r);
}
