/* Options as typed tables: parsing, help and checks all come from the rows.
 *
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, flags in one cluster (`-nq`), options
 * after operands, `--` to end them. Names are never abbreviated. Given twice, the last one counts,
 * unless the option is repeatable. */
#ifndef PS_OPTIONS_H
#define PS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "str.h"
#include "text.h"

enum ps_option_kind {
    PS_OPTION_HELP,   /* ends parsing at once; no field */
    PS_OPTION_FLAG,   /* bool */
    PS_OPTION_TEXT,   /* const char * */
    PS_OPTION_TEXTS,  /* struct ps_texts, repeatable */
    PS_OPTION_COUNT,  /* uint64_t */
    PS_OPTION_TIME,   /* double, s */
    PS_OPTION_REAL,   /* double; `5%` is 0.05 */
    PS_OPTION_CHOICE, /* unsigned, index into choices */
};

/* A table of rows ends with one whose name is NULL. */
struct ps_option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    enum ps_option_kind kind;
    const char *argument; /* "LIST"; NULL for HELP and FLAG */
    const char *help;     /* one phrase, no full stop; {choices} in it: "a, b or c" */
    size_t offset;        /* of the field in the command's values */
    uint64_t count_low, count_high;
    double low, high;           /* of TIME and REAL */
    const char *const *choices; /* of CHOICE, and of TEXT for its help; ends with NULL */
};

/* A group goes on under the title of the one before where it has the same. */
struct ps_option_group {
    const char *title;
    const struct ps_option *rows;
    size_t base; /* of what the rows' offsets are relative to, within the command's values */
};

struct ps_parsed {
    bool help; /* asked for; nothing else is valid then */
    const char **operands;
    size_t operand_count;
    size_t plain_count; /* operands before a `--`, or all without one */
    bool dashes;        /* there was a `--` */
    size_t used; /* arguments consumed; less than given only where parsing stops at an operand */
};

enum ps_operands { PS_OPERANDS_ANYWHERE, PS_OPERANDS_STOP };

/* Whose tables an unknown option is looked up in: "it is an option of run and sweep". */
struct ps_option_owner {
    const char *name; /* NULL: ends a list */
    const struct ps_option_group *const *groups;
};

struct ps_command_line {
    const struct ps_option_group *const *groups; /* a list of pointers that ends with NULL */
    const char *const *arguments;
    size_t count;
    enum ps_operands operands;
    const struct ps_option_owner *owners; /* NULL: none */
};

/* values: the struct that offsets refer to, filled with the defaults; only to be used after
 * success. Fails with -EINVAL, -ENOENT or -ERANGE. */
int ps_options_parse(const struct ps_command_line *line, struct ps_arena *a, void *values,
                     struct ps_parsed *parsed, struct ps_err *e);

/* The option part of a help text, 80 columns. */
void ps_options_help(const struct ps_option_group *const *groups, struct ps_str *out);

/* Checks the tables themselves: names and letters unique, help and arguments present, fields inside
 * the values, ranges and choices where the kind needs them. 0 or -EINVAL with the first flaw. */
int ps_options_check(const struct ps_option_group *const *groups, size_t values_size,
                     struct ps_err *e);

bool ps_option_takes_argument(const struct ps_option *o);

#endif
