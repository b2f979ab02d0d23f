/* Programs in place of workloads. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plan_axes.h"

static const struct parscope_workload program_ops = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = PS_STRATEGY_PROGRAM,
    .summary = "any program, started anew for each execution",
    .unit = "runs",
};

static int add(struct ps_plan *p, const struct ps_program *program, struct ps_arena *a,
               struct ps_err *e)
{
    struct ps_bound *bound = ps_arena_alloc(a, sizeof *bound);

    bound->name = program->name;
    bound->label = program->label;
    for (size_t i = 0; i < p->workload_count; i++) {
        if (strcmp(p->workloads[i].bound->label, program->label))
            continue;
        if (p->request->command != PS_PLAN_COMPARE)
            return ps_fail(e, EINVAL, "the command '%s' is given twice", program->label);
        bound->label = ps_arena_format(a, "%s (again)", program->label);
    }
    p->workloads = ps_arena_grow(a, p->workloads, p->workload_count, sizeof *p->workloads);
    p->workloads[p->workload_count] = (struct ps_plan_workload){
        .ops = &program_ops,
        .program = program,
        .bound = bound,
        .size = {.items = 1, .tasks = 1},
        .slots = 1,
        .unit = p->workload_count,
    };
    p->workload_count++;
    return 0;
}

static int add_words(struct ps_plan *p, const struct ps_program_request *r, struct ps_arena *a,
                     struct ps_err *e)
{
    struct ps_program *program = ps_arena_alloc(a, sizeof *program);
    int err = ps_program_of_words(r->words, r->word_count, a, program, e);

    return err < 0 ? err : add(p, program, a, e);
}

static int add_text(struct ps_plan *p, size_t i, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_program_request *r = &p->request->program;
    struct ps_program *program = ps_arena_alloc(a, sizeof *program);
    int err = ps_program_in_folder(r->texts[i], r->shell, r->folders ? r->folders[i] : NULL, a,
                                   program, e);

    if (!err && r->marks)
        program->label = ps_arena_format(a, "%s (%s)", program->label, r->marks[i]);
    return err < 0 ? err : add(p, program, a, e);
}

/* One that runs already, by its name. */
static int add_process(struct ps_plan *p, pid_t pid, struct ps_arena *a, struct ps_err *e)
{
    struct ps_program *program = ps_arena_alloc(a, sizeof *program);
    const char *path = ps_arena_format(a, "/proc/%d/comm", (int)pid);
    char name[64] = "";
    FILE *f = fopen(path, "re");

    if (!f)
        return ps_fail(e, ESRCH, "there is no process %d", (int)pid);
    if (!fgets(name, sizeof name, f))
        strcpy(name, "process");
    fclose(f);
    name[strcspn(name, "\n")] = '\0';
    program->name = ps_arena_copy(a, name);
    program->label = ps_arena_format(a, "%s (process %d)", name, (int)pid);
    return add(p, program, a, e);
}

static int auxiliary(const char *text, const char *what, const char *shell, struct ps_arena *a,
                     const struct ps_program **out, struct ps_err *e)
{
    struct ps_program *program = ps_arena_alloc(a, sizeof *program);
    int err = text ? ps_program_of_text(text, what, shell, a, program, e) : 0;

    if (!err && text)
        *out = program;
    return err;
}

int plan_add_programs(struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_program_request *r = &p->request->program;
    int err = 0;

    if (r->attach)
        err = add_process(p, r->attach, a, e);
    else if (r->words)
        err = add_words(p, r, a, e);
    for (size_t i = 0; !err && i < r->text_count; i++)
        err = add_text(p, i, a, e);
    if (!err)
        err = auxiliary(r->prepare, "--prepare", r->shell, a, &p->prepare, e);
    if (!err)
        err = auxiliary(r->cleanup, "--cleanup", r->shell, a, &p->cleanup, e);
    return err;
}

bool plan_takes_threads(const struct ps_plan *p)
{
    for (size_t i = 0; i < p->workload_count; i++) {
        const struct ps_program *program = p->workloads[i].program;

        if (program && (program->takes_threads || program->takes_cpus))
            return true;
    }
    return false;
}
