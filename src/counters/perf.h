/* How this layer talks to the kernel, so that tests can answer in its place. Internal. */
#ifndef PS_PERF_H
#define PS_PERF_H

#include <limits.h>
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* libpfm4's copy of the kernel's header: the two can't be included together. */
#include <perfmon/perf_event.h>

#include "counters.h"

#define PS_PARANOID_UNKNOWN INT_MAX
#define PS_PERF_SOURCES     "/sys/bus/event_source/devices"

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

/* The page that tells how to read an event's counter without a system call, or NULL. */
typedef const volatile struct perf_event_mmap_page *ps_perf_map_fn(void *arg, int fd);
typedef void ps_perf_unmap_fn(void *arg, const volatile struct perf_event_mmap_page *page);
/* The counter of that number (rdpmc), and the time stamp counter. */
typedef uint64_t ps_perf_counter_fn(void *arg, unsigned number);
typedef uint64_t ps_perf_stamp_fn(void *arg);

#define PS_MAX_KINDS 6
/* One kind of CPU core. */
struct ps_perf_kind {
    char name[32]; /* "cpu_core" */
    unsigned type; /* of its events */
};

struct ps_perf {
    ps_perf_open_fn *open;
    ps_perf_start_fn *start;
    ps_perf_read_fn *read;
    void *arg;
    int paranoid; /* perf_event_paranoid, or PS_PARANOID_UNKNOWN */
    enum ps_pmu_presence pmu;
    bool virtual_machine; /* known to be one; false says nothing */
    ps_perf_map_fn *map;  /* NULL, with the three after it: only system calls read */
    ps_perf_unmap_fn *unmap;
    ps_perf_counter_fn *counter;
    ps_perf_stamp_fn *stamp;
    struct ps_perf_kind kinds[PS_MAX_KINDS]; /* of a hybrid CPU */
    size_t kind_count;                       /* 0 elsewhere */
    double turn;                             /* s between turns of multiplexed events */
};

/* This machine. */
void ps_perf_init(struct ps_perf *p);
/* The presence of a PMU of CPU cores among the event sources in `path`. */
enum ps_pmu_presence ps_perf_look_for_pmu(const char *path);
/* Those PMUs, by name. */
size_t ps_perf_find_kinds(const char *path, struct ps_perf_kind kinds[PS_MAX_KINDS]);
/* A generic event as it is counted on one kind of core. */
void ps_perf_set_kind(struct perf_event_attr *attr, const struct ps_perf_kind *kind);

bool ps_perf_hardware(const struct perf_event_attr *attr);

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

/* The attributes that a default metric id or a libpfm4 name stands for; levels: of hardware events
 * whose names don't say. -ENOENT for an unknown name, -EINVAL for one that can't be counted for a
 * thread. */
int ps_event_resolve(const char *name, unsigned levels, struct perf_event_attr *attr,
                     struct ps_err *e);

struct ps_event_default {
    const char *name; /* metric id */
    unsigned type;    /* PERF_TYPE_* */
    unsigned long config;
};
#define PS_DEFAULT_EVENTS 6
extern const struct ps_event_default ps_event_defaults[PS_DEFAULT_EVENTS];

/* Events that are scheduled together, a group of the kernel's. */
struct ps_event_set {
    size_t first, count; /* of order */
    bool pinned;         /* always on the PMU, or an error */
    bool hardware;       /* all of them */
};

#define PS_ANY_KIND      (-1)
#define PS_WISH_DEFAULT  0u
#define PS_WISH_ANYWHERE (~0u)

struct ps_counters {
    struct ps_perf perf;
    struct ps_event events[PS_MAX_EVENTS];
    struct perf_event_attr attrs[PS_MAX_EVENTS]; /* not of totals */
    unsigned wish[PS_MAX_EVENTS];                /* braces that it stood in, or PS_WISH_* */
    int kind[PS_MAX_EVENTS];                     /* of perf.kinds, or PS_ANY_KIND */
    size_t count;
    size_t order[PS_MAX_EVENTS]; /* events in the order they are opened in, set by set */
    size_t open_count;           /* of order; 0: nothing can be counted */
    struct ps_event_set sets[PS_MAX_EVENTS];
    size_t set_count;
    ptrdiff_t reference[PS_MAX_KINDS]; /* event whose running time is that on the kind, or -1 */
    ptrdiff_t witness;  /* one of them: its enabled time is what all kinds together cover; or -1 */
    bool apart;         /* software events of the report are in a set of their own, the first */
    bool user_reads;    /* counters are read without system calls where their pages say so */
    bool rotating;      /* not all sets are on the PMU at once */
    ptrdiff_t switches; /* position of context_switches in order where exact, else -1 */
    const char *diagnosis;
    const char **warnings;
    size_t warning_count;
};

/* compose.c: opens all events on the calling thread, decides which are scheduled together, and
 * leaves out what can't be opened. */
void ps_compose(struct ps_counters *c, struct ps_arena *a);
/* Why event i, which could not be opened, is missing; or how it is counted. */
void ps_event_set_missing(struct ps_event *event, const char *reason);

/* Makes sums of several kinds of cores from what each counted. Idempotent. */
void ps_counts_settle(const struct ps_counters *c, struct ps_counts *counts);

/* cost.c: whether the sets are seen to take turns on the PMU. */
bool ps_counters_seen_rotating(const struct ps_counters *c);

/* page.c: one counter by its page, as linux/perf_event.h describes it. */
struct ps_page_sample {
    uint64_t value, enabled, running;
};
/* False where the counter can't be read this way now: not permitted, or not on the PMU. */
bool ps_page_read(const struct ps_perf *p, const volatile struct perf_event_mmap_page *page,
                  struct ps_page_sample *out);
/* Whether events of the calling thread such as this one have pages that permit it. */
bool ps_page_permits(const struct ps_perf *p, const struct perf_event_attr *attr);

int ps_counters_open_with(const struct ps_perf *perf, struct ps_arena *a,
                          const struct ps_event_request *request, struct ps_counters **c,
                          struct ps_err *e);

#endif
