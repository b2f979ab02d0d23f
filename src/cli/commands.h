/* cli/: the program as its user sees it. In comes the command line: main.c finds the subcommand in
 * the table of commands.c (list.def), options/ fills the values that its tables of options
 * describe, and its run function (cmd_NAME.c) makes a request of them: of a plan to measure, an
 * overhead, a survey, a saved result. Out go the result, rendered to standard output and to files
 * (outputs/), progress and errors on standard error, and the exit status. */
#ifndef PS_COMMANDS_H
#define PS_COMMANDS_H

#include "cli.h"

/* The table of list.def, which only main and tests name: others get it by struct ps_cli. Ends with
 * NULL. */
extern const struct ps_command *const ps_commands[];

#endif
