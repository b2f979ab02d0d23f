#include "build.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "fake.h"
#include "curves.h"
#include "custom.h"
#include "plan_axes.h"

static int check_topology(const struct ps_topology *t, bool dry, bool fake, struct ps_err *e)
{
    if (t->real || dry || fake)
        return 0;
    return ps_fail(e, EINVAL,
                   "%s describes a machine that is not this one, so nothing can be measured on it: "
                   "add --dry-run to see the plan, or unset the variable",
                   t->source);
}

static bool has_reference(const struct ps_plan *p)
{
    for (size_t i = 0; i < p->point_count; i++)
        if (p->points[i].baseline)
            return true;
    return false;
}

/* A check of what this plan can't have is a mistake, which shows before anything is measured. */
static int check_possible(const struct ps_plan *p, const struct ps_check_spec *c, struct ps_err *e)
{
    const struct ps_metric_info *row = ps_metric_find(c->metric);
    unsigned scope = row ? row->scope : 0;

    if (c->model && !plan_is_sweep(p->request))
        return ps_fail(e, EINVAL, "--check '%s': only sweep finds the %s", c->text, c->metric);
    if (c->grain && !ps_plan_varies(p))
        return ps_fail(e, EINVAL,
                       "--check '%s': only sweep --vary of a workload's parameter finds the %s",
                       c->text, c->metric);
    if (c->model && !p->scales)
        return ps_fail(e, EINVAL, "--check '%s': with --vary the %s takes several --threads",
                       c->text, c->metric);
    if (scope & (PS_SCOPE_SMT | PS_SCOPE_PACKED | PS_SCOPE_TWO_PER_CORE) &&
        !plan_is_smt(p->request))
        return ps_fail(e, EINVAL, "--check '%s': only smt-compare finds the %s", c->text,
                       c->metric);
    if (scope & PS_SCOPE_RELATIVE && !has_reference(p))
        return ps_fail(
            e, EINVAL,
            "--check '%s': no point has a %s, because there is no one-thread reference%s", c->text,
            c->metric, plan_is_smt(p->request) ? " in smt-compare" : ": use sweep");
    if (scope & (p->programs ? PS_SCOPE_BUILT_IN : PS_SCOPE_PROGRAM))
        return ps_fail(e, EINVAL, "--check '%s': %s have no %s", c->text,
                       p->programs ? "programs" : "built-in workloads", c->metric);
    return row ? 0 : custom_check(p, c, e);
}

/* Curves over a parameter have labels without it. */
static struct ps_check_subject curve_subject(const struct ps_plan *p,
                                             const struct ps_plan_point *point, const char *key,
                                             struct ps_arena *a)
{
    struct ps_check_subject subject = ps_plan_subject(p, point);

    subject.workload_label = ps_plan_curve_label(p, &p->workloads[point->workload], key, a);
    return subject;
}

static int check_unit(const struct ps_check_spec *c, const struct parscope_param *varied,
                      struct ps_err *e)
{
    bool time = varied->type == PARSCOPE_TIME;

    if (time == !strcmp(c->value_unit, "s"))
        return 0;
    return ps_fail(e, EINVAL, "--check '%s': %s is in the unit of %s, which is a %s: expected %s",
                   c->text, c->metric, varied->name, time ? "time" : "number",
                   time ? "a time such as 10us, or a plain number of seconds"
                        : "a number such as 1000 or 1k");
}

/* A time is not compared with a size, nor the other way round. */
static int check_units(const struct ps_plan *p, const struct ps_check_spec *c, struct ps_arena *a,
                       struct ps_err *e)
{
    int err = 0;

    for (size_t i = 0; c->value_unit && !err && i < p->point_count * p->varied_count; i++) {
        const struct ps_plan_point *point = &p->points[i / p->varied_count];
        const char *key = p->varied[i % p->varied_count].key;
        const struct parscope_param *varied =
            ps_param_number(p->workloads[point->workload].ops->params, key);
        struct ps_check_subject subject = curve_subject(p, point, key, a);

        if (varied && ps_check_matches(c, &subject))
            err = check_unit(c, varied, e);
    }
    return err;
}

