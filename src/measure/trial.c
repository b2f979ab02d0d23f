/* One trial of a point: a timed part, and where counting would disturb it, a counted part of its
 * own; for short executions also some after a pause. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "custom.h"
#include "session.h"
#include "source.h"
#include "ticks.h"

#define NO_EVENTS  "threads that live for one item are too short-lived for counters"
#define MAX_REPS   20000000u
#define COUNT_TIME 1e-3 /* s that a part for counting alone lasts, at least one execution */
#define TURNS      4    /* of each multiplexed event within one trial */

/* Some executions in a row. */
struct part {
    const struct session *session;
    struct target *target;
    uint64_t reps;
    double gap;                     /* s of idleness before each execution */
    struct ps_counter_group *group; /* of the caller, NULL: not counted */
    uint64_t done;
    double items; /* really done, where the workload tells */
    uint64_t wall_ns;
    int error;
    struct ps_tick_mark begin, end;
};

static void execute(struct part *p, struct parscope_exec *x, uint64_t reps)
{
    const struct parscope_workload *ops = p->target->workload->ops;
    uint64_t start;

    if (p->group)
        ps_group_begin(p->group);
    start = ps_now_ns();
    for (uint64_t i = 0; i < reps && !p->error && !session_interrupted(p->session); i++) {
        p->error = ops->run(p->target->state, x);
        p->done++;
        if (ops->done)
            p->items += ops->done(p->target->state);
    }
    p->wall_ns += ps_now_ns() - start;
    if (p->group)
        ps_group_end(p->group);
}

static void part_main(void *arg, struct parscope_exec *x)
{
    struct part *p = arg;

    p->target->caller = pthread_self();
    p->begin = ps_tick_mark();
    if (p->gap > 0) {
        for (uint64_t i = 0; i < p->reps && !p->error && !session_interrupted(p->session); i++) {
            session_idle(p->gap);
            execute(p, x, 1);
        }
    } else {
        execute(p, x, p->reps);
    }
    p->end = ps_tick_mark();
}

static bool caller_is_slot(const struct target *t)
{
    return t->plan->strategy->caller != PS_CALLER_WAITS;
}

/* The caller's group covers whole executions; the others' their shares of regions. A process that
 * was forked by the caller looks like it. */
static bool is_apart(const struct target *t)
{
    return t->plan->strategy->forks || !pthread_equal(t->caller, pthread_self());
}

static void probe_begin(void *ctx, unsigned slot)
{
    const struct target *t = ctx;

    if (is_apart(t))
        ps_group_begin(t->groups[slot]);
}

static void probe_end(void *ctx, unsigned slot)
{
    const struct target *t = ctx;

    if (is_apart(t))
        ps_group_end(t->groups[slot]);
}

static int wait_trial(void *instance, uint64_t deadline_ns)
{
    return ps_trial_wait(instance, deadline_ns);
}

static int part_failed(struct session *s, const struct target *t, int err)
{
    const char *why = t->instance->fault ? t->instance->fault : strerror(ps_workload_errno(err));

    return ps_fail(s->error, ps_workload_errno(err), "%s under %s with %u threads: %s",
                   t->workload->bound->label, t->plan->options->label, t->plan->threads, why);
}

static void reset_groups(struct target *t)
{
    for (unsigned i = 0; i <= t->plan->threads; i++)
        ps_group_reset(t->groups[i]);
}

/* The part must outlive this call where the session is stuck, hence the arena. */
static int part_run(struct session *s, struct target *t, uint64_t reps, double gap, bool counted,
                    struct part *out)
{
    struct part *p = ps_arena_alloc(s->arena, sizeof *p);
    struct ps_probe probe = {probe_begin, probe_end, t};
    int err;

    *p = (struct part){.session = s, .target = t, .reps = reps, .gap = gap};
    if (counted) {
        p->group = t->groups[t->plan->threads];
        reset_groups(t);
    }
    ps_trial_start(t->instance, counted ? &probe : NULL, part_main, p);
    err = session_wait(s, wait_trial, t->instance);
    if (!err && p->error)
        err = part_failed(s, t, p->error);
    if (!err)
        *out = *p;
    return err;
}

