/* Executions of a program that are observed and not timed. */
#include <math.h>

#include "diagnosis.h"
#include "exports.h"
#include "observer.h"
#include "session.h"

#define ENOUGH          2.0  /* s of observed executions */
#define MOST_EXECUTIONS 10   /* likewise */
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

static bool enough(const struct watched *w)
{
    const double most = w->quiet ? 1 : PATIENCE;

    return (double)w->executions >= most * MOST_EXECUTIONS || w->time >= most * ENOUGH;
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
    err = program_execute(s, t, ps_observer_watch, o, &wall);
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

    while (!err && !enough(w))
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

/* What can't be observed is said in the result; a program that fails ends the run as ever. */
int program_observe(struct session *s, struct target *t)
{
    struct watched w = {NULL};
    struct ps_err why = {""};
    int err = ps_diagnoser_create(t->plan->p, s->arena, &w.diagnoser, &why);

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
