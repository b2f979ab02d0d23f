/* Executions of a program that are observed and not timed. */
#include "diagnosis.h"
#include "exports.h"
#include "observer.h"
#include "session.h"

#define ENOUGH          2.0 /* s of observed executions */
#define MOST_EXECUTIONS 10

static int observe_once(struct session *s, struct target *t, struct ps_diagnoser *d, double *wall,
                        struct ps_err *why)
{
    struct ps_observer *o;
    struct ps_observation *n;
    int err = ps_observer_open(ps_children_starter(s->children), &o, why);

    if (err < 0)
        return err;
    ps_exports_watch(s->hooks->exports, o);
    err = program_execute(s, t, ps_observer_watch, o, wall);
    n = ps_observer_finish(o);
    ps_observer_close(o);
    if (!err)
        err = ps_diagnoser_add(d, n, why);
    ps_observation_free(n);
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
    struct ps_diagnoser *d;
    struct ps_err why = {""};
    double total = 0;
    int err = ps_diagnoser_create(t->plan->p, s->arena, &d, &why);

    if (err < 0) {
        set_missing(s, t, &why);
        return 0;
    }
    ps_exports_begin(
        s->hooks->exports,
        ps_arena_format(s->arena, "%s × %u", t->workload->bound->label, t->plan->threads),
        s->target_count > 1, d);
    for (int i = 0; !err && total < ENOUGH && i < MOST_EXECUTIONS; i++) {
        double wall = 0;

        err = observe_once(s, t, d, &wall, &why);
        total += wall;
    }
    if (!err)
        t->program->seen.diagnosis = ps_diagnoser_result(d);
    else if (*why.text)
        set_missing(s, t, &why);
    ps_diagnoser_destroy(d);
    return *why.text ? 0 : err;
}
