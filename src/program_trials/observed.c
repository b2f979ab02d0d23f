/* Executions of a program that are observed and not timed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "diagnosis.h"
#include "exports.h"
#include "observer.h"
#include "program_trials.h"
#include "runtimes.h"
#include "stats.h"

#define ENOUGH          2.0  /* s of observed executions */
#define ENOUGH_UNASKED  0.5  /* likewise, where nobody asked for them */
#define SAMPLES         60   /* where they are seldom, it takes longer */
#define MOST_EXECUTIONS 10   /* likewise */
#define LOW_EFFICIENCY  0.9  /* of a point that is worth observing */
#define WAITS_ROUNDS    16   /* that tell whether it mostly waits */
#define FEW_ROUNDS      1000 /* whose medians are soon found */
#define SLOWER          1.2  /* an observed execution takes at most about so many times as long */
#define AFTERWARDS      0.3  /* s to make sense of what was seen of a point */
#define MOST_RESERVED \
    0.4 /* of --max-time, for points that are worth observing; one execution each if more */
#define WORK       0.01 /* of its CPU time, that all threads but one must have to have been used */
#define LEAST_WORK 1e-3 /* likewise, s */
#define PATIENCE   2

/* What is seen beside the load of others looks like waits and uneven shares. So an execution that
 * they disturbed counts only where there is no other, and then the least disturbed one does. */
struct watched {
    struct ps_diagnoser *diagnoser;
    struct ps_observation *spare; /* the least disturbed; NULL: none is needed */
    size_t quiet, executions;
    double time;           /* s, in sum */
    double most, patience; /* s; times as much, until some are quiet */
};

static double median_wall(const struct session *s, const struct ps_series *t)
{
    const size_t n = s->samples.rounds;
    double *walls = calloc(2 * n + 1, sizeof *walls), median;

    if (!walls)
        return NAN;
    for (size_t i = 0; i < n; i++)
        walls[i] = ps_raw(&s->samples, t, i)[PS_RAW_WALL];
    median = ps_median(walls, n, walls + n);
    free(walls);
    return median;
}

/* By the runtimes that it has loaded. */
static bool may_spin(const struct target *t)
{
    const unsigned spinning = PS_RUNTIME_LIBGOMP | PS_RUNTIME_LIBOMP | PS_RUNTIME_TBB |
                              PS_RUNTIME_OPENBLAS | PS_RUNTIME_MKL;

    return !t->program->seen.looks || t->program->seen.runtimes & spinning;
}

/* As in the timed executions. */
static struct ps_expected expected(const struct session *s, const struct target *t)
{
    double switches = 0, wall = 0, cpu = 0, rounds = 0;

    for (size_t i = 0; i < s->samples.rounds; i++) {
        const double *x = ps_raw(&s->samples, t->series, i);

        if (isnan(x[PS_RAW_VOLUNTARY] + x[PS_RAW_INVOLUNTARY] + x[PS_RAW_WALL]))
            continue;
        switches += x[PS_RAW_VOLUNTARY] + x[PS_RAW_INVOLUNTARY];
        wall += x[PS_RAW_WALL];
        cpu += x[PS_RAW_CPU];
        rounds++;
    }
    return (struct ps_expected){
        .switches = switches / wall,
        .faults = t->program->seen.page_faults,
        .wall_time = wall / rounds,
        .cpu_time = cpu / rounds,
        .idle = 1 - cpu / (t->plan->p * wall),
        .spins = may_spin(t),
    };
}

static bool compares(const struct ps_series *t)
{
    return t->baseline && t->baseline != t && t->plan->copies == 1 && t->plan->asked;
}

/* Mostly: what for is worth knowing, whatever the speedup. What others took, it would have computed
 * in. */
static bool waits(const struct session *s, const struct ps_series *t)
{
    double used = 0, time = 0;

    for (size_t i = 0; i < s->samples.rounds && i < WAITS_ROUNDS; i++) {
        const double *x = ps_raw(&s->samples, t, i);

        if (isnan(x[PS_RAW_CPU] + x[PS_RAW_WALL]))
            continue;
        used += x[PS_RAW_CPU] + (isnan(x[PS_RAW_OTHERS]) ? 0 : x[PS_RAW_OTHERS]);
        time += x[PS_RAW_WALL];
    }
    return used < PS_COMPUTES * time;
}

static bool asks_why(const struct session *s, const struct ps_series *t)
{
    return compares(t) && (t->plan->work * median_wall(s, t->baseline) / median_wall(s, t) <
                               LOW_EFFICIENCY * t->plan->p ||
                           waits(s, t->baseline));
}

