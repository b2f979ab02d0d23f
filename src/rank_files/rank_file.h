/* What one rank writes: a line of JSON, of at most PS_RANK_LINE bytes. A file has one such line or
 * more: those of the ranks of a node may be put together with cat(1). */
#ifndef PS_RANK_FILE_H
#define PS_RANK_FILE_H

#include "arena.h"
#include "err.h"
#include "interned.h"
#include "ranks_result.h"
#include "str.h"

#define PS_RANK_LINE   ((size_t)64 << 10)
#define PS_RANK_SUFFIX ".rank"
#define PS_RANK_NAMES  ((size_t)64 << 20) /* bytes of all nodes' and commands' names */

/* What is the same for all ranks of a run. */
struct ps_rank_run {
    const char *version, *launcher, *command;
    const char *run; /* NULL: nothing names it */
};

/* Adds the line. -ENOMEM. */
int ps_rank_write(const struct ps_rank_run *run, const struct ps_rank *r, struct ps_str *out,
                  struct ps_err *e);
/* A text that is not trusted, and the file that it comes from. */
struct ps_rank_line {
    const char *file, *text;
    size_t length;
};
/* Texts of *r and *run are kept in `names`. -EINVAL: it is no such line, with where and why. */
int ps_rank_read(const struct ps_rank_line *line, struct ps_interned *names,
                 struct ps_rank_run *run, struct ps_rank *r, struct ps_err *e);

#endif
