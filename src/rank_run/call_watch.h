/* The calls of MPI of a program that is started: what has to be in its environment, and what the
 * library in it saw. */
#ifndef PS_CALL_WATCH_H
#define PS_CALL_WATCH_H

#include "arena.h"
#include "rank_program.h"
#include "ranks_result.h"
#include "str.h"

struct ps_call_watch {
    struct ps_arena *arena;
    int file;                       /* of the memory; -1: none */
    struct ps_call_page *page;      /* NULL: none */
    const char *reason;             /* why calls are not seen; NULL: they may be */
    bool certain;                   /* they are, as far as the executable says */
    const char *const *environment; /* of the program, ends with NULL */
};

/* Never fails: w->reason says what is missing. */
void ps_call_watch_open(struct ps_call_watch *w, const struct ps_rank_program *p,
                        struct ps_arena *a);
/* After the program's end, `end_ns` by CLOCK_MONOTONIC. rank, size, wall, user and system of *r are
 * known. Adds the order of its calls (call_file.h), where r->calls_reason is NULL. */
void ps_call_watch_read(const struct ps_call_watch *w, uint64_t end_ns, struct ps_rank *r,
                        struct ps_str *calls);
void ps_call_watch_close(struct ps_call_watch *w);

#endif
