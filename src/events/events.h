/* events/: what can be counted. In come names of events: the report's own, and those of libpfm4;
 * out go attributes for perf_event_open(), behind calls that tests can replace (perf.h), and what
 * the kernel's files say of its PMUs (pmu.h).
 *
 * This header: the names. libpfm4 is for one thread at a time, and needs some ms at its first use.
 */
#ifndef PS_EVENTS_H
#define PS_EVENTS_H

#include "err.h"

struct perf_event_attr;

enum { PS_LEVEL_USER = 1, PS_LEVEL_KERNEL = 2 };

struct ps_event_default {
    const char *name; /* metric id */
    unsigned type;    /* PERF_TYPE_* */
    unsigned long config;
};
#define PS_DEFAULT_EVENTS 6
extern const struct ps_event_default ps_event_defaults[PS_DEFAULT_EVENTS];

/* The attributes that a default metric id or a libpfm4 name stands for; levels: of hardware events
 * whose names don't say. -ENOENT for an unknown name, -EINVAL for one that can't be counted for a
 * thread. */
int ps_event_resolve(const char *name, unsigned levels, struct perf_event_attr *attr,
                     struct ps_err *e);
/* Checks a name without opening anything: 0 or -ENOENT with the nearest known name. */
int ps_event_check(const char *name, struct ps_err *e);

/* For `list events`: calls back with each name that libpfm4 knows for this CPU and the generic
 * ones; present tells whether the kernel takes it here (tried for the generic ones only; else -1).
 */
typedef void ps_event_fn(void *arg, const char *name, const char *description, int present);
int ps_events_each(ps_event_fn *f, void *arg, struct ps_err *e);

#endif
