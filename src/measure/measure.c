#include "measure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "budget.h"
#include "fake_trial.h"
#include "look.h"
#include "program_trials.h"
#include "rounds.h"
#include "stats.h"
#include "text.h"
#include "ticks.h"
#include "units.h"
#include "workload_trials.h"

#define PROGRESS_INTERVAL 0.2 /* s */
#define FAKE_ROUNDS       10
#define MIN_PRECISE_TIME \
    0.5 /* s, before precision can end the run: rounds of one moment see no drift */

/* A program that is left alone has a thread count of its own. */
static void say_target(struct ps_arena *a, const struct target *t, char *out, size_t size)
{
    const char *label = ps_text_clean(a, t->workload->bound->label);

    if (t->plan->placement == PS_PLACE_FREE)
        snprintf(out, size, "%s", label);
    else
        snprintf(out, size, "%s %s %u", label, t->workload->program ? "×" : t->plan->options->label,
                 t->plan->threads);
}

/* What is shown of the measurement as it goes on. */
struct watch {
    double last;     /* s, when something was shown */
    double too_wide; /* when it was looked at last: by what factor; NaN: not yet */
    size_t looked;   /* rounds at that time */
    struct look machine;
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Relative; of the median, by the values next to it as its binomial distribution has them: cheap,
 * and near the one of the report. NaN of too few. */
static double half_width(double *sorted, size_t n)
{
    double reach = sqrt((double)n);
    size_t low = (size_t)fmax(0, floor(((double)n - 1) / 2 - reach));
    size_t high = (size_t)fmin((double)n - 1, ceil(((double)n - 1) / 2 + reach));

    return n < PS_MIN_ROUNDS ? NAN : (sorted[high] - sorted[low]) / 2 / sorted[n / 2];
}

/* Of the wall times so far: "4.12 ms ±0.8%". */
static void say_estimate(const struct session *s, const struct target *t, char *out, size_t size)
{
    const struct ps_series *series = &s->samples.series[t - s->targets];
    double *x = calloc(s->samples.rounds + 1, sizeof *x), margin;
    char time[32];
    size_t n = 0;

    for (size_t r = 0; x && r < s->samples.rounds; r++) {
        double wall = ps_raw(&s->samples, series, r)[PS_RAW_WALL];

        if (wall > 0)
            x[n++] = wall;
    }
    if (n) {
        qsort(x, n, sizeof *x, by_value);
        margin = half_width(x, n);
        snprintf(out, size, isnan(margin) ? "%s" : "%s ±%.1f%%",
                 ps_format_time(time, sizeof time, x[n / 2]), 100 * margin);
    }
    free(x);
}

/* As intervals narrow with the square root of the rounds; no more than the time limit leaves. */
static double time_left(const struct session *s, const struct watch *w, bool *at_most)
{
    const struct ps_request *r = s->plan->request;
    double elapsed = session_elapsed(s), rounds = (double)s->samples.rounds, wanted = INFINITY;
    double limit = fmax(0, r->max_time - elapsed);

    if (r->runs)
        wanted = (double)r->runs;
    else if (isfinite(w->too_wide))
        wanted = (double)w->looked * fmax(1, w->too_wide * w->too_wide);
    *at_most = !(rounds > 0) || !isfinite(wanted);
    if (*at_most)
        return limit;
    wanted = fmax(0, wanted - rounds) * (elapsed - s->samples.set_up) / rounds;
    return r->runs ? wanted : fmin(limit, wanted);
}

static void show_progress(struct session *s, const struct target *t, struct watch *w)
{
    double elapsed = session_elapsed(s);
    char what[256], estimate[64] = "";
    struct ps_progress p = {.what = what, .estimate = estimate, .round = s->samples.rounds + 1};

    if (!s->hooks->progress || elapsed - w->last < PROGRESS_INTERVAL)
        return;
    w->last = elapsed;
    say_target(s->arena, t, what, sizeof what);
    say_estimate(s, t, estimate, sizeof estimate);
    p.elapsed = elapsed;
    p.rounds = s->plan->request->runs;
    p.remaining = time_left(s, w, &p.at_most);
    s->hooks->progress(s->hooks->progress_arg, &p);
}

static bool out_of_time(const struct session *s)
{
    return budget_limits(s) && session_elapsed(s) >= s->plan->request->max_time;
}

static bool all_in_focus(const struct session *s)
{
    for (size_t i = 0; i < s->target_count; i++)
        if (!s->targets[i].focus)
            return false;
    return true;
}

static int run_target(struct session *s, struct target *t, struct watch *w)
{
    double before = session_elapsed(s);
    int err = s->ops->run(s, t, s->samples.rounds);

    look_go_on(s, &w->machine);
    t->spent += session_elapsed(s) - before;
    t->trials++;
    return err;
}

/* A round that time cut short is dropped, except the first: its points would have nothing. */
static int run_round(struct session *s, struct watch *w)
{
    size_t *order = calloc(s->target_count, sizeof *order);
    int err = 0;

    if (!order)
        return ps_fail(s->error, ENOMEM, "out of memory");
    for (size_t i = 0; i < s->target_count; i++)
        order[i] = i;
    ps_shuffle(&s->rng, order, s->target_count);
    ps_samples_grow(&s->samples);
    for (size_t i = 0; !err && i < s->target_count; i++) {
        struct target *t = &s->targets[order[i]];

        if (!t->focus)
            continue;
        show_progress(s, t, w);
        ps_crash_note(t->crash);
        err = run_target(s, t, w);
        if (!err && s->samples.rounds && i + 1 < s->target_count && out_of_time(s))
            err = -ETIMEDOUT;
    }
    free(order);
    if (!err || (err == -EINTR && !s->samples.rounds)) {
        s->samples.rounds++;
        s->samples.focused += !s->only_open && !all_in_focus(s);
    }
    return err;
}

static void set_focus(struct session *s, const bool *focus)
{
    for (size_t i = 0; i < s->target_count; i++)
        s->targets[i].focus = focus[i];
}

/* Whether rounds go on for some points alone, those of checks that are still open. */
static bool checks_open(struct session *s, const struct ps_stop_rules *stop)
{
    bool *focus = ps_arena_array(s->arena, s->target_count, sizeof *focus);
    bool open = stop->checks_open(&s->samples, focus);

    s->only_open = false;
    if (s->plan->check_count)
        set_focus(s, focus);
    return open;
}

/* Rounds go on for the points whose intervals are too wide, and what those refer to. Programs that
 * are compared with each other stay together. */
static void focus_open(struct session *s, const struct ps_stop_rules *stop)
{
    bool *focus = ps_arena_array(s->arena, s->target_count, sizeof *focus);

    if (!stop->open || (s->plan->programs && s->plan->workload_count > 1))
        return;
    stop->open(&s->samples, focus);
    s->only_open = true;
    set_focus(s, focus);
}

/* Where the time is too short for an interval of all points, those that checks are about get what
 * is left of it. */
static void focus_early(struct session *s, const struct ps_stop_rules *stop)
{
    bool *focus = ps_arena_array(s->arena, s->target_count, sizeof *focus);

    if (!s->plan->check_count || !budget_limits(s) || s->samples.rounds != 1 ||
        budget_fits(s) + 1 >= PS_MIN_ROUNDS)
        return;
    stop->checked(&s->samples, focus);
    set_focus(s, focus);
}

/* Whether there are enough rounds, and then why. */
static bool finished(struct session *s, const struct ps_stop_rules *stop, size_t *next_check,
                     struct watch *w)
{
    uint64_t runs = s->plan->request->runs;
    enum ps_end *why = &s->samples.ended_by;

