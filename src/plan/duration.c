#include "duration.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "memory.h"
#include "size.h"
#include "ticks.h"
#include "units.h"

#define NAME   "duration"
#define TURNS  3   /* that are timed, and the fastest counts */
#define ENOUGH 1.0 /* s; no further turn after it */

/* The row of the parameter; the number of rows where there is none. */
static size_t find_param(const struct parscope_workload *w)
{
    size_t i = 0, count = ps_param_count(w->params);

    if (!w->done)
        return count;
    while (i < count && (strcmp(w->params[i].name, NAME) || w->params[i].type != PARSCOPE_TIME))
        i++;
    return i;
}

static bool has_duration(const struct parscope_workload *w)
{
    return find_param(w) < ps_param_count(w->params);
}

double duration_of(const struct ps_plan_workload *w)
{
    return has_duration(w->ops) ? w->bound->values[find_param(w->ops)].real : 0;
}

/* ---- an execution on this thread, which needs no other ---- */

static void join(struct parscope_worker *w, parscope_task_fn *f, void *f_arg, parscope_task_fn *g,
                 void *g_arg)
{
    f(f_arg, w);
    g(g_arg, w);
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct parscope_worker w = {join, 0};

    if (n)
        body(arg, 0, n, &w);
    return 0;
}

static int root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct parscope_worker w = {join, 0};

    task(arg, &w);
    return 0;
}

/* The first turn brings the data into the caches, and is not timed. */
static int time_turns(const struct parscope_workload *w, void *state, double *seconds)
{
    static const struct parscope_exec_ops plain = {.range = range, .root = root};
    struct parscope_exec x = {&plain, 1};
    double spent = 0;
    int err = w->run(state, &x);

    *seconds = INFINITY;
    for (int turn = 0; !err && turn < TURNS && spent < ENOUGH; turn++) {
        uint64_t start = ps_now_ns();
        double time;

        err = w->run(state, &x);
        time = (double)(ps_now_ns() - start) * 1e-9;
        *seconds = fmin(*seconds, time);
        spent += time;
    }
    return err;
}

static int time_state(const struct parscope_workload *w, const struct ps_bound *bound, void *state,
                      double *seconds, struct ps_err *e)
{
    char why[256] = "";
    int err = w->reference(state);

    if (!err)
        err = time_turns(w, state, seconds);
    if (err)
        return ps_fail(e, ps_workload_errno(err), "%s, timed for --duration auto: %s", bound->label,
                       strerror(ps_workload_errno(err)));
    /* A plug-in may fill all of why: the last byte stays 0. */
    err = w->verify(state, why, sizeof why - 1);
    if (err)
        return ps_fail(e, ps_workload_errno(err), "wrong result: %s, timed for --duration auto: %s",
                       bound->label, why);
    return 0;
}

static int time_run(const struct parscope_workload *w, const struct ps_bound *bound,
                    double *seconds, struct ps_err *e)
{
    struct ps_memory memory;
    void *state;
    int err;

    ps_memory_init(&memory);
    err = w->create(bound->values, &memory.abi, 1, &state);
    if (err)
        ps_fail(e, ps_workload_errno(err), "can't set up %s: %s", bound->label,
                strerror(ps_workload_errno(err)));
    if (!err) {
        err = time_state(w, bound, state, seconds, e);
        if (w->destroy)
            w->destroy(state);
    }
    ps_memory_finish(&memory);
    return err ? -ps_workload_errno(err) : 0;
}

/* ---- */

static int scripted(const struct ps_plan *p, const struct ps_bound *bound, double *seconds,
                    struct ps_err *e)
{
    const struct ps_fake_query wanted = {"wall_time", bound->label, PS_STRATEGY_SEQUENTIAL, 1};
    const char *reason;

    if (ps_fake_sample(p->fake, &wanted, 0, seconds, &reason) < 0)
        return ps_fail(e, ENODATA, "the script has no wall_time for %s sequential 1", bound->label);
    return 0;
}

/* As before any other measurement: with overcommit the allocation would succeed. */
static int check_size(const struct ps_plan *p, const struct parscope_workload *w,
                      const struct ps_bound *bound, struct ps_arena *a, struct ps_err *e)
{
    uint64_t available = ps_memory_available("");
    struct parscope_size size = {0};
    char need[32], have[32];
    int err = size_ask(p, w, bound, &size, a, e);

    if (err < 0 || !available || size.bytes <= available)
        return err;
    return ps_fail(e, ENOMEM, "%s needs %s of memory, and %s are available", bound->label,
                   ps_format_bytes(need, sizeof need, (double)size.bytes),
                   ps_format_bytes(have, sizeof have, (double)available));
}

