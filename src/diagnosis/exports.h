/* Files of what was observed of programs: --flame, --timeline. */
#ifndef PS_EXPORTS_H
#define PS_EXPORTS_H

#include <stdbool.h>

#include "arena.h"
#include "err.h"

struct ps_export_paths {
    const char *flame, *timeline; /* NULL: not asked for */
};

struct ps_exports;

/* Checks that every file can be written. *x: NULL where none is asked for. */
int ps_exports_open(const struct ps_export_paths *paths, struct ps_arena *a, struct ps_exports **x,
                    struct ps_err *e);
/* `others` and the files that were made and may have to be removed at a crash; both lists end with
 * NULL. */
const char *const *ps_exports_temporaries(const struct ps_exports *x, const char *const *others,
                                          struct ps_arena *a);
struct ps_diagnoser;
struct ps_observer;
/* The executions that d is given next are of one point, whose stacks all go to --flame; called by
 * measuring. label: the point; several: there are others. x may be NULL, here and below. */
void ps_exports_begin(struct ps_exports *x, const char *label, bool several,
                      struct ps_diagnoser *d);
/* Before an execution, the first of each point of which goes to --timeline. */
void ps_exports_watch(struct ps_exports *x, struct ps_observer *o);
/* Once all was measured. Fails where nothing was observed: then there are no files. *note: a
 * sentence on what is not in them; NULL: none. Always to be followed by ps_exports_abandon(). */
int ps_exports_commit(struct ps_exports *x, const char **note, struct ps_err *e);
/* Leaves no trace of files that were not written. Both accept NULL. */
void ps_exports_abandon(struct ps_exports *x);

#endif
