#include "comparing.h"

#include <errno.h>

#include "compare.h"
#include "saved.h"
#include "measuring.h"
#include "process.h"
#include "revisions.h"

static struct ps_compare_request request_of(const struct ps_compare_values *v)
{
    return (struct ps_compare_request){
        .metrics = v->metrics.items,
        .metric_count = v->metrics.count,
        .threshold = v->threshold,
        .seed = v->measure.seed,
    };
}

static int write_comparison(struct ps_cli *cli, const struct ps_comparison *c, struct ps_outputs *o,
                            const struct ps_compare_values *v)
{
    const struct ps_report_style style = {.colour = ps_colour_wanted(v->measure.output.colour),
                                          .details = v->measure.output.verbose};
    int status = ps_outputs_write(o, cli, ps_render_comparison, c, &style);

    return status == PS_EXIT_DONE ? ps_judge_comparison(c, v->measure.on_inconclusive) : status;
}

static int choose_outputs(struct ps_cli *cli, const struct ps_compare_values *v,
                          struct ps_outputs *o)
{
    int err = ps_outputs_choose(o, &v->measure.output, &cli->arena, &cli->error);

    if (!err && !o->standard->render_comparison)
        return ps_fail(&cli->error, EINVAL, "comparisons can't be written as %s",
                       o->standard->name);
    for (size_t i = 0; !err && i < o->count; i++)
        if (!o->files[i].format->render_comparison)
            return ps_fail(&cli->error, EINVAL,
                           "can't write '%s': comparisons can't be written as %s", o->files[i].path,
                           o->files[i].format->name);
    return err;
}

/* Results of machines that differ say something else than what changed in the program. */
static int check_hosts(struct ps_cli *cli, const struct ps_comparison *c)
{
    const char *all = "";

    for (size_t i = 0; i < c->difference_count; i++)
        all = ps_arena_format(&cli->arena, "%s%s%s", all, i ? "; " : "", c->differences[i]);
    if (!c->difference_count)
        return 0;
    return ps_fail(&cli->error, EINVAL,
                   "the two were measured on different machines (%s): --force compares them anyway",
                   all);
}

static int compare_loaded(struct ps_cli *cli, const struct ps_compare_values *v,
                          const char *const *paths, struct ps_comparison **c)
{
    struct ps_compare_request q = request_of(v);
    struct ps_result *base, *now;
    int err = ps_compare_check(&q, &cli->error);

    q.base = paths[0];
    q.now = paths[1];
    if (!err)
        err = ps_result_load(q.base, &cli->arena, &base, &cli->error);
    if (!err)
        err = ps_result_load(q.now, &cli->arena, &now, &cli->error);
    if (!err)
        err = ps_compare_results(base, now, &q, &cli->arena, c, &cli->error);
    return !err && !v->force ? check_hosts(cli, *c) : err;
}

int ps_compare_files(struct ps_cli *cli, const struct ps_compare_values *v,
                     const struct ps_parsed *parsed)
{
    struct ps_comparison *c;
    struct ps_outputs outputs;
    int status;

    if (choose_outputs(cli, v, &outputs) < 0 || compare_loaded(cli, v, parsed->operands, &c) < 0 ||
        ps_outputs_open(&outputs, &cli->error) < 0)
        return PS_EXIT_USAGE;
    status = write_comparison(cli, c, &outputs, v);
    ps_outputs_abandon(&outputs);
    return status;
}

/* arg: const struct ps_compare_values * */
static int write_measured(struct ps_cli *cli, const struct ps_result *r, struct ps_outputs *o,
                          const struct ps_report_style *style, const void *arg)
{
    const struct ps_compare_values *v = arg;
    const struct ps_compare_request q = request_of(v);
    struct ps_comparison *c;

    if (ps_compare_programs(r, &q, &cli->arena, &c, &cli->error) < 0)
        return PS_EXIT_FAILED;
    return write_comparison(cli, c, o, v);
}

int ps_compare_commands(struct ps_cli *cli, const struct ps_compare_values *v,
                        const struct ps_parsed *parsed)
{
    const struct ps_measured_report report = {write_measured, v};
    const struct ps_compare_request q = request_of(v);
    struct ps_measure_values measure = v->measure;
    struct ps_outputs outputs;

    if (choose_outputs(cli, v, &outputs) < 0 || ps_compare_check(&q, &cli->error) < 0)
        return PS_EXIT_USAGE;
    measure.compare =
        (struct ps_compare_goal){q.threshold, q.metrics, q.metric_count, v->measure.precision > 0};
    return ps_measure_for(cli, PS_PLAN_COMPARE, &measure, parsed, &report);
}

static int compare_built(struct ps_cli *cli, const struct ps_compare_values *v,
                         const struct ps_parsed *parsed, const struct ps_revisions *r)
{
    const char *const twice[] = {v->measure.commands.items[0], v->measure.commands.items[0]};
    struct ps_compare_values both = *v;

    both.measure.commands = (struct ps_texts){ps_arena_array(&cli->arena, 2, sizeof *twice), 2};
    for (size_t i = 0; i < 2; i++)
        both.measure.commands.items[i] = twice[i];
    both.measure.folders = r->folders;
    both.measure.marks = r->names;
    return ps_compare_commands(cli, &both, parsed);
}

int ps_compare_revisions(struct ps_cli *cli, const struct ps_compare_values *v,
                         const struct ps_parsed *parsed)
{
    const struct ps_compare_request q = request_of(v);
    struct ps_revisions r = {.arena = &cli->arena,
                             .names = {v->base_git, v->new_git ? v->new_git : "HEAD"}};
    struct ps_outputs outputs;
    int status, err;

    if (choose_outputs(cli, v, &outputs) < 0 || ps_compare_check(&q, &cli->error) < 0)
        return PS_EXIT_USAGE;
    r.interrupted = ps_process_catch_interrupts();
    err = ps_revisions_make(&r, v->build, &cli->error);
    if (!err)
        status = compare_built(cli, v, parsed, &r);
    else
        status = err == -EINTR ? ps_cli_interrupted(cli) : PS_EXIT_FAILED;
    ps_revisions_remove(&r);
    return status;
}
