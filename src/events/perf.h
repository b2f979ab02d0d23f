/* How this layer talks to the kernel, so that tests can answer in its place. Internal. */
#ifndef PS_PERF_H
#define PS_PERF_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "attr.h"
#include "pmu.h"

#define PS_PARANOID_UNKNOWN INT_MAX

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
    struct ps_pmu_kind kinds[PS_MAX_KINDS]; /* of a hybrid CPU */
    size_t kind_count;                      /* 0 elsewhere */
    double turn;                            /* s between turns of multiplexed events */
};

/* This machine. */
void ps_perf_init(struct ps_perf *p);

/* Opens with the kernel included; where that is forbidden, without it, which sets
 * attr->exclude_kernel. A descriptor or the negative errno of the last attempt. -EACCES for events
 * that can't be had without the kernel. */
int ps_perf_open(const struct ps_perf *p, struct perf_event_attr *attr, int group);

/* What a failed open means, one phrase. */
const char *ps_perf_explain(const struct ps_perf *p, const struct perf_event_attr *attr, int err,
                            struct ps_arena *a);

#endif