/* Of workloads that run for a given time an execution is what does all items once, at the rate that
 * was seen; NaN where nothing was done. */
static double executions(const struct part *p)
{
    double count = (double)p->done;

    if (p->target->workload->ops->done)
        count = p->items / p->target->workload->size.items;
    return count > 0 ? count : NAN;
}

static double part_wall(const struct part *p)
{
    return (double)p->wall_ns * 1e-9 / executions(p);
}

/* What one execution takes, however much it does. */
static double part_time(const struct part *p)
{
    return (double)p->wall_ns * 1e-9 / (double)p->done;
}

/* In s. */
static double part_tick(const struct part *p)
{
    return ps_tick_ns(p->begin, p->end) * 1e-9;
}

static void take_custom(struct target *t, double *raw)
{
    const struct parscope_workload *ops = t->workload->ops;

    if (custom_count(ops))
        ops->measured(t->state, raw + PS_RAW_CUSTOM);
    for (size_t i = 0; i < custom_count(ops); i++)
        if (!isfinite(raw[PS_RAW_CUSTOM + i]))
            raw[PS_RAW_CUSTOM + i] = NAN;
}

static double rate(const struct ps_slot *s)
{
    return s->busy ? (double)s->items / (double)s->busy : NAN;
}

/* The slower over the faster of each two siblings, geometric mean over the cores: slots i and n +
 * i, see plan_smt.c. NaN where one of them did nothing. */
static double fairness(const struct target *t)
{
    unsigned cores = t->plan->threads / 2;
    double sum = 0;

    for (unsigned i = 0; i < cores; i++) {
        double one = rate(&t->instance->slots[i]), other = rate(&t->instance->slots[cores + i]);

        sum += log(fmin(one, other) / fmax(one, other));
        if (!(one > 0 && other > 0))
            return NAN;
    }
    return exp(sum / cores);
}

static void take_slots(struct session *s, struct target *t, size_t round, const struct part *p)
{
    double *raw = ps_raw(&s->samples, t->series, round), tick = part_tick(p), count = executions(p);
    bool hidden = t->plan->strategy->hides_spin;
    uint64_t busy = 0, spin = 0;

    for (unsigned i = 0; i < t->plan->threads; i++) {
        const struct ps_slot *slot = &t->instance->slots[i];
        struct ps_worker *w = &t->series->sums.workers[i];

        busy += slot->busy;
        spin += slot->spin;
        w->busy_time += (double)slot->busy * tick;
        w->spin_time += hidden ? NAN : (double)slot->spin * tick;
        w->items += (double)slot->items;
    }
    t->series->sums.worker_executions += isnan(count) ? 0 : count;
    raw[PS_RAW_BUSY] = (double)busy * tick / count;
    raw[PS_RAW_SPIN] = hidden ? NAN : (double)spin * tick / count;
    raw[PS_RAW_REGION] = (double)t->instance->sums.region * tick / count;
    raw[PS_RAW_MAX_BUSY] = (double)t->instance->sums.max_busy * tick / count;
    if (t->plan->placement == PS_PLACE_TWO_PER_CORE)
        raw[PS_RAW_FAIRNESS] = fairness(t);
}

/* The worker that a group is of; the caller's may be of none: `threads`. */
static unsigned group_slot(const struct target *t, unsigned group)
{
    return group == t->plan->threads && caller_is_slot(t) ? 0 : group;
}

static void add_worker_count(const struct session *s, struct target *t, unsigned slot, size_t event,
                             double count)
{
    struct ps_worker_count *w =
        &t->series->sums.worker_counts[slot * s->samples.event_count + event];

    if (isnan(count) || slot >= t->plan->threads)
        return;
    w->sum += count;
    w->rounds++;
}

