/* Executions of a program that are observed and not timed. */
#include <math.h>
#include <string.h>

#include "diagnosis.h"
#include "exports.h"
#include "observer.h"
#include "session.h"
#include "stats.h"

#define ENOUGH          2.0  /* s of observed executions */
#define ENOUGH_UNASKED  0.5  /* likewise, where nobody asked for them */
#define MOST_EXECUTIONS 10   /* likewise */
#define LOW_EFFICIENCY  0.9  /* of a point that is worth observing */
#define SLOWER          1.5  /* an observed execution takes at most about so many times as long */
#define PATIENCE        2    /* times as much, until some are quiet */
#define DISTURBED       0.05 /* share of the CPU time that others took of an execution */

/* What is seen beside the load of others looks like waits and uneven shares. So an execution that
 * they disturbed counts only where there is no other, and then the least disturbed one does. */
struct watched {
    struct ps_diagnoser *diagnoser;
    struct ps_observation *spare; /* the least disturbed; NULL: none is needed */
    size_t quiet, executions;
    double time; /* s, in sum */
};

static double median_wall(const struct session *s, const struct ps_series *t)
{
    double *walls = ps_arena_array(s->arena, 2 * s->samples.rounds, sizeof *walls);

    for (size_t i = 0; i < s->samples.rounds; i++)
        walls[i] = ps_raw(&s->samples, t, i)[PS_RAW_WALL];
    return ps_median(walls, s->samples.rounds, walls + s->samples.rounds);
}

static bool inefficient(const struct session *s, const struct ps_series *t)
{
    if (!t->baseline || t->baseline == t || t->plan->copies > 1 || !t->plan->asked)
        return false;
    return median_wall(s, t->baseline) / median_wall(s, t) < LOW_EFFICIENCY * t->plan->p;
}

/* The points with a low efficiency, and what they are compared with. */
static bool worth(const struct session *s, const struct target *t)
{
    if (inefficient(s, t->series))
        return true;
    for (size_t i = 0; i < s->target_count; i++)
        if (s->targets[i].series->baseline == t->series && inefficient(s, s->targets[i].series))
            return true;
    return false;
}

static bool time_is_left(const struct session *s, const struct target *t)
{
    return session_elapsed(s) + SLOWER * median_wall(s, t->series) <= s->plan->request->max_time;
}

static bool enough(const struct session *s, const struct target *t, const struct watched *w)
{
    const double most = w->quiet ? 1 : PATIENCE;
    const bool asked = s->plan->request->diagnose == PS_DIAGNOSE_ALWAYS;

    return (double)w->executions >= most * MOST_EXECUTIONS ||
           w->time >= most * (asked ? ENOUGH : ENOUGH_UNASKED) || (!asked && !time_is_left(s, t));
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

    if (ps_observation_others(n) > DISTURBED) {
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
static int execute_marked(struct session *s, struct target *t, struct ps_observer *o, double *wall)
{
    const char *const *before = t->program->children[0].environment;
    int err;

    set_regions(s, t, ps_observer_regions(o));
    err = program_execute(s, t, ps_observer_watch, o, wall);
    for (unsigned i = 0; i < t->plan->copies; i++)
        t->program->children[i].environment = before;
    return err;
}

static int observe_once(struct session *s, struct target *t, struct watched *w, struct ps_err *why)
{
    struct ps_observer *o;
    struct ps_observation *n;
    double wall = 0;
    const unsigned cpus = (unsigned)ceil(t->plan->p);
    int err = ps_observer_open(ps_children_starter(s->children), cpus, &o, why);

    if (err < 0)
        return err;
    ps_exports_watch(s->hooks->exports, o);
    err = execute_marked(s, t, o, &wall);
    n = ps_observer_finish(o);
    ps_observer_close(o);
    w->executions++;
    w->time += wall;
    if (!err)
        return take_observation(w, n, why);
    ps_observation_free(n);
    return err;
}

static int observe(struct session *s, struct target *t, struct watched *w, struct ps_err *why)
{
    int err = 0;

    while (!err && !enough(s, t, w))
        err = observe_once(s, t, w, why);
    if (!err && !w->quiet && w->spare)
        err = ps_diagnoser_add(w->diagnoser, w->spare, why);
    ps_observation_free(w->spare);
    return err;
}

static void set_missing(struct session *s, struct target *t, const struct ps_err *why)
{
    struct ps_diagnosis *none = ps_arena_alloc(s->arena, sizeof *none);

    none->missing = ps_arena_copy(s->arena, why->text);
    t->program->seen.diagnosis = none;
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

/* What can't be observed is said in the result; a program that fails ends the run as ever. */
int program_observe(struct session *s, struct target *t)
{
    struct watched w = {NULL};
    struct ps_err why = {""};
    int err;

    if (!wanted(s, t))
        return 0;
    err = ps_diagnoser_create(t->plan->p, s->arena, &w.diagnoser, &why);
    if (!err) {
        ps_exports_begin(s->hooks->exports, label_of(s, t), s->target_count > 1, w.diagnoser);
        err = observe(s, t, &w, &why);
    }
    if (!err)
        t->program->seen.diagnosis = ps_diagnoser_result(w.diagnoser);
    else if (*why.text)
        set_missing(s, t, &why);
    ps_diagnoser_destroy(w.diagnoser);
    return *why.text ? 0 : err;
}
