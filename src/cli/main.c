#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "process.h"
#include "text.h"

static void say(const char *text)
{
    ps_write_all(STDERR_FILENO, text, strlen(text));
}

static void out_of_memory(void)
{
    say("parscope: out of memory\n");
    _exit(PS_EXIT_FAILED);
}

/* Arguments are in it, and what programs said, whose lines stay lines. */
static void add_clean(struct ps_str *out, struct ps_arena *a, const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n\t");

        ps_str_add(out, ps_text_clean(a, ps_arena_format(a, "%.*s", (int)length, text)));
        ps_str_addn(out, text + length, text[length] != '\0');
        text += length + (text[length] != '\0');
    }
}

/* "parscope run: CAUSE", and where to look it up if the command line was at fault. */
static void complain(struct ps_cli *cli, const struct ps_command *command, int status)
{
    const char *space = command ? " " : "", *name = command ? command->name : "";
    struct ps_str text = PS_STR_INIT;

    if (status == PS_EXIT_DONE || !cli->error.text[0])
        return;
    ps_str_addf(&text, "parscope%s%s: ", space, name);
    add_clean(&text, &cli->arena, cli->error.text);
    ps_str_add(&text, "\n");
    if (status == PS_EXIT_USAGE)
        ps_str_addf(&text, "see 'parscope%s%s -h'\n", space, name);
    say(ps_str_text(&text));
    ps_str_finish(&text);
}

static const struct ps_option_owner *owners(struct ps_cli *cli)
{
    struct ps_option_owner *list;
    size_t count = 0;

    while (cli->commands[count])
        count++;
    list = ps_arena_array(&cli->arena, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct ps_option_owner){cli->commands[i]->name, cli->commands[i]->options};
    return list;
}

/* first: of the arguments, the one after the command's name. */
static int run_command(struct ps_cli *cli, const struct ps_command *command, size_t first)
{
    const struct ps_command_line line = {
        .groups = command->options,
        .arguments = cli->arguments + first,
        .count = cli->argument_count - first,
        .owners = owners(cli),
    };
    void *values = ps_arena_alloc(&cli->arena, command->values_size);
    struct ps_str help = PS_STR_INIT;
    struct ps_parsed parsed;
    int err;

    if (command->defaults)
        memcpy(values, command->defaults, command->values_size);
    err = ps_options_parse(&line, &cli->arena, values, &parsed, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    if (!parsed.help)
        return command->run(cli, values, &parsed);
    ps_help_command(command, &help);
    return ps_cli_print(cli, &help);
}

static int show_program_help(struct ps_cli *cli)
{
    struct ps_str text = PS_STR_INIT;

    ps_help_program(cli->commands, &text);
    return ps_cli_print(cli, &text);
}

static int show_version(struct ps_cli *cli)
{
    struct ps_str text = PS_STR_INIT;

    ps_str_add(&text, "parscope " PS_VERSION "\n");
    return ps_cli_print(cli, &text);
}

static int refuse_no_command(const struct ps_cli *cli)
{
    struct ps_str text = PS_STR_INIT;

    ps_help_program(cli->commands, &text);
    say(ps_str_text(&text));
    ps_str_finish(&text);
    return PS_EXIT_USAGE;
}

static int dispatch(struct ps_cli *cli, const struct ps_command **command)
{
    const struct ps_command_line line = {
        .groups = ps_program_options,
        .arguments = cli->arguments + 1,
        .count = cli->argument_count - 1,
        .operands = PS_OPERANDS_STOP,
        .owners = owners(cli),
    };
    struct ps_program_values values = {0};
    struct ps_parsed parsed;
    int err = ps_options_parse(&line, &cli->arena, &values, &parsed, &cli->error);

    if (err < 0)
        return ps_exit_of(err);
    if (parsed.help)
        return show_program_help(cli);
    if (values.version)
        return show_version(cli);
    if (parsed.operand_count == 0)
        return refuse_no_command(cli);
    err = ps_command_find(cli, parsed.operands[0], command);
    if (err < 0)
        return ps_exit_of(err);
    return run_command(cli, *command, 1 + parsed.used);
}

int main(int argc, char **argv)
{
    struct ps_cli cli = {.arguments = (const char *const *)argv,
                         .argument_count = (size_t)argc,
                         .commands = ps_commands};
    const struct ps_command *command = NULL;
    int status;

    if (argc < 1)
        return PS_EXIT_USAGE;
    ps_process_prepare();
    ps_arena_init(&cli.arena, out_of_memory);
    status = dispatch(&cli, &command);
    complain(&cli, command, status);
    if (cli.stuck)
        _exit(status);
    ps_arena_finish(&cli.arena);
    return status;
}
