/* libpfm4, loaded when an event is looked up that isn't one of the defaults: its tables are 40,000
 * pointers, and to relocate them takes half of a short start. A function that is called is one row.
 * For one thread at a time. */
#ifndef PS_LIBPFM_H
#define PS_LIBPFM_H

#include <perfmon/pfmlib_perf_event.h>

#include "err.h"

#define PS_LIBPFM_ROWS(ROW)        \
    ROW(pfm_get_event_info)        \
    ROW(pfm_get_event_next)        \
    ROW(pfm_get_os_event_encoding) \
    ROW(pfm_get_pmu_info)          \
    ROW(pfm_initialize)            \
    ROW(pfm_strerror)

#define PS_LIBPFM_MEMBER(name) __typeof__(name) *name;
struct ps_libpfm {
    PS_LIBPFM_ROWS(PS_LIBPFM_MEMBER)
};

/* Loads and initialises it, once and for good. -ENOTSUP, with a text: it is not there; -EIO: it
 * fails. */
int ps_libpfm_load(struct ps_err *e);
/* After it was loaded. */
const struct ps_libpfm *ps_libpfm(void);

#endif
