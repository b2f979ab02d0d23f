/* One trial of a point: a timed part, and where counting would disturb it, a counted part of its
 * own; for short executions also some after a pause. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "accounts.h"
#include "custom.h"
#include "part.h"
#include "source.h"
#include "ticks.h"
#include "workload_trials.h"

#define MAX_REPS        20000000u
#define TRIAL_TIME      4e-3   /* s that a trial of a short execution lasts, by repetition */
#define COUNT_TIME      1e-3   /* s that a part for counting alone lasts, at least one execution */
#define FIRST_SLOWER    8      /* times a later execution, that the first one may take at most */
#define ENOUGH          0.0625 /* of a trial's time: a part as long says what an execution takes */
#define AIM             0.25   /* of a trial's time: how long the part after a shorter one is */
#define TURNS           4      /* of each multiplexed event within one trial */
#define IDLE_GAP        1e-3   /* s of idleness before the executions of wall_time_idle */
#define IDLE_BELOW      200e-6 /* s; longer executions have no wall_time_idle */
#define IDLE_EXECUTIONS 3      /* of one trial */
#define SIDE_SHARE      0.15   /* of the elapsed time that counting apart may take */
#define COUNT_INLINE    0.002  /* counting is inline where it slows an execution by less */

static void take_custom(struct target *t, double *raw)
{
    const struct parscope_workload *ops = t->workload->ops;

    if (custom_count(ops))
        ops->measured(t->state, raw + PS_RAW_CUSTOM);
    for (size_t i = 0; i < custom_count(ops); i++)
        if (!isfinite(raw[PS_RAW_CUSTOM + i]))
            raw[PS_RAW_CUSTOM + i] = NAN;
}

/* Cycles are estimated from the clock and the CPU time of one round: where counting has a part of
 * its own, it goes with the probe. */
static bool counting_due(const struct session *s, bool probed)
{
    return probed && s->side_time < SIDE_SHARE * session_elapsed(s);
}

/* s in which events that take turns on the PMU have had several. */
static double turns_time(const struct session *s)
{
    return TURNS * ps_counters_rotation(s->counters);
}

/* s that a trial of a short execution lasts. */
static double trial_time(const struct session *s)
{
    return fmax(TRIAL_TIME, turns_time(s));
}

static int count_apart(struct session *s, struct target *t, size_t round)
{
    double time = fmax(COUNT_TIME, turns_time(s));
    uint64_t reps =
        (uint64_t)fmin((double)t->schedule.reps, ceil(time / t->schedule.execution)) + 1;
    double before = session_elapsed(s);
    struct part p;
    int err = part_run(s, t, reps, s->plan->request->gap, true, &p);

    if (!err)
        take_counts(s, t, round, &p);
    s->side_time += session_elapsed(s) - before;
    return err;
}

static int run_idle(struct session *s, struct target *t, size_t round)
{
    struct part p;
    int err = part_run(s, t, IDLE_EXECUTIONS, IDLE_GAP, false, &p);

    if (!err)
        ps_raw(&s->samples, t->series, round)[PS_RAW_WALL_IDLE] = part_wall(&p);
    return err;
}

/* The first execution after other trials finds the caches cold: a trial of two would be half cold,
 * beside one of twelve. */
static int warm_in(struct session *s, struct target *t)
{
    struct part p;

    return t->schedule.warm_in ? part_run(s, t, 1, 0, false, &p) : 0;
}

static int run_timed(struct session *s, struct target *t, size_t round)
{
    struct part p;
    int err = warm_in(s, t);

    if (err < 0)
        return err;
    sources_begin(s, t);
    err = part_run(s, t, t->schedule.reps, s->plan->request->gap, t->series->sums.count_inline, &p);
    if (err < 0)
        return err;
    ps_raw(&s->samples, t->series, round)[PS_RAW_WALL] = part_wall(&p);
    sources_end(t, ps_raw(&s->samples, t->series, round), part_executions(&p));
    t->schedule.execution = part_time(&p);
    t->series->sums.executions += p.done;
    take_custom(t, ps_raw(&s->samples, t->series, round));
    take_slots(s, t, round, &p);
    if (t->series->sums.count_inline)
        take_counts(s, t, round, &p);
    return 0;
}

