/* The plan: every point that will be measured, checked and complete before anything runs. */
#ifndef PS_PLAN_H
#define PS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <parscope/workload.h>

#include "arena.h"
#include "err.h"
#include "host.h"
#include "spec.h"
#include "strategy.h"
#include "threads.h"
#include "topology.h"

#define PS_MAX_POINTS    100000
#define PS_MAX_CPU_LISTS (64u << 20) /* entries of all points' CPU lists together */

/* What the command line asks for, as text where it has a grammar. */
struct ps_request {
    const char *command;          /* "run" or "sweep" */
    const char *const *arguments; /* whole command line, for the record */
    size_t argument_count;
    const char *const *workloads; /* specs, each may hold several separated by commas */
    size_t workload_count;
    const char *strategies;    /* NULL: the command's default */
    const char *threads;       /* NULL: the command's default */
    const char *placement;     /* NULL: "spread"; may list several: "spread,compact" */
    const char *cpus;          /* --cpus, NULL: none */
    const char *const *events; /* -e, each as given */
    size_t event_count;
    uint64_t seed;
    double precision; /* relative half-width, default 0.01 */
    double max_time;  /* s, default 30 */
    uint64_t runs;    /* rounds exactly; 0: until precise */
    uint64_t warmup;  /* executions of each point before the first round; default 1 */
    double gap;       /* s of idleness before each execution */
    const char *fake; /* script, or NULL */
};

struct ps_plan_workload {
    const struct parscope_workload *ops;
    struct ps_bound *bound;
    struct parscope_size size;
    unsigned slots; /* most workers of any of its points */
};

struct ps_plan_point {
    size_t workload; /* index into plan->workloads */
    const struct ps_strategy *strategy;
    struct ps_bound *options;
    unsigned threads;
    enum ps_placement placement;
    int *cpus;              /* one per thread, -1: not pinned */
    unsigned distinct_cpus; /* that the threads share, and no more than the cgroup's quota */
    bool baseline;
};

struct ps_plan {
    const struct ps_request *request;
    const struct ps_topology *topology;
    struct ps_host host;
    struct ps_fake *fake; /* NULL: measure */
    struct ps_plan_workload *workloads;
    size_t workload_count;
    struct ps_plan_point *points; /* grouped by workload, its baseline first */
    size_t point_count;
    const char **events; /* of -e, split */
    size_t event_count;
    bool no_events;       /* -e none */
    const char **skipped; /* sentences: pairs of workload and strategy that can't be, and why */
    size_t skipped_count;
};

/* Builds the plan or says what is wrong with the request (-EINVAL, -ENOENT, -ERANGE, -E2BIG:
 * usage). dry: synthetic topologies are allowed. */
int ps_plan_build(const struct ps_request *request, bool dry, struct ps_arena *a,
                  struct ps_plan **plan, struct ps_err *e);

#endif
