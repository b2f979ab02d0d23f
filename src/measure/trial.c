/* One trial of a point: a timed part, and where counting would disturb it, a counted part of its
 * own; for short executions also some after a pause. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "own.h"
#include "session.h"
#include "ticks.h"

#define NO_EVENTS  "threads that live for one item are too short-lived for counters"
#define MAX_REPS   20000000u
#define COUNT_TIME 1e-3 /* s that a part for counting alone lasts, at least one execution */
#define TURNS      4    /* of each multiplexed event within one trial */

/* Some executions in a row. */
struct part {
    const struct session *session;
    struct lane *lane;
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
    const struct parscope_workload *ops = p->lane->workload->ops;
    uint64_t start;

    if (p->group)
        ps_group_begin(p->group);
    start = ps_now_ns();
    for (uint64_t i = 0; i < reps && !p->error && !session_interrupted(p->session); i++) {
        p->error = ops->run(p->lane->state, x);
        p->done++;
        if (ops->done)
            p->items += ops->done(p->lane->state);
    }
    p->wall_ns += ps_now_ns() - start;
    if (p->group)
        ps_group_end(p->group);
}

static void part_main(void *arg, struct parscope_exec *x)
{
    struct part *p = arg;

    p->lane->caller = pthread_self();
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

static bool caller_is_slot(const struct lane *l)
{
    return l->plan->strategy->caller != PS_CALLER_WAITS;
}

/* The caller's group covers whole executions; the others' their shares of regions. A process that
 * was forked by the caller looks like it. */
static bool is_apart(const struct lane *l)
{
    return l->plan->strategy->forks || !pthread_equal(l->caller, pthread_self());
}

static void probe_begin(void *ctx, unsigned slot)
{
    const struct lane *l = ctx;

    if (is_apart(l))
        ps_group_begin(l->groups[slot]);
}

static void probe_end(void *ctx, unsigned slot)
{
    const struct lane *l = ctx;

    if (is_apart(l))
        ps_group_end(l->groups[slot]);
}

static int wait_trial(void *instance, uint64_t deadline_ns)
{
    return ps_trial_wait(instance, deadline_ns);
}

static int part_failed(struct session *s, const struct lane *l, int err)
{
    const char *why = l->instance->fault ? l->instance->fault : strerror(lane_errno(err));

    return ps_fail(s->error, lane_errno(err), "%s under %s with %u threads: %s",
                   l->workload->bound->label, l->plan->options->label, l->plan->threads, why);
}

static void reset_groups(struct lane *l)
{
    for (unsigned i = 0; i <= l->plan->threads; i++)
        ps_group_reset(l->groups[i]);
}

/* The part must outlive this call where the session is stuck, hence the arena. */
static int part_run(struct session *s, struct lane *l, uint64_t reps, double gap, bool counted,
                    struct part *out)
{
    struct part *p = ps_arena_alloc(s->arena, sizeof *p);
    struct ps_probe probe = {probe_begin, probe_end, l};
    int err;

    *p = (struct part){.session = s, .lane = l, .reps = reps, .gap = gap};
    if (counted) {
        p->group = l->groups[l->plan->threads];
        reset_groups(l);
    }
    ps_trial_start(l->instance, counted ? &probe : NULL, part_main, p);
    err = session_wait(s, wait_trial, l->instance);
    if (!err && p->error)
        err = part_failed(s, l, p->error);
    if (!err)
        *out = *p;
    return err;
}

/* Of workloads that run for a given time an execution is what does all items once, at the rate that
 * was seen; NaN where nothing was done. */
static double executions(const struct part *p)
{
    double count = (double)p->done;

    if (p->lane->workload->ops->done)
        count = p->items / p->lane->workload->size.items;
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

static void take_own(struct lane *l, double *raw)
{
    const struct parscope_workload *ops = l->workload->ops;

    if (own_count(ops))
        ops->measured(l->state, raw + RAW_OWN);
    for (size_t i = 0; i < own_count(ops); i++)
        if (!isfinite(raw[RAW_OWN + i]))
            raw[RAW_OWN + i] = NAN;
}

static double rate(const struct ps_slot *s)
{
    return s->busy ? (double)s->items / (double)s->busy : NAN;
}

/* The slower over the faster of each two siblings, geometric mean over the cores: slots i and n +
 * i, see plan_smt.c. NaN where one of them did nothing. */
static double fairness(const struct lane *l)
{
    unsigned cores = l->plan->threads / 2;
    double sum = 0;

    for (unsigned i = 0; i < cores; i++) {
        double one = rate(&l->instance->slots[i]), other = rate(&l->instance->slots[cores + i]);

        sum += log(fmin(one, other) / fmax(one, other));
        if (!(one > 0 && other > 0))
            return NAN;
    }
    return exp(sum / cores);
}

static void take_slots(struct session *s, struct lane *l, size_t round, const struct part *p)
{
    double *raw = lane_raw(s, l, round), tick = part_tick(p), count = executions(p);
    bool hidden = l->plan->strategy->hides_spin;
    uint64_t busy = 0, spin = 0;

    for (unsigned i = 0; i < l->plan->threads; i++) {
        const struct ps_slot *slot = &l->instance->slots[i];
        struct ps_worker *w = &l->workers[i];

        busy += slot->busy;
        spin += slot->spin;
        w->busy_time += (double)slot->busy * tick;
        w->spin_time += hidden ? NAN : (double)slot->spin * tick;
        w->items += (double)slot->items;
    }
    l->worker_executions += isnan(count) ? 0 : count;
    raw[RAW_BUSY] = (double)busy * tick / count;
    raw[RAW_SPIN] = hidden ? NAN : (double)spin * tick / count;
    raw[RAW_REGION] = (double)l->instance->sums.region * tick / count;
    raw[RAW_MAX_BUSY] = (double)l->instance->sums.max_busy * tick / count;
    if (l->plan->placement == PS_PLACE_TWO_PER_CORE)
        raw[RAW_FAIRNESS] = fairness(l);
}

/* That the turn of an event did not come in some round says less than any other doubt. */
void trial_note_doubt(struct lane *l, size_t event, const char *doubt)
{
    if (!l->event_doubt[event] || !ps_count_doubt_is_turn(doubt))
        l->event_doubt[event] = doubt;
}

/* The worker that a group is of; the caller's may be of none: `threads`. */
static unsigned group_slot(const struct lane *l, unsigned group)
{
    return group == l->plan->threads && caller_is_slot(l) ? 0 : group;
}

static void add_worker_count(const struct session *s, struct lane *l, unsigned slot, size_t event,
                             double count)
{
    struct worker_count *w = &l->worker_counts[slot * s->event_count + event];

    if (isnan(count) || slot >= l->plan->threads)
        return;
    w->sum += count;
    w->rounds++;
}

static void add_counts(struct session *s, struct lane *l, double *raw, unsigned group,
                       double executions)
{
    const struct ps_counts *c = ps_group_counts(l->groups[group]);
    const unsigned slot = group_slot(l, group);

    raw[RAW_CPU] += (double)c->cpu_ns * 1e-9 / executions;
    raw[RAW_VOLUNTARY] += (double)c->voluntary / executions;
    raw[RAW_INVOLUNTARY] += (double)c->involuntary / executions;
    for (size_t k = 0; k < s->event_count; k++) {
        l->enabled_ns[k] += c->enabled_ns[k];
        l->running_ns[k] += c->running_ns[k];
    }
    if (slot < l->plan->threads)
        l->workers[slot].cpu_time += (double)c->cpu_ns * 1e-9 / executions;
    if (!c->cpu_ns)
        return; /* took no part */
    for (size_t k = 0; k < s->event_count; k++) {
        const struct ps_event *event = &s->events[k];
        const bool could = c->reads || event->state == PS_COUNT_UNAVAILABLE;
        const char *doubt = could ? ps_count_doubt(event, c, k) : NO_EVENTS;
        double count = doubt ? NAN : ps_count_scaled(event, c, k) / executions;

        if (doubt)
            trial_note_doubt(l, k, doubt);
        raw[RAW_FIXED + k] += count;
        add_worker_count(s, l, slot, k, count);
    }
}

static bool groups_failed(struct session *s, struct lane *l, unsigned first)
{
    for (unsigned i = first; i <= l->plan->threads; i++) {
        int err = ps_group_error(l->groups[i]);

        if (err < 0) {
            l->uncounted = ps_arena_format(
                s->arena, "the counters of a worker could not be read: %s", strerror(-err));
            return true;
        }
    }
    return false;
}

/* Whether a slot's spinning lies within the intervals that its group counts. */
static bool spin_is_counted(const struct lane *l, unsigned slot)
{
    return l->plan->strategy->probe_spans_spin || (!slot && caller_is_slot(l));
}

/* Sums over the groups that took part; a group that failed makes the round's counts missing. */
static void take_counts(struct session *s, struct lane *l, size_t round, const struct part *p)
{
    double *raw = lane_raw(s, l, round), count = executions(p);
    unsigned first = caller_is_slot(l) ? 1 : 0;
    uint64_t spin = 0;

    if (isnan(count) || groups_failed(s, l, first))
        return;
    l->counted_trials++;
    raw[RAW_CPU] = raw[RAW_VOLUNTARY] = raw[RAW_INVOLUNTARY] = 0;
    memset(raw + RAW_FIXED, 0, s->event_count * sizeof *raw);
    for (unsigned i = first; i <= l->plan->threads; i++)
        add_counts(s, l, raw, i, count);
    for (size_t k = 0; k < s->event_count; k++)
        l->event_rounds[k] += !isnan(raw[RAW_FIXED + k]);
    for (unsigned i = 0; i < l->plan->threads; i++)
        if (spin_is_counted(l, i))
            spin += l->instance->slots[i].spin;
    raw[RAW_CPU_SPIN] = (double)spin * part_tick(p) / count;
    raw[RAW_WALL_COUNTED] = part_wall(p);
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

static int count_apart(struct session *s, struct lane *l, size_t round)
{
    double time = fmax(COUNT_TIME, turns_time(s));
    uint64_t reps = (uint64_t)fmin((double)l->reps, ceil(time / l->execution)) + 1;
    double before = session_elapsed(s);
    struct part p;
    int err = part_run(s, l, reps, s->plan->request->gap, true, &p);

    if (!err)
        take_counts(s, l, round, &p);
    s->side_time += session_elapsed(s) - before;
    return err;
}

static int run_idle(struct session *s, struct lane *l, size_t round)
{
    struct part p;
    int err = part_run(s, l, IDLE_EXECUTIONS, IDLE_GAP, false, &p);

    if (!err)
        lane_raw(s, l, round)[RAW_WALL_IDLE] = part_wall(&p);
    return err;
}

static int run_timed(struct session *s, struct lane *l, size_t round)
{
    struct part p;
    int err = part_run(s, l, l->reps, s->plan->request->gap, l->count_inline, &p);

    if (err < 0)
        return err;
    lane_raw(s, l, round)[RAW_WALL] = part_wall(&p);
    l->execution = part_time(&p);
    l->executions += p.done;
    take_own(l, lane_raw(s, l, round));
    take_slots(s, l, round, &p);
    if (l->count_inline)
        take_counts(s, l, round, &p);
    return 0;
}

int trial_verify(struct session *s, struct lane *l)
{
    const struct parscope_workload *ops = l->workload->ops;
    uint64_t start = ps_now_ns();
    char why[256] = "";
    /* A plug-in may fill all of why: the last byte stays 0. */
    int err = ops->verify(l->state, why, sizeof why - 1);

    l->verify_time = (double)(ps_now_ns() - start) * 1e-9;
    if (err)
        return ps_fail(s->error, lane_errno(err), "wrong result: %s under %s with %u threads: %s",
                       l->workload->bound->label, l->plan->options->label, l->plan->threads, why);
    return 0;
}

static bool wants_idle(const struct session *s, const struct lane *l)
{
    return l->execution < IDLE_BELOW && s->plan->request->gap < IDLE_GAP;
}

static double mean_of(double x, double y)
{
    return isnan(x) ? y : isnan(y) ? x : (x + y) / 2;
}

int trial_run(struct session *s, struct lane *l, size_t round)
{
    double before = NAN, after = NAN;
    bool probed = !round || probe_due(s, l);
    int err;

    neighbours_forget(l);
    err = probed ? probe_run(s, l, &before) : 0;
    if (!err)
        err = run_timed(s, l, round);
    if (!err && probed)
        err = probe_run(s, l, &after);
    if (!err)
        lane_raw(s, l, round)[RAW_FREQUENCY] = mean_of(before, after);
    if (!err && l->verify_time < 0.1 * l->execution * (double)l->reps)
        err = trial_verify(s, l);
    if (!err && !l->count_inline && (!round || counting_due(s, probed)))
        err = count_apart(s, l, round);
    if (!err && l->idle_too)
        err = run_idle(s, l, round);
    return err;
}

/* Repeats until a part lasts long enough to say how many executions fill a trial. */
static int calibrate(struct session *s, struct lane *l)
{
    l->reps = 1;
    for (;;) {
        struct part p;
        int err = part_run(s, l, l->reps, s->plan->request->gap, false, &p);
        double total;

        if (err < 0)
            return err;
        l->execution = part_time(&p);
        total = l->execution * (double)l->reps;
        if (total >= trial_time(s) / 4 || l->reps >= MAX_REPS)
            break;
        l->reps =
            total > 0
                ? (uint64_t)fmin(ceil(fmin(trial_time(s) / total, 64) * (double)l->reps), MAX_REPS)
                : l->reps * 64;
    }
    l->reps = (uint64_t)fmin(fmax(1, ceil(trial_time(s) / l->execution)), MAX_REPS);
    return 0;
}

int trial_warm_up(struct session *s, struct lane *l)
{
    uint64_t executions = s->plan->request->warmup ? s->plan->request->warmup : 1;
    struct part p;
    int err = part_run(s, l, executions, 0, false, &p);

    if (err < 0)
        return err;
    l->execution = part_time(&p);
    err = trial_verify(s, l);
    if (err < 0 || s->plan->fake)
        return err;
    if (l->execution < trial_time(s)) {
        err = calibrate(s, l);
        if (!err)
            err = trial_verify(s, l);
    } else {
        l->reps = 1;
    }
    l->idle_too = wants_idle(s, l);
    l->count_inline =
        !l->plan->strategy->creates_threads && 2 * s->count_cost <= COUNT_INLINE * l->execution;
    return err;
}