int trial_verify(struct session *s, struct target *t)
{
    const struct parscope_workload *ops = t->workload->ops;
    uint64_t start = ps_now_ns();
    char why[256] = "";
    /* A plug-in may fill all of why: the last byte stays 0. */
    int err = ops->verify(t->state, why, sizeof why - 1);

    t->schedule.verify_time = (double)(ps_now_ns() - start) * 1e-9;
    if (err)
        return ps_fail(s->error, ps_workload_errno(err),
                       "wrong result: %s under %s with %u threads: %s", t->workload->bound->label,
                       t->plan->options->label, t->plan->threads, why);
    return 0;
}

static bool wants_idle(const struct session *s, const struct target *t)
{
    return t->schedule.execution < IDLE_BELOW && s->plan->request->gap < IDLE_GAP;
}

static double mean_of(double x, double y)
{
    return isnan(x) ? y : isnan(y) ? x : (x + y) / 2;
}

int trial_run(struct session *s, struct target *t, size_t round)
{
    double before = NAN, after = NAN;
    bool probed = !round || probe_due(s, t);
    int err;

    neighbours_forget(t);
    err = probed ? probe_run(s, t, &before) : 0;
    if (!err)
        err = run_timed(s, t, round);
    if (!err && probed)
        err = probe_run(s, t, &after);
    if (!err)
        ps_raw(&s->samples, t->series, round)[PS_RAW_FREQUENCY] = mean_of(before, after);
    if (!err && t->schedule.verify_time < 0.1 * t->schedule.execution * (double)t->schedule.reps)
        err = trial_verify(s, t);
    if (!err && !t->series->sums.count_inline && (!round || counting_due(s, probed)))
        err = count_apart(s, t, round);
    if (!err && t->schedule.idle_too)
        err = run_idle(s, t, round);
    return err;
}

/* s of one of that many executions in a row; the shorter of two tries where one is long enough, as
 * whoever is kept from its CPU looks long. */
static int time_execution(struct session *s, struct target *t, uint64_t reps)
{
    const unsigned tries = 2;
    struct part p;
    int err = 0;

    t->schedule.execution = INFINITY;
    for (unsigned i = 0; !err && i < tries; i++) {
        err = part_run(s, t, reps, s->plan->request->gap, false, &p);
        if (!err)
            t->schedule.execution = fmin(t->schedule.execution, part_time(&p));
        if (!err && t->schedule.execution * (double)reps < ENOUGH * trial_time(s))
            break;
    }
    return err;
}

static uint64_t more_reps(const struct session *s, uint64_t reps, double total)
{
    double more = total > 0 ? fmin(AIM * trial_time(s) / total, 64) : 64;

    return (uint64_t)fmin(ceil(more * (double)reps), MAX_REPS);
}

/* Repeats until a part lasts long enough to say how many executions fill a trial, the first left
 * out: it is slow, as it finds memory that nobody has touched. */
static int calibrate(struct session *s, struct target *t)
{
    t->schedule.reps = 1;
    for (;;) {
        int err = time_execution(s, t, t->schedule.reps);
        double total = t->schedule.execution * (double)t->schedule.reps;

        if (err < 0)
            return err;
        if (total >= ENOUGH * trial_time(s) || t->schedule.reps >= MAX_REPS)
            break;
        t->schedule.reps = more_reps(s, t->schedule.reps, total);
    }
    t->schedule.reps =
        (uint64_t)fmin(fmax(1, ceil(trial_time(s) / t->schedule.execution)), MAX_REPS);
    return 0;
}

int trial_warm_up(struct session *s, struct target *t)
{
    uint64_t executions = s->plan->request->warmup ? s->plan->request->warmup : 1;
    struct part p;
    int err = part_run(s, t, executions, 0, false, &p);

    if (err < 0)
        return err;
    t->schedule.execution = part_time(&p);
    err = trial_verify(s, t);
    if (err < 0 || s->plan->fake)
        return err;
    if (t->schedule.execution < FIRST_SLOWER * trial_time(s)) {
        err = calibrate(s, t);
        if (!err)
            err = trial_verify(s, t);
    } else {
        t->schedule.reps = 1;
    }
    t->schedule.idle_too = wants_idle(s, t);
    t->series->sums.count_inline = !t->plan->strategy->creates_threads &&
                                   2 * s->count_cost <= COUNT_INLINE * t->schedule.execution;
    return err;
}
