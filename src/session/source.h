/* Sources of raw values: what is read before and after the timed part of each trial, outside its
 * interval, by the process that runs it. A source is one file below source/ that ends with its
 * const descriptor, and is named in a row of result/metrics.def, whose columns it fills.
 * Internal to this layer. */
#ifndef PS_SOURCE_H
#define PS_SOURCE_H

#include "session.h"

struct source {
    /* Before the first timed part of a target. shared: one for all targets of the process, NULL at
     * first. NULL: there is nothing to read for this target. Memory from s->arena. */
    void *(*open)(struct session *s, struct target *t, void **shared);
    void (*begin)(void *state);
    /* executions: that the values are divided by; NaN: nothing was done. raw: columns of the round,
     * those of the trial itself are filled already. */
    void (*end)(void *state, double executions, double *raw);
    void (*close)(void *shared); /* NULL: nothing to do */
};

void sources_begin(struct session *s, struct target *t);
void sources_end(struct target *t, double *raw, double executions);
void sources_close(struct session *s);

#endif
