/* measure/: trials in rounds. Comes in: a plan, and rules that say when to stop. Goes out: the
 * table of raw samples. In between are a session (session/), and trials of its targets in the way
 * of their kind: workload_trials/, program_trials/, and fake_trial.c for samples from a script. */
#ifndef PS_MEASURE_H
#define PS_MEASURE_H

#include <stdbool.h>

#include "arena.h"
#include "err.h"
#include "hooks.h"
#include "plan.h"
#include "samples.h"

/* Asked between rounds; what they judge is analysis, which measuring does not do itself. */
struct ps_stop_rules {
    /* All headline intervals are narrow enough. */
    bool (*precise)(const struct ps_samples *s);
    /* Where they are not: the points that they are about, with what those refer to; focus: one per
     * series, set where rounds must go on. NULL: they go on for all. */
    void (*open)(const struct ps_samples *s, bool *focus);
    /* By how much the widest of them is too wide, as a factor; infinity while there is none. For
     * the time left, which people watch. */
    double (*too_wide)(const struct ps_samples *s);
    /* The points that checks are about; focus: one per series, set where a check is. */
    void (*checked)(const struct ps_samples *s, bool *focus);
    /* Rounds can still decide a check; focus: one per series, set where the check needs it. */
    bool (*checks_open)(const struct ps_samples *s, bool *focus);
};

struct ps_measured {
    struct ps_samples *samples;
    bool stuck; /* a trial did not end within half a second of the interrupt: its threads still run,
                   and the program must leave by _exit */
};

/* Measures the plan. Returns 0 with the samples; -EINTR with what there is, once interrupted; or a
 * negative errno with the cause in e (a verification that failed names workload, strategy and
 * threads): with samples where complete rounds are worth reporting all the same, else they are
 * NULL. */
int ps_measure(const struct ps_plan *plan, const struct ps_stop_rules *stop,
               const struct ps_measure_hooks *hooks, struct ps_arena *a, struct ps_measured *m,
               struct ps_err *e);

#endif
