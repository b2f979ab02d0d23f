#include <errno.h>
#include <string.h>

#include "cli.h"
#include "names.h"

#define PS_ROW(name) extern const struct ps_command ps_command_##name;
#include "list.def"
#undef PS_ROW

#define PS_ROW(name) &ps_command_##name,
const struct ps_command *const ps_commands[] = {
#include "list.def"
    NULL};
#undef PS_ROW

#define COMMANDS (sizeof ps_commands / sizeof *ps_commands - 1)

int ps_command_find(const char *name, const struct ps_command **command, struct ps_err *e)
{
    const char *names[COMMANDS];

    for (size_t i = 0; i < COMMANDS; i++) {
        names[i] = ps_commands[i]->name;
        if (!strcmp(ps_commands[i]->name, name)) {
            *command = ps_commands[i];
            return 0;
        }
    }
    return ps_unknown("command", name, names, COMMANDS, NULL, e);
}

static bool has_option(const struct ps_command *c, const char *option)
{
    if (option[1] != '-')
        return ps_option_letter(c->options, option[1]);
    return ps_option_find(c->options, option + 2, strlen(option + 2));
}

const char *ps_commands_with(const char *option, struct ps_arena *a)
{
    const char *names[COMMANDS], *list = NULL;
    size_t count = 0;

    for (size_t i = 0; i < COMMANDS; i++)
        if (has_option(ps_commands[i], option))
            names[count++] = ps_commands[i]->name;
    for (size_t i = 0; i < count; i++)
        list = i ? ps_arena_format(a, "%s%s%s", list, i + 1 < count ? ", " : " and ", names[i])
                 : names[i];
    return list;
}
