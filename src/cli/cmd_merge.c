#include <errno.h>

#include "join.h"
#include "survey_outputs.h"

struct merge_values {
    struct ps_output_values output;
};

#define FIELD(name) offsetof(struct merge_values, name)

static const struct ps_option verbose_rows[] = {
    {"verbose", 'v', PS_OPTION_FLAG, NULL, "show all nodes, and all files that were left out",
     FIELD(output.verbose)},
    {NULL},
};

static const struct ps_option_group output_group = {"Output", ps_survey_output_rows, FIELD(output)};
static const struct ps_option_group verbose_group = {"Output", verbose_rows};
static const struct ps_option_group *const options[] = {&output_group, &verbose_group,
                                                        &ps_help_group, NULL};

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct merge_values *v = values;
    const struct ps_report_style style = {.details = v->output.verbose};
    struct ps_outputs outputs;
    struct ps_ranks *r;
    int status, err;

    if (!parsed->operand_count)
        return ps_exit_of(ps_fail(&cli->error, EINVAL,
                                  "nothing to merge: name the folder that 'parscope rank' wrote "
                                  "to, or files"));
    err = ps_ranks_outputs_choose(&outputs, &v->output, cli);
    if (!err)
        err = ps_ranks_merge(parsed->operands, parsed->operand_count, &cli->arena, &r, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    status = ps_outputs_open(&outputs, &cli->error) < 0
                 ? PS_EXIT_USAGE
                 : ps_outputs_write(&outputs, cli, ps_render_ranks, r, &style);
    ps_outputs_abandon(&outputs);
    return status;
}

static const char *const usage[] = {"[options] DIR|FILE...", NULL};

const struct ps_command ps_command_merge = {
    .name = "merge",
    .summary = "join the files of many ranks into one result",
    .usage = usage,
    .details =
        "Reads what 'parscope rank' wrote, one file a rank or several put together with cat, and "
        "shows POP's metrics over the ranks: parallel efficiency is load balance times "
        "communication efficiency. Files that are cut off, twice there or of another run are left "
        "out, and named.\n"
        "\n"
        "Examples: parscope merge parscope-ranks\n"
        "          parscope merge node1.rank node2.rank -o run.json",
    .options = options,
    .values_size = sizeof(struct merge_values),
    .run = run,
};
