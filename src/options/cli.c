#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "names.h"
#include "process.h"

const char *const ps_colour_names[] = {"auto", "always", "never", NULL};

bool ps_colour_wanted(unsigned choice)
{
    const char *no_colour = getenv("NO_COLOR");

    if (choice != PS_COLOUR_AUTO)
        return choice == PS_COLOUR_ALWAYS;
    return isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]) && !ps_terminal_is_dumb();
}

/* A reader that closes the pipe has seen enough: no message, but no success either. */
int ps_cli_print(struct ps_cli *cli, struct ps_str *text)
{
    int err = text->failed ? -ENOMEM : ps_write_all(STDOUT_FILENO, ps_str_text(text), text->length);

    ps_str_finish(text);
    if (err < 0 && err != -EPIPE)
        ps_fail(&cli->error, -err, "can't write to standard output: %s", strerror(-err));
    return err < 0 ? PS_EXIT_FAILED : PS_EXIT_DONE;
}

int ps_cli_interrupted(struct ps_cli *cli)
{
    ps_fail(&cli->error, EINTR, "interrupted");
    return PS_EXIT_INTERRUPTED;
}

int ps_topology_must_be_real(const struct ps_topology *t, struct ps_err *e)
{
    return t->real ? 0 : ps_fail(e, EINVAL, "nothing can be measured in %s", t->source);
}

int ps_operands_at_most(const struct ps_parsed *parsed, size_t allowed, struct ps_err *e)
{
    if (parsed->operand_count <= allowed)
        return 0;
    return ps_fail(e, EINVAL, "unexpected argument '%s'", parsed->operands[allowed]);
}

int ps_command_find(struct ps_cli *cli, const char *name, const struct ps_command **command)
{
    const char **names = NULL;
    size_t i = 0;

    for (; cli->commands[i]; i++) {
        if (!strcmp(cli->commands[i]->name, name)) {
            *command = cli->commands[i];
            return 0;
        }
        names = ps_arena_grow(&cli->arena, names, i, sizeof *names);
        names[i] = cli->commands[i]->name;
    }
    return ps_unknown("command", name, names, i, NULL, &cli->error);
}
