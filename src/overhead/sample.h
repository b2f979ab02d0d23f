/* A sample in a process of its own. Internal to this layer. */
#ifndef PS_SAMPLE_H
#define PS_SAMPLE_H

#include <stdatomic.h>

#include "parts.h"

/* Forks, measures the part there, and waits for the end of that process. 0; -EINTR where
 * *interrupted was set; else -errno with the reason in the error, also where the process crashed or
 * did not end in time. interrupted may be NULL. */
int sample_take(const struct bench *bench, const struct part *p, const atomic_int *interrupted,
                struct sample *out, struct ps_err *e);

#endif
