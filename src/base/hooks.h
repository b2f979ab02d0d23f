/* What long work calls, and listens to, while it goes on: measuring, and whoever waits for it. */
#ifndef PS_MEASURE_HOOKS_H
#define PS_MEASURE_HOOKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Shown while measuring; called by the supervisor a few times a second, never during a trial that
 * it could disturb (the supervisor sleeps then). */
struct ps_progress {
    const char *what;          /* "reduce:size=10M steal 2" */
    const char *estimate;      /* "4.12 ms ±0.8%", "" at first */
    size_t round, rounds;      /* rounds: how many were asked for; 0: until it is precise */
    double elapsed, remaining; /* s */
    bool at_most;              /* remaining is an upper bound, not an estimate */
    bool final;                /* the line is to be wiped */
};
typedef void ps_progress_fn(void *arg, const struct ps_progress *p);

struct ps_exports;

struct ps_measure_hooks {
    const atomic_int
        *interrupted;         /* becomes non-zero on ^C; set by a signal handler. May be NULL */
    ps_progress_fn *progress; /* may be NULL */
    void *progress_arg;
    void (*set_up)(void);       /* called once all is set up, or that has failed. May be NULL */
    struct ps_exports *exports; /* of observed executions, see exports.h; NULL: none */
    void (*notice)(const char *text); /* a sentence for whoever waits. May be NULL */
};

#endif
