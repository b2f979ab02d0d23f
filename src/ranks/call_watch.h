/* The calls of MPI of a program that is started: what has to be in its environment, and what the
 * library in it saw. */
#ifndef PS_CALL_WATCH_H
#define PS_CALL_WATCH_H

#include "arena.h"
#include "ranks_result.h"

struct ps_call_watch {
    int file;                       /* of the memory; -1: none */
    struct ps_call_page *page;      /* NULL: none */
    const char *reason;             /* why calls are not seen; NULL: they may be */
    const char *const *environment; /* of the program, ends with NULL */
};

/* path: of the program's executable, which says what MPI it has; else the launcher does. Never
 * fails: w->reason says what is missing. */
void ps_call_watch_open(struct ps_call_watch *w, const char *path, const char *launcher,
                        const char *const *environment, struct ps_arena *a);
/* After the program's end, `end_ns` by CLOCK_MONOTONIC. wall, user and system of *r are known. */
void ps_call_watch_read(const struct ps_call_watch *w, uint64_t end_ns, struct ps_rank *r);
void ps_call_watch_close(struct ps_call_watch *w);

#endif