/* The points with a low efficiency or that mostly wait, and what they are compared with. */
static bool worth(const struct session *s, const struct target *t)
{
    if (asks_why(s, t->series))
        return true;
    for (size_t i = 0; i < s->target_count; i++)
        if (s->targets[i].series->baseline == t->series && asks_why(s, s->targets[i].series))
            return true;
    return false;
}

/* Where there was time for no more than the round that there always is, there is for this. */
static bool time_is_left(const struct session *s, const struct target *t)
{
    return s->samples.rounds == 1 ||
           session_elapsed(s) + SLOWER * median_wall(s, t->series) <= s->plan->request->max_time;
}

/* s of observed executions for a point that is worth it, so that those after it have as much; what
 * is seen in them takes time as well. */
static double share_of_time(const struct session *s, const struct target *t)
{
    const struct ps_expected x = expected(s, t);
    const double wanted = fmax(ENOUGH_UNASKED, SAMPLES * ps_observer_period(&x));
    double left = s->plan->request->max_time - session_elapsed(s);
    size_t count = 0;

    for (const struct target *i = t; i < s->targets + s->target_count; i++)
        count += worth(s, i);
    left -= AFTERWARDS * (double)count;
    return fmin(wanted, left / (double)count);
}

static bool enough(const struct watched *w)
{
    const double most = w->quiet ? 1 : w->patience;

    if (!w->executions)
        return false;
    return (double)w->executions >= most * MOST_EXECUTIONS || w->time >= most * w->most;
}

static void keep_spare(struct watched *w, struct ps_observation *n)
{
    const bool better =
        !w->quiet && (!w->spare || ps_observation_others(n) < ps_observation_others(w->spare));

    ps_observation_free(better ? w->spare : n);
    if (better)
        w->spare = n;
}

/* Takes the observation over. */
static int take_observation(struct watched *w, struct ps_observation *n, struct ps_err *why)
{
    int err;

    if (ps_observation_others(n) > PS_DIAGNOSIS_DISTURBED) {
        keep_spare(w, n);
        return 0;
    }
    w->quiet++;
    err = ps_diagnoser_add(w->diagnoser, n, why);
    ps_observation_free(n);
    return err;
}

/* The children's environment with where they write their regions to; of as many copies. */
static void set_regions(struct session *s, struct target *t, const char *path)
{
    for (unsigned i = 0; path && i < t->plan->copies; i++) {
        struct ps_child *c = &t->program->children[i];
        size_t count = 0;
        const char **environment;

        while (c->environment[count])
            count++;
        environment = ps_arena_array(s->arena, count + 2, sizeof *environment);
        memcpy(environment, c->environment, count * sizeof *environment);
        environment[count] = ps_arena_format(s->arena, "PARSCOPE_REGIONS=%s", path);
        c->environment = environment;
    }
}

/* In executions that are not observed there is no such variable. */
static int execute_marked(struct session *s, struct target *t, struct ps_observer *o,
                          struct ps_child_usage *usage)
{
    const unsigned copies = t->plan->copies;
    struct ps_child *before = ps_arena_array(s->arena, copies, sizeof *before);
    int err;

    memcpy(before, t->program->children, copies * sizeof *before);
    set_regions(s, t, ps_observer_regions(o));
    err = program_execute(s, t, ps_observer_watch, o, usage);
    memcpy(t->program->children, before, copies * sizeof *before);
    return err;
}

static int observe_once(struct session *s, struct target *t, struct watched *w, struct ps_err *why)
{
    struct ps_observer *o;
    struct ps_observation *n;
    struct ps_child_usage usage = {0};
    const unsigned cpus = (unsigned)ceil(t->plan->p);
    const struct ps_expected x = expected(s, t);
    int err = ps_observer_open(ps_children_starter(s->children), cpus, &x, &o, why);

    if (err < 0)
        return err;
    ps_exports_watch(s->hooks->exports, o);
    err = execute_marked(s, t, o, &usage);
    n = ps_observer_finish(o, usage.ended);
    ps_observer_close(o);
    w->executions++;
    w->time += usage.wall;
    n->used = usage.user + usage.system;
    n->system = usage.system;
    if (!err)
        return take_observation(w, n, why);
    ps_observation_free(n);
    return err;
}

static int observe(struct session *s, struct target *t, struct watched *w, struct ps_err *why)
{
    int err = 0;

    while (!err && !enough(w))
        err = observe_once(s, t, w, why);
    if (!err && !w->quiet && w->spare)
        err = ps_diagnoser_add(w->diagnoser, w->spare, why);
    ps_observation_free(w->spare);
    return err;
}

/* s of CPU time of all threads but the busiest. */
static double of_others(const struct ps_diagnosis *d)
{
    double most = 0;

    for (size_t i = 0; i < d->thread_count; i++)
        most = fmax(most, d->threads[i].most);
    return d->cpu_time - most;
}

