/* --vary NAME=RANGE and --vary-file, of programs: workloads for each combination of values. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "plan_axes.h"
#include "vary_values.h"

#define MOST PS_SPEC_POINTS /* combinations */

/* What is varied. */
struct variation {
    struct ps_varied_values *axes; /* of each NAME */
    size_t count;
    bool rows; /* of a file: the values of a row belong together */
    size_t total;
};

static int check_name(const struct ps_plan *p, const char *name, struct ps_err *e)
{
    static const char *const own[] = {"threads", "cpus"};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(name, own[i]))
            return ps_fail(e, EINVAL, "--vary: {%s} is reserved for parscope", name);
    for (size_t i = 0; i < p->workload_count; i++) {
        const struct ps_program *program = p->workloads[i].program;

        if (!ps_program_takes(program, name))
            return ps_fail(
                e, EINVAL,
                "--vary: there is no {%s} in '%s', so all its values would give the same command",
                name, program->label);
    }
    return 0;
}

static int read_axes(struct ps_plan *p, struct variation *v, struct ps_arena *a, struct ps_err *e)
{
    int err = 0;

    v->count = p->varied_count;
    v->axes = ps_arena_array(a, v->count, sizeof *v->axes);
    v->total = 1;
    for (size_t i = 0; !err && i < v->count; i++) {
        err = ps_varied_range(p->varied[i].key, p->varied[i].range, a, &v->axes[i], e);
        if (err < 0)
            return err;
        if (v->axes[i].count > MOST / v->total)
            return ps_fail(e, E2BIG, "--vary: more than %d combinations", MOST);
        v->total *= v->axes[i].count;
    }
    return err;
}

/* What is varied by the rows of a file is noted like --vary. */
static int read_file(struct ps_plan *p, struct variation *v, struct ps_arena *a, struct ps_err *e)
{
    int err = ps_varied_file(p->request->vary_file, a, &v->axes, &v->count, e);

    v->rows = true;
    for (size_t i = 0; !err && i < v->count; i++) {
        p->varied = ps_arena_grow(a, p->varied, p->varied_count, sizeof *p->varied);
        p->varied[p->varied_count++] = (struct ps_plan_vary){.key = v->axes[i].param.name};
        v->total = v->axes[i].count;
    }
    return err;
}

/* Of combination `index`, the last NAME fastest. */
static size_t value_of(const struct variation *v, size_t axis, size_t index)
{
    if (v->rows)
        return index;
    for (size_t i = v->count; i-- > axis + 1;)
        index /= v->axes[i].count;
    return index % v->axes[axis].count;
}

static struct parscope_workload *ops_of(const struct ps_plan_workload *w, const struct variation *v,
                                        struct ps_arena *a)
{
    struct parscope_workload *ops = ps_arena_alloc(a, sizeof *ops);
    struct parscope_param *params = ps_arena_array(a, v->count + 1, sizeof *params);

    for (size_t i = 0; i < v->count; i++)
        params[i] = v->axes[i].param;
    *ops = *w->ops;
    ops->params = params;
    return ops;
}

static struct ps_bound *bind(const struct ps_plan_workload *w, const struct variation *v,
                             size_t index, struct ps_plan_workload *out, struct ps_arena *a)
{
    struct ps_bound *b = ps_arena_alloc(a, sizeof *b);
    const char **fills = ps_arena_array(a, v->count, sizeof *fills);

    b->name = w->bound->name;
    b->values = ps_arena_array(a, v->count, sizeof *b->values);
    b->texts = ps_arena_array(a, v->count, sizeof *b->texts);
    for (size_t i = 0; i < v->count; i++) {
        const size_t k = value_of(v, i, index);

        b->values[i] = v->axes[i].values[k];
        b->texts[i] = v->axes[i].texts[k];
        fills[i] = v->axes[i].fills[k];
    }
    out->fills = fills;
    return b;
}

/* Each program with each combination, those of a combination in a row. */
static void multiply(struct ps_plan *p, const struct variation *v, struct ps_arena *a)
{
    const size_t programs = p->workload_count;
    const struct ps_plan_workload *plain = p->workloads;
    struct ps_plan_workload *all = ps_arena_array(a, programs * v->total, sizeof *all);
    const struct parscope_workload **ops = ps_arena_array(a, programs, sizeof *ops);

    for (size_t i = 0; i < programs; i++)
        ops[i] = ops_of(&plain[i], v, a);
    for (size_t i = 0; i < programs * v->total; i++) {
        all[i] = plain[i % programs];
        all[i].ops = ops[i % programs];
        all[i].bound = bind(&plain[i % programs], v, i / programs, &all[i], a);
        all[i].bound->label = ps_plan_program_label(&all[i], NULL, a);
        all[i].unit = i;
    }
    p->workloads = all;
    p->workload_count = programs * v->total;
    p->programs_at_once = programs;
}

/* Where places are varied, one that nothing fills is a mistake, as far as one can tell: other
 * braces may be the program's own. */
static int check_filled(const struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const char **names = ps_arena_array(a, p->varied_count, sizeof *names);

    for (size_t i = 0; i < p->varied_count; i++)
        names[i] = p->varied[i].key;
    for (size_t i = 0; p->varied_count && i < p->workload_count; i++) {
        const struct ps_program *program = p->workloads[i].program;
        const char *name = ps_program_unfilled(program, names, p->varied_count, a);

        if (name)
            return ps_fail(
                e, EINVAL,
                "{%s} in '%s' has no value: give its values with --vary %s=RANGE, as in --vary "
                "%s=1k..1M..x4",
                name, program->label, name, name);
    }
    return 0;
}

int vary_programs(struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;
    struct variation v = {0};
    int err = 0;

    if (r->vary_file && r->vary_count)
        return ps_fail(e, EINVAL, "--vary and --vary-file exclude each other");
    if (r->vary_file)
        err = read_file(p, &v, a, e);
    else if (p->varied_count)
        err = read_axes(p, &v, a, e);
    for (size_t i = 0; !err && i < p->varied_count; i++) {
        err = check_name(p, p->varied[i].key, e);
        p->varied[i].owners[PS_OWNER_WORKLOAD] = p->workloads[0].bound->name;
    }
    if (!err)
        err = check_filled(p, a, e);
    if (!err && v.count)
        multiply(p, &v, a);
    return err;
}
