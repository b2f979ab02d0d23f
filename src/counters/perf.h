/* How this layer talks to the kernel, so that tests can answer in its place. Internal. */
#ifndef PS_PERF_H
#define PS_PERF_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* libpfm4's copy of the kernel's header: the two can't be included together. */
#include <perfmon/perf_event.h>

#include "counters.h"

#define PS_PARANOID_UNKNOWN INT_MAX

enum ps_pmu_presence {
    PS_PMU_UNKNOWN,
    PS_PMU_NONE,
    PS_PMU_PRESENT,
    PS_PMU_HYBRID, /* several, each for one kind of core */
};

/* A file descriptor or a negative errno; an event of the calling thread on any CPU, close-on-exec.
 * group: descriptor of the leader, or -1. */
typedef int ps_perf_open_fn(void *arg, struct perf_event_attr *attr, int group);
/* Starts a group whose leader was opened disabled. 0 or a negative errno. */
typedef int ps_perf_start_fn(void *arg, int leader);
/* As read(2), but a negative errno on failure. */
typedef ssize_t ps_perf_read_fn(void *arg, int fd, void *buffer, size_t size);

struct ps_perf {
    ps_perf_open_fn *open;
    ps_perf_start_fn *start;
    ps_perf_read_fn *read;
    void *arg;
    int paranoid; /* perf_event_paranoid, or PS_PARANOID_UNKNOWN */
    enum ps_pmu_presence pmu;
    bool virtual_machine; /* known to be one; false says nothing */
};

/* This machine. */
void ps_perf_init(struct ps_perf *p);
/* The presence of a PMU of CPU cores among the event sources in `path`. */
enum ps_pmu_presence ps_perf_look_for_pmu(const char *path);

/* Whether the event fires only inside the kernel: with exclude_kernel it silently counts 0. */
bool ps_perf_kernel_only(const struct perf_event_attr *attr);
/* Whether it is a clock of the scheduler, which runs inside the kernel too, with exclude_kernel or
 * not. */
bool ps_perf_clock(const struct perf_event_attr *attr);
/* Whether a thread that ran at all can't have counted 0. */
bool ps_perf_nonzero(const struct perf_event_attr *attr);

/* Opens with the kernel included; where that is forbidden, without it, which sets
 * attr->exclude_kernel. A descriptor or the negative errno of the last attempt. -EACCES for events
 * that can't be had without the kernel. */
int ps_perf_open(const struct ps_perf *p, struct perf_event_attr *attr, int group);

/* What a failed open means, one phrase. */
const char *ps_perf_explain(const struct ps_perf *p, const struct perf_event_attr *attr, int err,
                            struct ps_arena *a);

/* The attributes that a default metric id or a libpfm4 name stands for. -ENOENT for an unknown
 * name, -EINVAL for one that can't be counted for a thread. */
int ps_event_resolve(const char *name, struct perf_event_attr *attr, struct ps_err *e);

struct ps_event_default {
    const char *name; /* metric id */
    unsigned type;    /* PERF_TYPE_* */
    unsigned long config;
};
#define PS_DEFAULT_EVENTS 6
extern const struct ps_event_default ps_event_defaults[PS_DEFAULT_EVENTS];

struct ps_counters {
    struct ps_perf perf;
    struct ps_event events[PS_MAX_EVENTS];
    struct perf_event_attr attrs[PS_MAX_EVENTS];
    size_t count;
    size_t order[PS_MAX_EVENTS]; /* events in the order they are opened and read in */
    size_t open_count;           /* of order; 0: nothing can be counted */
    ptrdiff_t switches;          /* position of context_switches in order where exact, else -1 */
    const char *diagnosis;
};

int ps_counters_open_with(const struct ps_perf *perf, struct ps_arena *a, const char *const *extra,
                          size_t extra_count, bool none, struct ps_counters **c, struct ps_err *e);

#endif
