/* Where the executable of a command is. Internal to this layer. */
#ifndef PS_EXECUTABLE_H
#define PS_EXECUTABLE_H

#include "arena.h"
#include "err.h"

/* As execvp finds it, in PATH or where the name says; folder: that a relative path is within, NULL:
 * ours. found is relative to it. -ENOEXEC: "can't run 'foo': there is no such command in PATH" or
 * "can't run './foo': Permission denied". */
int ps_executable_find(const char *name, const char *folder, struct ps_arena *a, const char **found,
                       struct ps_err *e);

#endif