static int check_any_curve(const struct ps_plan *p, const struct ps_check_spec *c,
                           struct ps_arena *a, struct ps_err *e)
{
    size_t count = p->point_count * p->varied_count;
    struct ps_check_subject *subjects = ps_arena_array(a, count, sizeof *subjects);
    int err;

    for (size_t i = 0; i < count; i++)
        subjects[i] = curve_subject(p, &p->points[i / p->varied_count],
                                    p->varied[i % p->varied_count].key, a);
    err = ps_check_any(c, subjects, count, e);
    return err < 0 ? err : check_units(p, c, a, e);
}

static int parse_checks(struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;
    struct ps_check_subject *subjects = ps_arena_array(a, p->point_count, sizeof *subjects);
    const struct ps_check_names names = {p->events, p->event_count, custom_infos(p, a)};

    if (r->check_count > PS_MAX_CHECKS)
        return ps_fail(e, E2BIG, "more than %d checks", PS_MAX_CHECKS);
    for (size_t i = 0; i < p->point_count; i++)
        subjects[i] = ps_plan_subject(p, &p->points[i]);
    p->checks = ps_arena_array(a, r->check_count, sizeof *p->checks);
    for (size_t i = 0; i < r->check_count; i++) {
        struct ps_check_spec *c = &p->checks[i];
        int err = ps_check_parse(r->checks[i], &names, a, c, e);

        if (!err && !r->tries)
            err = check_possible(p, c, e);
        if (!err && !r->tries)
            err = c->grain ? check_any_curve(p, c, a, e)
                           : ps_check_any(c, subjects, p->point_count, e);
        if (err < 0)
            return err;
    }
    p->check_count = r->check_count;
    return 0;
}

static int check_given(const struct ps_plan *p, struct ps_err *e)
{
    const char *command = ps_plan_command_name(p->request->command);

    if (p->programs || p->request->workload_count)
        return 0;
    return ps_fail(e, EINVAL,
                   "no workload given: name one, as in 'parscope %s reduce', or a program, as in "
                   "'parscope %s -- COMMAND'",
                   command, command);
}

/* What is compared is two: programs, or the builds of one workload. */
static int check_twins(const struct ps_plan *p, struct ps_err *e)
{
    if (p->request->command != PS_PLAN_COMPARE || p->programs || p->workload_count == 2)
        return 0;
    return ps_fail(
        e, EINVAL,
        "to compare two builds of a plug-in, name one workload that both have, with one value for "
        "each parameter");
}

/* The script says what quota there is, whatever this machine's is. */
static int load_script(struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_fake_query quota = PS_FAKE_HOST("cpu_quota");
    const char *reason;
    int err = ps_fake_load(a, p->request->fake, &p->fake, e);

    if (!err && ps_fake_sample(p->fake, &quota, 0, &p->host.cpu_quota, &reason))
        p->host.cpu_quota = NAN;
    return err;
}

static int build(struct ps_plan *p, bool dry, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;
    struct axes x = {0};
    int err = check_given(p, e);

    if (!err && r->fake)
        err = load_script(p, a, e);
    if (!err)
        err = axes_parse(p, &x, a, e);
    if (!err)
        err = plan_parse_predicted(p, a, e);
    if (!err)
        err = weak_check(p, e);
    if (!err)
        err = check_twins(p, e);
    if (!err)
        err = check_topology(p->topology, dry, p->fake, e);
    if (!err)
        err = plan_is_smt(r) ? plan_add_smt_points(p, &x, a, e) : plan_add_points(p, &x, a, e);
    if (err < 0)
        return err;
    if (p->scales)
        plan_find_kinks(p, a);
    plan_find_curves(p, a);
    return parse_checks(p, a, e);
}

int ps_plan_build(const struct ps_request *request, bool dry, struct ps_arena *a,
                  struct ps_plan **plan, struct ps_err *e)
{
    struct ps_plan *p = ps_arena_alloc(a, sizeof *p);
    struct ps_topology *topology;
    int err = ps_topology_load(a, &topology, e);

    if (err < 0)
        return err;
    p->request = request;
    p->topology = topology;
    p->dry = dry;
    p->programs = request->program.words || request->program.text_count;
    ps_host_read(a, "", &p->host);
    err = build(p, dry, a, e);
    if (!err)
        *plan = p;
    return err;
}