/* As many more than the reference, with work to do, however uneven. */
static bool has_as_many_more(const struct ps_series *t, const struct ps_diagnosis *d)
{
    const struct ps_series *base = t->baseline;
    const struct ps_diagnosis *then = base && base->program ? base->program->diagnosis : NULL;

    return then && then != d && !then->missing && t->plan->threads > base->plan->threads &&
           ps_diagnosis_threads(d) - ps_diagnosis_threads(then) >=
               t->plan->threads - base->plan->threads &&
           of_others(d) > fmax(LEAST_WORK, WORK * d->cpu_time);
}

/* Records of switches have all threads. */
static void correct_threads(const struct ps_series *t, struct ps_program_seen *seen)
{
    const struct ps_diagnosis *d = seen->diagnosis;
    double beyond = 0;

    for (size_t i = seen->threads.at_once + 1; i < d->running_count; i++)
        beyond += d->running[i] * (double)(i - seen->threads.at_once);
    ps_thread_doubt(&seen->threads, has_as_many_more(t, d) ? INFINITY : beyond / d->wall);
}

static void set_missing(struct session *s, struct target *t, const struct ps_err *why)
{
    struct ps_diagnosis *none = ps_arena_alloc(s->arena, sizeof *none);

    none->missing = ps_arena_copy(s->arena, why->text);
    t->program->seen.diagnosis = none;
}

static double mean_time(const struct target *t)
{
    return t->spent / (double)t->trials;
}

/* s */
struct reserve {
    double least, enough; /* for one execution; for as many as tell enough */
};

static void add_reserve(const struct target *t, struct reserve *r)
{
    const double one = SLOWER * mean_time(t);

    r->least += AFTERWARDS + one;
    r->enough += AFTERWARDS + fmax(one, fmin(2 * ENOUGH_UNASKED, MOST_EXECUTIONS * one));
}

/* Whether it would be observed now; by means, which differ from that near the bound, where medians
 * would take long or there is no round. */
static bool seems_worth(const struct session *s, const struct target *t, const struct target *base)
{
    if (s->samples.rounds && s->samples.rounds <= FEW_ROUNDS)
        return asks_why(s, t->series);
    return !(t->plan->work * mean_time(base) / mean_time(t) >= LOW_EFFICIENCY * t->plan->p) ||
           waits(s, base->series);
}

static void reserve_for(const struct session *s, const struct target *t, struct reserve *r)
{
    const struct target *base;

    if (!compares(t->series))
        return;
    base = &s->targets[t->series->baseline - s->samples.series];
    if (!seems_worth(s, t, base))
        return;
    add_reserve(base, r);
    add_reserve(t, r);
}

double observed_reserve(const struct session *s)
{
    const struct ps_request *r = s->plan->request;
    struct reserve sum = {0};

    if (!s->plan->programs || !s->plan->scales || r->diagnose != PS_DIAGNOSE_WORTH)
        return 0;
    for (size_t i = 0; i < s->target_count; i++)
        reserve_for(s, &s->targets[i], &sum);
    return fmax(sum.least, fmin(sum.enough, MOST_RESERVED * r->max_time));
}

static const char *label_of(struct session *s, const struct target *t)
{
    return ps_arena_format(s->arena, "%s × %u", t->workload->bound->label, t->plan->threads);
}

static bool wanted(const struct session *s, const struct target *t)
{
    const enum ps_diagnose diagnose = s->plan->request->diagnose;

    if (diagnose != PS_DIAGNOSE_WORTH)
        return diagnose == PS_DIAGNOSE_ALWAYS;
    return s->plan->scales && worth(s, t) && time_is_left(s, t);
}

static void take_result(struct target *t, const struct watched *w)
{
    t->program->seen.diagnosis = ps_diagnoser_result(w->diagnoser);
    correct_threads(t->series, &t->program->seen);
}

/* What can't be observed is said in the result; a program that fails ends the run as ever. */
int program_observe(struct session *s, struct target *t)
{
    const bool asked = s->plan->request->diagnose == PS_DIAGNOSE_ALWAYS;
    struct watched w = {.patience = asked ? PATIENCE : 1};
    struct ps_err why = {""};
    int err;

    if (!wanted(s, t))
        return 0;
    w.most = asked ? ENOUGH : share_of_time(s, t);
    err = ps_diagnoser_create(t->plan->p, s->arena, &w.diagnoser, &why);
    if (!err) {
        ps_exports_begin(s->hooks->exports, label_of(s, t), s->target_count > 1, w.diagnoser);
        err = observe(s, t, &w, &why);
    }
    if (!err)
        take_result(t, &w);
    else if (*why.text)
        set_missing(s, t, &why);
    ps_diagnoser_destroy(w.diagnoser);
    return *why.text ? 0 : err;
}
