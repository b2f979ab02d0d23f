/* Loading one plug-in; internal to this layer. */
#ifndef PS_PLUGIN_H
#define PS_PLUGIN_H

#include <parscope/plugin.h>

#include "arena.h"
#include "err.h"

struct ps_plugin {
    const char *file; /* as the user gave it */
    void *handle;     /* equal for the same file under two names */
    const struct parscope_plugin *abi;
};

/* Loads the file for as long as the program lives, and looks at its ABI alone. Only that file: a
 * name without a slash is one of the current folder. -ENOENT or -EINVAL. */
int ps_plugin_load(const char *file, struct ps_arena *a, struct ps_plugin *p, struct ps_err *e);

#endif
