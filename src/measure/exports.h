/* Files of what was observed of programs: --flame. */
#ifndef PS_EXPORTS_H
#define PS_EXPORTS_H

#include "arena.h"
#include "err.h"

struct ps_export_paths {
    const char *flame; /* folded stacks; NULL: not asked for */
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
/* The executions that d is given next go to the files too; called by measuring. head: which point
 * they are of; NULL: there is but one. x may be NULL. */
void ps_exports_begin(struct ps_exports *x, const char *head, struct ps_diagnoser *d);
/* Once all was measured. Fails where nothing was observed: then there are no files. Always to be
 * followed by ps_exports_abandon(). */
int ps_exports_commit(struct ps_exports *x, struct ps_err *e);
/* Leaves no trace of files that were not written. Both accept NULL. */
void ps_exports_abandon(struct ps_exports *x);

#endif
