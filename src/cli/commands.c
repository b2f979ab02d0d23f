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

#define PS_ROW(name) #name,
static const char *const names[] = {
#include "list.def"
};
#undef PS_ROW

int ps_command_find(const char *name, const struct ps_command **command, struct ps_err *e)
{
    for (size_t i = 0; ps_commands[i]; i++) {
        if (strcmp(ps_commands[i]->name, name) == 0) {
            *command = ps_commands[i];
            return 0;
        }
    }
    return ps_unknown("command", name, names, sizeof names / sizeof *names, NULL, e);
}
