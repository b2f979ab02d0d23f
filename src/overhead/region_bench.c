#include "region_bench.h"

#include <errno.h>
#include <string.h>

#include "spec.h"

enum { MOST_OPTIONS = 8 };

static void compare(void *arg, struct parscope_exec *x)
{
    struct region_bench *c = arg;

    c->exec = x;
    bench_compare(c->test, c->reference, c, c->out);
}

static int run(const struct bench *bench, const struct ps_strategy *s, struct ps_team *team,
               struct region_bench *c, struct ps_err *e)
{
    union parscope_value options[MOST_OPTIONS];
    struct ps_instance_setup setup = {
        .strategy = s,
        .options = options,
        .team = team,
        .workers = c->workers,
        .cpus = bench->cpu_count < c->workers ? bench->cpu_count : c->workers,
        .topology = bench->topology,
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

int region_bench_run(const struct bench *bench, struct region_bench *c, struct ps_err *e)
{
    const struct ps_strategy *s = ps_strategy_find(c->strategy);
    struct ps_team *team;
    int err;

    if (!s->shapes)
        return ps_fail(e, ENOTSUP, "%s", s->no_range);
    err = bench_team(bench, c->workers, &team, e);
    if (err < 0)
        return err;
    err = run(bench, s, team, c, e);
    ps_team_destroy(team);
    return err;
}