static void add_counts(struct session *s, struct target *t, double *raw, unsigned group,
                       double executions)
{
    const struct ps_counts *c = ps_group_counts(t->groups[group]);
    const unsigned slot = group_slot(t, group);

    raw[PS_RAW_CPU] += (double)c->cpu_ns * 1e-9 / executions;
    raw[PS_RAW_VOLUNTARY] += (double)c->voluntary / executions;
    raw[PS_RAW_INVOLUNTARY] += (double)c->involuntary / executions;
    for (size_t k = 0; k < s->samples.event_count; k++) {
        t->series->sums.enabled_ns[k] += c->enabled_ns[k];
        t->series->sums.running_ns[k] += c->running_ns[k];
    }
    if (slot < t->plan->threads)
        t->series->sums.workers[slot].cpu_time += (double)c->cpu_ns * 1e-9 / executions;
    if (!c->cpu_ns)
        return; /* took no part */
    for (size_t k = 0; k < s->samples.event_count; k++) {
        const struct ps_event *event = &s->samples.events[k];
        const bool could = c->reads || event->state == PS_COUNT_UNAVAILABLE;
        const char *doubt = could ? ps_count_doubt(event, c, k) : NO_EVENTS;
        double count = doubt ? NAN : ps_count_scaled(event, c, k) / executions;

        if (doubt)
            ps_sums_doubt(&t->series->sums, k, doubt);
        raw[PS_RAW_FIXED + k] += count;
        add_worker_count(s, t, slot, k, count);
    }
}

static bool groups_failed(struct session *s, struct target *t, unsigned first)
{
    for (unsigned i = first; i <= t->plan->threads; i++) {
        int err = ps_group_error(t->groups[i]);

        if (err < 0) {
            t->series->sums.uncounted = ps_arena_format(
                s->arena, "the counters of a worker could not be read: %s", strerror(-err));
            return true;
        }
    }
    return false;
}

/* Whether a slot's spinning lies within the intervals that its group counts. */
static bool spin_is_counted(const struct target *t, unsigned slot)
{
    return t->plan->strategy->probe_spans_spin || (!slot && caller_is_slot(t));
}

/* Sums over the groups that took part; a group that failed makes the round's counts missing. */
static void take_counts(struct session *s, struct target *t, size_t round, const struct part *p)
{
    double *raw = ps_raw(&s->samples, t->series, round), count = executions(p);
    unsigned first = caller_is_slot(t) ? 1 : 0;
    uint64_t spin = 0;

    if (isnan(count) || groups_failed(s, t, first))
        return;
    t->series->sums.counted_trials++;
    raw[PS_RAW_CPU] = raw[PS_RAW_VOLUNTARY] = raw[PS_RAW_INVOLUNTARY] = 0;
    memset(raw + PS_RAW_FIXED, 0, s->samples.event_count * sizeof *raw);
    for (unsigned i = first; i <= t->plan->threads; i++)
        add_counts(s, t, raw, i, count);
    for (size_t k = 0; k < s->samples.event_count; k++)
        t->series->sums.event_rounds[k] += !isnan(raw[PS_RAW_FIXED + k]);
    for (unsigned i = 0; i < t->plan->threads; i++)
        if (spin_is_counted(t, i))
            spin += t->instance->slots[i].spin;
    raw[PS_RAW_CPU_SPIN] = (double)spin * part_tick(p) / count;
    raw[PS_RAW_WALL_COUNTED] = part_wall(p);
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

static int run_timed(struct session *s, struct target *t, size_t round)
{
    struct part p;
    int err;

    sources_begin(s, t);
    err = part_run(s, t, t->schedule.reps, s->plan->request->gap, t->series->sums.count_inline, &p);
    if (err < 0)
        return err;
    sources_end(s, t, round, executions(&p));
    ps_raw(&s->samples, t->series, round)[PS_RAW_WALL] = part_wall(&p);
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

/* Repeats until a part lasts long enough to say how many executions fill a trial. */
static int calibrate(struct session *s, struct target *t)
{
    t->schedule.reps = 1;
    for (;;) {
        struct part p;
        int err = part_run(s, t, t->schedule.reps, s->plan->request->gap, false, &p);
        double total;

        if (err < 0)
            return err;
        t->schedule.execution = part_time(&p);
        total = t->schedule.execution * (double)t->schedule.reps;
        if (total >= trial_time(s) / 4 || t->schedule.reps >= MAX_REPS)
            break;
        t->schedule.reps =
            total > 0
                ? (uint64_t)fmin(ceil(fmin(trial_time(s) / total, 64) * (double)t->schedule.reps),
                                 MAX_REPS)
                : t->schedule.reps * 64;
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
    if (t->schedule.execution < trial_time(s)) {
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
