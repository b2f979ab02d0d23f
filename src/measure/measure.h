/* From a plan to a result: rounds of trials, stopping, samples, models, findings. */
#ifndef PS_MEASURE_H
#define PS_MEASURE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "arena.h"
#include "counters.h"
#include "err.h"
#include "plan.h"
#include "result.h"

/* Shown while measuring; called by the supervisor a few times a second, never during a trial that
 * it could disturb (the supervisor sleeps then). */
struct ps_progress {
    const char *what;     /* "reduce:size=10M steal 2" */
    const char *estimate; /* "4.12 ms ±0.8 %", "" at first */
    size_t round;
    double elapsed, remaining; /* s; remaining is an upper bound */
    bool final;                /* the line is to be wiped */
};
typedef void ps_progress_fn(void *arg, const struct ps_progress *p);

struct ps_measure_hooks {
    const atomic_int
        *interrupted;         /* becomes non-zero on ^C; set by a signal handler. May be NULL */
    ps_progress_fn *progress; /* may be NULL */
    void *progress_arg;
    void (*set_up)(void); /* called once all is set up, or that has failed. May be NULL */
};

/* Measures the plan. Returns 0 with a result; -EINTR with what there is, once interrupted; or a
 * negative errno with the cause in e (a verification that failed names workload, strategy and
 * threads). stuck is set where a trial did not end within half a second of the interrupt: its
 * threads still run, and the program must leave by _exit. */
int ps_measure(const struct ps_plan *plan, const struct ps_measure_hooks *hooks, struct ps_arena *a,
               struct ps_result **result, bool *stuck, struct ps_err *e);

#endif
