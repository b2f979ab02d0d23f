/* How a cause is told. Internal to this layer. */
#ifndef PS_CAUSE_WORDS_H
#define PS_CAUSE_WORDS_H

#include "diagnosis_result.h"

/* Beyond enum ps_loss_kind: CPU time that only the parallel version takes. */
enum cause_kind {
    MORE_CPU = PS_LOSS_KINDS,
    ATOMICS,
    LINES,
    FAULTS,
    MORE_KERNEL,
    SLEEP_AND_WAKE,
    NEW_THREADS,
    SMALL_STEPS,
    MADE_ONCE,
    GARBAGE,
    MONITOR,
    REPEATED,
    KINDS
};

/* "HEAD: WHAT f (x.c:1): 0.5 of 2 cores lost. MEND" */
struct cause_words {
    const char *head, *what, *mend; /* mend: NULL where it depends on more than the kind */
};
extern const struct cause_words cause_words[KINDS];

/* A text without names, which speaks of threads: of processes where those do the work. */
const char *cause_units(struct ps_arena *a, const char *text, bool processes);

#endif
