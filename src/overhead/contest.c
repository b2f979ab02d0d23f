#include "contest.h"

#include <errno.h>
#include <string.h>

#include "spec.h"

enum { MOST_OPTIONS = 8 };

static void compare(void *arg, struct parscope_exec *x)
{
    struct contest *c = arg;

    c->exec = x;
    lab_compare(c->test, c->reference, c, c->out);
}

static int run(const struct lab *lab, const struct ps_strategy *s, struct ps_team *team,
               struct contest *c, struct ps_err *e)
{
    union parscope_value options[MOST_OPTIONS];
    struct ps_instance_setup setup = {
        .strategy = s,
        .options = options,
        .team = team,
        .workers = c->workers,
        .cpus = lab->cpu_count < c->workers ? lab->cpu_count : c->workers,
    };
    struct ps_instance *instance;
    int err;

    ps_param_defaults(s->params, options, MOST_OPTIONS);
    err = ps_instance_create(&setup, &instance, e);
    if (err < 0)
        return err;
    ps_trial_start(instance, NULL, compare, c);
    while (ps_trial_wait(instance, 0) < 0)
        ;
    ps_instance_destroy(instance);
    return c->err ? ps_fail(e, -c->err, "a region failed: %s", strerror(-c->err)) : 0;
}

int contest_run(const struct lab *lab, struct contest *c, struct ps_err *e)
{
    const struct ps_strategy *s = ps_strategy_find(c->strategy);
    struct ps_team *team;
    int err;

    if (!s->shapes)
        return ps_fail(e, ENOTSUP, "%s", s->no_range);
    err = lab_team(lab, c->workers, &team, e);
    if (err < 0)
        return err;
    err = run(lab, s, team, c, e);
    ps_team_destroy(team);
    return err;
}
