/* Two revisions of the repository that we are in, each checked out in a git worktree of its own,
 * and built. */
#ifndef PS_REVISIONS_H
#define PS_REVISIONS_H

#include <stdatomic.h>

#include "arena.h"
#include "err.h"

enum { PS_REVISION_BASE, PS_REVISION_NOW, PS_REVISIONS };

struct ps_revisions {
    struct ps_arena *arena;
    const atomic_int *interrupted;   /* from where on nothing is begun, and what runs is ended */
    const char *names[PS_REVISIONS]; /* as given: "v1.2", "HEAD" */
    const char
        *folders[PS_REVISIONS]; /* where their programs run: that of ours, within the worktree */
    const char *worktrees[PS_REVISIONS]; /* NULL: not made */
    const char *top;                     /* that holds both; NULL: not made */
};

/* r: with names, arena and interrupted. build: run by sh -c in each folder, its output on standard
 * error; NULL: nothing is built. What has been made is noted in r, also on failure; -EINTR once
 * interrupted. */
int ps_revisions_make(struct ps_revisions *r, const char *build, struct ps_err *e);
/* Whatever was made of it. */
void ps_revisions_remove(struct ps_revisions *r);

#endif
