/* What all subcommands share: the invocation, exit statuses, standard output. */
#ifndef PS_CLI_H
#define PS_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "options.h"
#include "str.h"

enum ps_exit {
    PS_EXIT_DONE = 0,
    PS_EXIT_FAILED = 1,
    PS_EXIT_USAGE = 2,
    PS_EXIT_CHECK_FAILED = 3,
    PS_EXIT_INCONCLUSIVE = 4,
    PS_EXIT_UNSUPPORTED = 77, /* this machine can't measure that: "skipped" to test harnesses */
    PS_EXIT_INTERRUPTED = 130,
};

struct ps_cli {
    struct ps_arena arena;        /* lives as long as the program */
    struct ps_err error;          /* printed by main where the status is not 0; may stay empty */
    const char *const *arguments; /* the whole command line */
    size_t argument_count;
    bool stuck; /* threads that can't be joined still run: leave by _exit */
};

/* A subcommand. */
struct ps_command {
    const char *name;
    const char *summary;                          /* one phrase, no full stop */
    const char *const *usage;                     /* what follows "parscope NAME"; ends with NULL */
    const char *details;                          /* paragraphs apart by newlines; may be NULL */
    const struct ps_option_group *const *options; /* ends with NULL */
    size_t values_size;                           /* of the struct that the options fill */
    const void *defaults;                         /* of that struct; NULL: zeros */
    /* Returns an exit status. */
    int (*run)(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed);
};

/* Ends with NULL. */
extern const struct ps_command *const ps_commands[];
/* Fails with -ENOENT, naming the nearest command. */
int ps_command_find(const char *name, const struct ps_command **command, struct ps_err *e);

/* "run, sweep and overhead": the commands that have the option, written as --name or -n; NULL where
 * none has. */
const char *ps_commands_with(const char *option, struct ps_arena *a);

/* The group that every command ends with. */
extern const struct ps_option_group ps_help_group;

/* The help of one command, and of the program. */
void ps_help_command(const struct ps_command *c, struct ps_str *out);
void ps_help_program(struct ps_str *out);
extern const struct ps_option_group *const ps_program_options[];
struct ps_program_values {
    bool version;
};

/* The status for an error that the user's input caused, if it is one of those. */
int ps_exit_of(int err);
/* Writes the text to standard output and finishes it; returns an exit status. */
int ps_cli_print(struct ps_cli *cli, struct ps_str *text);
/* Refuses any operand from number `allowed` on, with -EINVAL. */
int ps_operands_at_most(const struct ps_parsed *parsed, size_t allowed, struct ps_err *e);

enum ps_colour { PS_COLOUR_AUTO, PS_COLOUR_ALWAYS, PS_COLOUR_NEVER };
extern const char *const ps_colour_names[];
/* Colour on standard output: on a terminal, unless NO_COLOR is set or TERM is dumb. */
bool ps_colour_wanted(unsigned choice);

#endif
