/* Frames that are not the program's own: of libraries of the system, and of a language's, which
 * compilers put into the program itself. What a thread in them waits for is told by their names.
 * Internal to this layer. */
#ifndef PS_LIBRARY_H
#define PS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "symbols.h"

enum waits_for {
    WAITS_UNKNOWN,
    WAITS_JOIN,    /* the end of a thread */
    WAITS_BARRIER, /* all others, at a barrier */
    WAITS_SIGNAL,  /* a condition variable, a semaphore, a value */
    WAITS_LOCK,
    WAITS_INTERPRETER, /* the lock of an interpreter */
    WAITS_PIECES,      /* the next piece of a loop */
    WAITS_TASK,        /* the end of tasks */
    WAITS_TASKS,       /* nothing: makes a task */
    WAITS_TURN,        /* nothing: gives its CPU away */
    WAITS_ORDER,       /* its turn in a part that is done in the order of a loop */
};

enum library_kind {
    LIBRARY_NONE, /* the program's own */
    LIBRARY_SYSTEM,
    LIBRARY_RUNTIME, /* of parallel regions or tasks; what runs in it is not work */
    LIBRARY_INLINE,  /* of a language, in the program's own module */
};
enum library_kind library_of(const struct ps_frame *f);

/* The innermost frame is in a runtime, or in what that calls of the system, `own` frames below one
 * of the program; its clock and its queries are work of who asks for them. */
bool library_in_runtime(const struct ps_frame *frames, size_t own);
/* By the frames that lie within libraries, `count` of them, innermost first; own: the one of the
 * program that called them, NULL: not known. */
enum waits_for library_waits(const struct ps_frame *frames, size_t count,
                             const struct ps_frame *own);
/* One of the innermost frames is where HotSpot waits for a monitor of Java's ("synchronized"),
 * spinning or asleep. */
bool library_in_monitor(const struct ps_frame *frames, size_t count);
/* It does nothing but call the kernel: what samples lie in are moments before and after that. */
bool library_calls_kernel(const struct ps_frame *f);
/* The innermost frame does nothing but wait. */
bool library_spins(const struct ps_frame *f);

#endif
