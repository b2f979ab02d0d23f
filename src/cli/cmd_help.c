#include "cli.h"

static const struct ps_option_group *const options[] = {&ps_help_group, NULL};

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct ps_command *command;
    struct ps_str text = PS_STR_INIT;
    int err = ps_operands_at_most(parsed, 1, &cli->error);

    if (err == 0 && parsed->operand_count == 1)
        err = ps_command_find(cli, parsed->operands[0], &command);
    if (err < 0)
        return ps_exit_of(err);
    if (parsed->operand_count == 1)
        ps_help_command(command, &text);
    else
        ps_help_program(cli->commands, &text);
    return ps_cli_print(cli, &text);
}

static const char *const usage[] = {"[COMMAND]", NULL};

const struct ps_command ps_command_help = {
    .name = "help",
    .summary = "show the help of parscope or of a command",
    .usage = usage,
    .options = options,
    .run = run,
};
