#include <errno.h>

#include "column_names.h"
#include "saved.h"
#include "survey_outputs.h"

static const struct ps_option_group output_group = {"Output", ps_output_rows};
static const struct ps_option_group verbose_group = {"Output", ps_verbose_rows};
static const struct ps_option_group colour_group = {"Output", ps_colour_rows};
static const struct ps_option_group *const options[] = {&output_group, &verbose_group,
                                                        &colour_group, &ps_help_group, NULL};

static int check_operands(const struct ps_parsed *parsed, const struct ps_output_values *v,
                          struct ps_err *e)
{
    if (parsed->operand_count == 0)
        return ps_fail(e, EINVAL, "no result given: name a file that 'parscope run -o' wrote");
    if (parsed->operand_count > 1 && v->columns)
        return ps_fail(e, EINVAL, "--columns needs a single result");
    if (parsed->operand_count > 1 && v->plot)
        return ps_fail(e, EINVAL,
                       "--plot needs a single result; -o FILE.html shows the curves of several");
    return 0;
}

/* Of all metrics in the file, known ones or not. */
static int choose_columns(const char *list, const struct ps_result *r, struct ps_arena *a,
                          const char *const **columns, struct ps_err *e)
{
    struct ps_texts ids = {NULL, 0};

    if (!list)
        return 0;
    for (size_t i = 0; i < r->point_count; i++)
        for (size_t k = 0; k < r->points[i].metric_count; k++) {
            ids.items = ps_arena_grow(a, ids.items, ids.count, sizeof *ids.items);
            ids.items[ids.count++] = r->points[i].metrics[k].id;
        }
    return ps_columns_choose(list, &ids, a, columns, e);
}

static bool renders_several(const struct ps_format *f)
{
    return f->render_results;
}

static int load(const struct ps_parsed *parsed, struct ps_arena *a, struct ps_results *all,
                struct ps_err *e)
{
    const char **names = ps_result_names(parsed->operands, parsed->operand_count, a);
    int err = 0;

    *all = (struct ps_results){a, ps_arena_array(a, parsed->operand_count, sizeof *all->items)};
    for (; !err && all->count < parsed->operand_count; all->count++) {
        struct ps_result *r;

        err = ps_result_load(parsed->operands[all->count], a, &r, e);
        if (!err)
            all->items[all->count] = (struct ps_named_result){names[all->count], r};
    }
    return err;
}

static int write(struct ps_cli *cli, struct ps_outputs *o, const struct ps_results *all,
                 const struct ps_report_style *style)
{
    if (ps_outputs_open(o, &cli->error) < 0)
        return PS_EXIT_USAGE;
    return all->count == 1 ? ps_outputs_write(o, cli, ps_render_result, all->items[0].r, style)
                           : ps_outputs_write(o, cli, ps_render_results, all, style);
}

/* Of `parscope sweep --ranks`. */
static int report_ranks(struct ps_cli *cli, const char *path, const struct ps_output_values *v)
{
    const struct ps_report_style style = ps_style_of(v);
    struct ps_rank_sweep *s;
    struct ps_outputs outputs;
    int status;

    if (v->columns || v->plot)
        return ps_exit_of(ps_fail(&cli->error, EINVAL, "%s is not for a sweep over ranks",
                                  v->columns ? "--columns" : "--plot"));
    if (ps_rank_sweep_outputs_choose(&outputs, v, cli) < 0 ||
        ps_rank_sweep_load(path, &cli->arena, &s, &cli->error) < 0)
        return PS_EXIT_USAGE;
    status = ps_outputs_open(&outputs, &cli->error) < 0
                 ? PS_EXIT_USAGE
                 : ps_outputs_write(&outputs, cli, ps_render_rank_sweep, s, &style);
    ps_outputs_abandon(&outputs);
    return status;
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct ps_output_values *v = values;
    struct ps_report_style style = ps_style_of(v);
    struct ps_outputs outputs;
    struct ps_results all;
    int status;

    if (ps_columns_asked_for_help(v))
        return ps_columns_show(cli);
    if (parsed->operand_count == 1 && ps_rank_sweep_is_saved(parsed->operands[0]))
        return report_ranks(cli, parsed->operands[0], v);
    if (check_operands(parsed, v, &cli->error) < 0 ||
        ps_outputs_choose(&outputs, v, &cli->arena, &cli->error) < 0 ||
        (parsed->operand_count > 1 &&
         ps_outputs_check(&outputs, renders_several, "several results", &cli->error) < 0) ||
        load(parsed, &cli->arena, &all, &cli->error) < 0 ||
        choose_columns(v->columns, all.items[0].r, &cli->arena, &style.columns, &cli->error) < 0)
        return PS_EXIT_USAGE;
    status = write(cli, &outputs, &all, &style);
    ps_outputs_abandon(&outputs);
    return status;
}

static const char *const usage[] = {"[options] FILE.json...", NULL};

const struct ps_command ps_command_report = {
    .name = "report",
    .summary = "show saved results again",
    .usage = usage,
    .details = "Prints the same text as the run that wrote the file. With several files, it shows "
               "their figures side by side, and -o FILE.html draws their curves in one chart.\n"
               "\n"
               "Examples: parscope report reduce.json -o reduce.html\n"
               "          parscope report old.json new.json -o both.html",
    .options = options,
    .values_size = sizeof(struct ps_output_values),
    .run = run,
};
