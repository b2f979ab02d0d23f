/* --vary KEY=RANGE: a parameter that is added to every spec whose owner has it. */
#include <errno.h>
#include <string.h>

#include "names.h"
#include "plan_axes.h"

static int refuse_form(const char *text, struct ps_err *e)
{
    return ps_fail(e, EINVAL, "--vary '%.80s': expected KEY=RANGE, as in size=10..10M..x10", text);
}

static int parse_one(struct ps_plan *p, const char *text, struct ps_arena *a, struct ps_err *e)
{
    const char *equals = strchr(text, '=');
    struct ps_plan_vary v;

    if (!equals || equals == text || !equals[1] || strchr(text, ':'))
        return refuse_form(text, e);
    if (strchr(text, ','))
        return ps_fail(e, EINVAL, "--vary '%.80s': values are separated by +, as in size=10+100",
                       text);
    v = (struct ps_plan_vary){
        .key = ps_arena_format(a, "%.*s", (int)(equals - text), text),
        .range = ps_arena_copy(a, equals + 1),
    };
    if (!strcmp(v.key, "threads"))
        return ps_fail(e, EINVAL, "--vary '%.80s': thread counts are given by --threads", text);
    for (size_t i = 0; i < p->varied_count; i++)
        if (!strcmp(p->varied[i].key, v.key))
            return ps_fail(e, EINVAL, "--vary: '%s' is given twice", v.key);
    p->varied = ps_arena_grow(a, p->varied, p->varied_count, sizeof *p->varied);
    p->varied[p->varied_count++] = v;
    return 0;
}

int vary_parse(struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;
    int err = 0;

    if (r->vary_file && !p->programs)
        return ps_fail(e, EINVAL,
                       "--vary-file is for programs: use --vary with built-in workloads");
    for (size_t i = 0; !err && i < r->vary_count; i++)
        err = parse_one(p, r->vary[i], a, e);
    return err;
}

static bool has(const struct parscope_param *params, const char *key)
{
    for (size_t i = 0; i < ps_param_count(params); i++)
        if (!strcmp(params[i].name, key))
            return true;
    return false;
}

static int add_key(struct ps_spec *spec, const char *kind, const struct ps_plan_vary *v,
                   struct ps_err *e)
{
    for (size_t i = 0; i < spec->key_count; i++)
        if (!strcmp(spec->keys[i].name, v->key))
            return ps_fail(e, EINVAL, "--vary %s=%.80s: %s '%s' sets %s=%.80s already", v->key,
                           v->range, kind, spec->name, v->key, spec->keys[i].value);
    if (spec->key_count == PS_SPEC_KEYS)
        return ps_fail(e, EINVAL, "--vary %s=%.80s: %s '%s' has %d parameters already", v->key,
                       v->range, kind, spec->name, PS_SPEC_KEYS);
    spec->keys[spec->key_count++] = (struct ps_spec_key){v->key, v->range};
    return 0;
}

int vary_spec(struct ps_plan *p, enum ps_owner owner, struct ps_spec *spec,
              const struct parscope_param *params, struct ps_err *e)
{
    for (size_t i = 0; i < p->varied_count; i++) {
        struct ps_plan_vary *v = &p->varied[i];
        int err;

        if (!has(params, v->key))
            continue;
        v->owners[owner] = spec->name;
        err = add_key(spec, owner == PS_OWNER_WORKLOAD ? "workload" : "strategy", v, e);
        if (err < 0)
            return err;
    }
    return 0;
}

void vary_know(struct axes *x, const struct parscope_param *params, struct ps_arena *a)
{
    for (size_t i = 0; i < ps_param_count(params); i++) {
        x->names = ps_arena_grow(a, x->names, x->name_count, sizeof *x->names);
        x->names[x->name_count++] = params[i].name;
    }
}

static int refuse_key(const struct axes *x, const char *key, struct ps_err *e)
{
    const char *near = ps_nearest(key, x->names, x->name_count);

    return ps_fail(e, ENOENT,
                   "--vary: none of the given workloads and strategies has a parameter '%s'%s%s%s",
                   key, near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int vary_check(const struct ps_plan *p, const struct axes *x, struct ps_err *e)
{
    for (size_t i = 0; i < p->varied_count; i++) {
        const struct ps_plan_vary *v = &p->varied[i];
        const char *workload = v->owners[PS_OWNER_WORKLOAD],
                   *strategy = v->owners[PS_OWNER_STRATEGY];

        if (!workload && !strategy)
            return refuse_key(x, v->key, e);
        if (workload && strategy)
            return ps_fail(
                e, EINVAL,
                "--vary: both workload '%s' and strategy '%s' have a parameter '%s': write the "
                "range in the spec of one of them, as in %s:%s=%.80s",
                workload, strategy, v->key, workload, v->key, v->range);
    }
    return 0;
}
