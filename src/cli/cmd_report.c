#include <errno.h>

#include "outputs.h"

struct report_values {
    struct ps_texts outputs;
    const char *format;
    unsigned colour;
};

#define FIELD(name) offsetof(struct report_values, name)

static const struct ps_option rows[] = {
    {"output", 'o', PS_OPTION_TEXTS, "FILE",
     "write the result to FILE, in the format of its suffix; may be repeated; - is standard output",
     FIELD(outputs)},
    {"format", 0, PS_OPTION_TEXT, "NAME",
     "what standard output gets: table, json, csv or markdown (default: table)", FIELD(format)},
    {"color", 0, PS_OPTION_CHOICE, "WHEN",
     "colour in the table: auto (on a terminal), always or never; default: auto", FIELD(colour),
     .choices = ps_colour_names},
    {NULL},
};
static const struct ps_option_group group = {"Output", rows};
static const struct ps_option_group *const options[] = {&group, &ps_help_group, NULL};

static int check_operands(const struct ps_parsed *parsed, struct ps_err *e)
{
    if (parsed->operand_count == 0)
        return ps_fail(e, EINVAL, "which result? give the file that 'parscope run -o' wrote");
    return ps_operands_at_most(parsed, 1, e);
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct report_values *v = values;
    struct ps_report_style style = {.colour = ps_colour_wanted(v->colour)};
    struct ps_outputs outputs;
    struct ps_result *result;
    int status;

    if (check_operands(parsed, &cli->error) < 0 ||
        ps_outputs_choose(&outputs, &v->outputs, v->format, &cli->arena, &cli->error) < 0 ||
        ps_result_load(parsed->operands[0], &cli->arena, &result, &cli->error) < 0)
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
    .values_size = sizeof(struct report_values),
    .run = run,
};