    if (s->plan->fake && !runs)
        runs = FAKE_ROUNDS;
    *why = PS_END_ROUNDS;
    if (runs)
        return s->samples.rounds >= runs;
    *why = PS_END_MAX_TIME;
    if (s->samples.rounds && !budget_fits(s))
        return true;
    if (s->samples.rounds < *next_check || session_elapsed(s) < MIN_PRECISE_TIME)
        return false;
    *next_check = ps_rounds_next_look(s->samples.rounds);
    *why = PS_END_PRECISION;
    if (s->hooks->progress) {
        w->too_wide = stop->too_wide(&s->samples);
        w->looked = s->samples.rounds;
    }
    if (stop->precise(&s->samples))
        return !checks_open(s, stop);
    focus_open(s, stop);
    return false;
}

/* What is looked at and not timed comes last, so that nothing of it is in the rounds. */
static int end_targets(struct session *s, struct watch *w)
{
    int err = 0;

    for (size_t i = 0; !err && i < s->target_count; i++) {
        ps_crash_note(s->targets[i].crash);
        show_progress(s, &s->targets[i], w);
        if (s->ops->observe)
            err = s->ops->observe(s, &s->targets[i]);
        if (!err)
            err = s->ops->finish(s, &s->targets[i]);
    }
    ps_crash_note(NULL);
    return err;
}

/* What the first round has already of the warm-up. */
static void take_first(struct session *s)
{
    double taken = 0;

    for (size_t i = 0; i < s->target_count && budget_first_counts(s); i++)
        taken += program_first_time(&s->targets[i]);
    s->first_counts = s->samples.first_counts = taken > 0;
    s->samples.set_up = session_elapsed(s) - taken;
}

static int measure_rounds(struct session *s, const struct ps_stop_rules *stop, struct watch *w)
{
    size_t next_check = PS_ROUNDS_FIRST_LOOK;

    for (size_t i = 0; i < s->target_count; i++) {
        int err;

        show_progress(s, &s->targets[i], w);
        ps_crash_note(s->targets[i].crash);
        err = s->ops->warm_up(s, &s->targets[i]);
        look_go_on(s, &w->machine);
        if (err < 0)
            return err;
    }
    take_first(s);
    budget_warn(s);
    while (!finished(s, stop, &next_check, w)) {
        int err = run_round(s, w);

        if (!err)
            focus_early(s, stop);

        if (err == -ETIMEDOUT) {
            s->samples.ended_by = PS_END_MAX_TIME;
            break;
        }
        if (err < 0)
            return err;
    }
    look_end(s, &w->machine);
    return end_targets(s, w);
}

static void take_end(struct session *s, const char *started)
{
    s->samples.elapsed = s->plan->fake ? 1 : session_elapsed(s);
    for (size_t i = 0; i < s->target_count; i++)
        s->samples.rounds_time += s->targets[i].spent;
    s->samples.started = s->plan->fake ? "2000-01-01T00:00:00Z" : ps_arena_copy(s->arena, started);
    s->samples.probe_time = s->probe_time;
    if (!s->plan->fake && ps_cpu_times_read(s->arena, "", &s->samples.times_end) < 0)
        s->samples.times_end.count = 0;
    neighbours_finish(s);
}

/* Whether something ended a session early whose complete rounds are reported all the same. A
 * program that fails does not spoil them, a wrong result of a built-in workload does. */
static bool cut_short(struct session *s, int err)
{
    if (err != -EINTR && !(err < 0 && s->plan->programs && s->samples.rounds))
        return false;
    s->samples.ended_by = err == -EINTR ? PS_END_INTERRUPT : PS_END_FAILURE;
    return true;
}

static const struct target_ops *choose_ops(const struct ps_plan *p)
{
    if (p->fake)
        return p->programs ? &fake_program_target_ops : &fake_workload_target_ops;
    if (p->request->program.attach)
        return &attached_target_ops;
    return p->programs ? &program_target_ops : &workload_target_ops;
}

int ps_measure(const struct ps_plan *plan, const struct ps_stop_rules *stop,
               const struct ps_measure_hooks *hooks, struct ps_arena *a, struct ps_measured *m,
               struct ps_err *e)
{
    struct session *s = ps_arena_alloc(a, sizeof *s);
    struct watch w = {.last = -1, .too_wide = NAN};
    char started[32];
    int err;

    *s = (struct session){
        .plan = plan,
        .hooks = hooks,
        .arena = a,
        .error = e,
        .rng = {.state = plan->request->seed},
        .start_ns = ps_now_ns(),
    };
    ps_samples_init(&s->samples, plan, a);
    ps_format_time_stamp(started, sizeof started, time(NULL));
    look_begin(s, &w.machine);
    err = session_open(s, choose_ops(plan));
    if (hooks->set_up)
        hooks->set_up();
    if (!err)
        err = measure_rounds(s, stop, &w);
    *m = (struct ps_measured){.stuck = s->stuck};
    if (!err || cut_short(s, err)) {
        look_end(s, &w.machine);
        take_end(s, started);
        m->samples = &s->samples;
    }
    if (!s->stuck)
        session_close(s);
    return err;
}
