#include <errno.h>

#include "column_names.h"
#include "json.h"
#include "outputs.h"

static const struct ps_option_group output_group = {"Output", ps_output_rows};
static const struct ps_option_group verbose_group = {"Output", ps_verbose_rows};
static const struct ps_option_group colour_group = {"Output", ps_colour_rows};
static const struct ps_option_group *const options[] = {&output_group, &verbose_group,
                                                        &colour_group, &ps_help_group, NULL};

static int check_operands(const struct ps_parsed *parsed, struct ps_err *e)
{
    if (parsed->operand_count == 0)
        return ps_fail(e, EINVAL, "no result given: name the file that 'parscope run -o' wrote");
    return ps_operands_at_most(parsed, 1, e);
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

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct ps_output_values *v = values;
    struct ps_report_style style = ps_style_of(v);
    struct ps_outputs outputs;
    struct ps_result *result;
    int status;

    if (ps_columns_asked_for_help(v))
        return ps_columns_show(cli);
    if (check_operands(parsed, &cli->error) < 0 ||
        ps_outputs_choose(&outputs, v, &cli->arena, &cli->error) < 0 ||
        ps_result_load(parsed->operands[0], &cli->arena, &result, &cli->error) < 0 ||
        choose_columns(v->columns, result, &cli->arena, &style.columns, &cli->error) < 0)
        return PS_EXIT_USAGE;
    if (ps_outputs_open(&outputs, &cli->error) < 0)
        status = PS_EXIT_USAGE;
    else
        status = ps_outputs_write(&outputs, cli, ps_render_result, result, &style);
    ps_outputs_abandon(&outputs);
    return status;
}

static const char *const usage[] = {"[options] FILE.json", NULL};

const struct ps_command ps_command_report = {
    .name = "report",
    .summary = "render a saved result again",
    .usage = usage,
    .details = "Prints the same text as the run that wrote the file.",
    .options = options,
    .values_size = sizeof(struct ps_output_values),
    .run = run,
};