static int one_shot(const struct ps_plan *p, const struct parscope_workload *w,
                    const struct ps_bound *bound, double *seconds, struct ps_arena *a,
                    struct ps_err *e)
{
    int err = check_size(p, w, bound, a, e);

    if (err < 0)
        return err;
    if (p->fake)
        return scripted(p, bound, seconds, e);
    ps_crash_note(ps_catalog_note(p->request->catalog, w, NULL, a,
                                  "while %s was timed for --duration auto", bound->label));
    err = time_run(w, bound, seconds, e);
    ps_crash_note(NULL);
    return err;
}

static const char *given(const struct ps_spec *spec)
{
    for (size_t i = 0; i < spec->key_count; i++)
        if (!strcmp(spec->keys[i].name, NAME))
            return spec->keys[i].value;
    return NULL;
}

/* There is room, unless another key is none of the workload's. */
static void add_key(struct ps_spec *spec, const char *value)
{
    if (spec->key_count < PS_SPEC_KEYS)
        spec->keys[spec->key_count++] = (struct ps_spec_key){NAME, value};
}

/* Three digits: short enough for a label, from which the run can be repeated. */
static const char *time_text(double seconds, struct ps_arena *a)
{
    char digits[32], text[32];

    snprintf(digits, sizeof digits, "%.2e", seconds);
    return ps_arena_copy(a, ps_format_exact_time(text, sizeof text, strtod(digits, NULL)));
}

/* In place of one bound spec, the same with a duration. */
static int bind_auto(const struct ps_plan *p, const struct ps_spec *spec,
                     const struct parscope_workload *w, struct ps_arena *a, struct ps_bound *bound,
                     struct ps_err *e)
{
    struct ps_spec timed = *spec;
    struct ps_bounds one;
    double seconds;
    int err;

    if (p->dry && !p->fake) {
        bound->label = ps_arena_format(a, "%s:" NAME "=auto", bound->label);
        return 0;
    }
    err = one_shot(p, w, bound, &seconds, a, e);
    if (err < 0)
        return err;
    for (size_t k = 0; k < timed.key_count; k++)
        for (size_t i = 0; w->params[i].name; i++)
            if (!strcmp(w->params[i].name, timed.keys[k].name))
                timed.keys[k].value = bound->texts[i];
    add_key(&timed, time_text(seconds, a));
    err = ps_spec_bind(&timed, "workload", w->params, a, &one, e);
    if (!err)
        *bound = one.items[0];
    return err;
}

int duration_bind(const struct ps_plan *p, const struct ps_spec *spec,
                  const struct parscope_workload *w, struct ps_arena *a, struct ps_bounds *bounds,
                  struct ps_err *e)
{
    const char *duration = has_duration(w) ? p->request->duration : NULL;
    bool measured = duration && !strcmp(duration, "auto");
    struct ps_spec timed = *spec;
    int err;

    if (duration && given(spec))
        return ps_fail(e, EINVAL, "--duration %s and '%s:" NAME "=%s' exclude each other", duration,
                       spec->name, given(spec));
    if (duration && !measured)
        add_key(&timed, duration);
    err = ps_spec_bind(&timed, "workload", w->params, a, bounds, e);
    for (size_t i = 0; !err && measured && i < bounds->count; i++)
        err = bind_auto(p, spec, w, a, &bounds->items[i], e);
    return err;
}

int duration_check(const struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_catalog *c = p->request->catalog;
    const char *known = NULL;

    if (!p->request->duration)
        return 0;
    if (p->programs)
        return ps_fail(e, EINVAL, "--duration is for workloads: a program ends by itself");
    for (size_t i = 0; i < p->workload_count; i++)
        if (has_duration(p->workloads[i].ops))
            return 0;
    for (size_t i = 0; i < c->workload_count; i++)
        if (has_duration(c->workloads[i].ops))
            known = known ? ps_arena_format(a, "%s, %s", known, c->workloads[i].ops->name)
                          : c->workloads[i].ops->name;
    return ps_fail(e, EINVAL, "--duration: none of these workloads has a '" NAME "'%s%s",
                   known ? ": these do: " : "", known ? known : "");
}
