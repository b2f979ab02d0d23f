/* options/: command lines. In come the words of one, and the tables that describe a subcommand and
 * its options (options.h); out go their values, help texts wrapped to 80 columns, and usage errors,
 * all from the same tables.
 *
 * This header: what a subcommand is, and what all of them share. */
#ifndef PS_CLI_H
#define PS_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "exit.h"
#include "options.h"
#include "str.h"
#include "topology.h"

struct ps_command;

struct ps_cli {
    struct ps_arena arena;        /* lives as long as the program */
    struct ps_err error;          /* printed by main where the status is not 0; may stay empty */
    const char *const *arguments; /* the whole command line */
    size_t argument_count;
    const struct ps_command *const *commands; /* all there are; ends with NULL */
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

/* Fails with -ENOENT, naming the nearest command. */
int ps_command_find(struct ps_cli *cli, const char *name, const struct ps_command **command);

/* The group that every command ends with. */
extern const struct ps_option_group ps_help_group;

/* The help of one command, and of the program. */
void ps_help_command(const struct ps_command *c, struct ps_str *out);
void ps_help_program(const struct ps_command *const *commands, struct ps_str *out);
extern const struct ps_option_group *const ps_program_options[];
struct ps_program_values {
    bool version;
};

/* Writes the text to standard output and finishes it; returns an exit status. */
int ps_cli_print(struct ps_cli *cli, struct ps_str *text);
/* The error and the status of a command that a signal ended. */
int ps_cli_interrupted(struct ps_cli *cli);
/* -EINVAL for a description of another machine (HWLOC_SYNTHETIC, HWLOC_XMLFILE). */
int ps_topology_must_be_real(const struct ps_topology *t, struct ps_err *e);
/* Refuses any operand from number `allowed` on, with -EINVAL. */
int ps_operands_at_most(const struct ps_parsed *parsed, size_t allowed, struct ps_err *e);

enum ps_colour { PS_COLOUR_AUTO, PS_COLOUR_ALWAYS, PS_COLOUR_NEVER };
extern const char *const ps_colour_names[];
/* Colour on standard output: on a terminal, unless NO_COLOR is set or TERM is dumb. */
bool ps_colour_wanted(unsigned choice);

#endif
