#include "plan.h"

#include <string.h>

const struct ps_strategy ps_strategy_program = {
    .name = PS_STRATEGY_PROGRAM,
    .summary = "the program's own scheduling",
    .caller = PS_CALLER_WAITS,
};

const char *ps_plan_command_name(enum ps_plan_command command)
{
    static const char *const names[] = {
        [PS_PLAN_RUN] = "run",
        [PS_PLAN_SWEEP] = "sweep",
        [PS_PLAN_SMT_COMPARE] = "smt-compare",
        [PS_PLAN_COMPARE] = "compare",
    };

    return names[command];
}

bool plan_is_sweep(const struct ps_request *r)
{
    return r->command == PS_PLAN_SWEEP || (r->command == PS_PLAN_COMPARE && r->threads);
}

bool plan_is_smt(const struct ps_request *r)
{
    return r->command == PS_PLAN_SMT_COMPARE;
}

uint64_t ps_plan_size(const struct ps_plan *p, const struct ps_plan_point *point)
{
    return p->request->weak ? p->request->size * point->threads : 0;
}

struct ps_check_subject ps_plan_subject(const struct ps_plan *p, const struct ps_plan_point *point)
{
    const struct ps_bound *workload = p->workloads[point->workload].bound;

    return (struct ps_check_subject){
        .workload = workload->name,
        .workload_label = workload->label,
        .strategy = point->strategy->name,
        .strategy_label = point->options->label,
        .placement = ps_placement_name(point->placement),
        .threads = point->threads,
        .baseline = point->baseline,
    };
}

const char *ps_plan_program_label(const struct ps_plan_workload *w, const char *but,
                                  struct ps_arena *a)
{
    const size_t count = ps_param_count(w->ops->params);
    const char **names = ps_arena_array(a, count, sizeof *names);
    struct ps_program_fill f = {.names = names, .values = w->fills, .count = count};

    for (size_t i = 0; i < count; i++)
        names[i] = but && !strcmp(but, w->ops->params[i].name) ? "" : w->ops->params[i].name;
    return ps_program_fill_text(w->program->label, &f, a);
}

static const char *label_without(struct ps_arena *a, const char *label, const char *key)
{
    size_t length = strlen(key);

    for (const char *c = strchr(label, ':'); c; c = strchr(c + 1, ':'))
        if (!strncmp(c + 1, key, length) && c[1 + length] == '=')
            return ps_arena_format(a, "%.*s%s", (int)(c - label), label,
                                   c + 1 + strcspn(c + 1, ":"));
    return label;
}

const char *ps_plan_curve_label(const struct ps_plan *p, const struct ps_plan_workload *w,
                                const char *key, struct ps_arena *a)
{
    const char *duration = p->request->duration, *label;

    if (w->program)
        return ps_plan_program_label(w, key, a);
    label = label_without(a, w->bound->label, key);
    return duration && !strcmp(duration, "auto") ? label_without(a, label, "duration") : label;
}

static const char *all_cpus(const struct ps_topology *t, struct ps_arena *a)
{
    int *cpus = ps_arena_array(a, t->cpu_count, sizeof *cpus);

    for (unsigned i = 0; i < t->cpu_count; i++)
        cpus[i] = t->cpus[t->by_os[i]].os;
    return ps_cpu_list_format(a, cpus, t->cpu_count);
}

const char *ps_plan_program_cpus(const struct ps_plan *p, const struct ps_plan_point *point,
                                 struct ps_arena *a)
{
    int *distinct = ps_arena_array(a, point->threads, sizeof *distinct);
    size_t count = 0;

    if (point->cpus[0] < 0)
        return all_cpus(p->topology, a);
    for (unsigned i = 0; i < point->threads; i++) {
        size_t k = 0;

        while (k < count && distinct[k] != point->cpus[i])
            k++;
        if (k == count)
            distinct[count++] = point->cpus[i];
    }
    return ps_cpu_list_format(a, distinct, count);
}

struct ps_outside_host ps_plan_outside_host(const struct ps_plan *p)
{
    return (struct ps_outside_host){p->topology->cores, p->topology->cpu_count,
                                    !p->request->fake && p->topology->real};
}

struct ps_program_fill ps_plan_fill(const struct ps_plan *p, const struct ps_plan_point *point,
                                    const char *cpus, struct ps_arena *a)
{
    const struct ps_plan_workload *w = &p->workloads[point->workload];
    const size_t count = ps_param_count(w->ops->params);
    const char **names = ps_arena_array(a, count, sizeof *names);

    for (size_t i = 0; i < count; i++)
        names[i] = w->ops->params[i].name;
    return (struct ps_program_fill){
        .threads = point->copies > 1 ? 1 : point->threads,
        .cpus = cpus ? cpus : ps_plan_program_cpus(p, point, a),
        .size = ps_plan_size(p, point),
        .names = names,
        .values = w->fills,
        .count = count,
    };
}

bool ps_plan_varies(const struct ps_plan *p)
{
    for (size_t i = 0; i < p->varied_count; i++)
        if (p->varied[i].owners[PS_OWNER_WORKLOAD])
            return true;
    return false;
}
