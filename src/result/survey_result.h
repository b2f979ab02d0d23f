/* What `parscope doctor` and `parscope topo --probe` found. All memory belongs to an arena. NaN
 * stands for "not known" (null in JSON). SI units but for round trips, which are in ns. */
#ifndef PS_SURVEY_RESULT_H
#define PS_SURVEY_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

#define PS_DOCTOR_SCHEMA "parscope-doctor/1"
#define PS_TOPO_SCHEMA   "parscope-topo/1"

enum ps_health {
    PS_HEALTH_OK,
    PS_HEALTH_LIMITED, /* something can be measured less well than it might be */
    PS_HEALTH_MISSING,
    PS_HEALTH_UNKNOWN, /* the system does not say */
    PS_HEALTH_NOTE,    /* neither good nor bad */
};
const char *ps_health_name(enum ps_health h);

struct ps_doctor_line {
    const char *id; /* "nmi-watchdog": what --require takes */
    enum ps_health health;
    const char *text;
    const char *remedy; /* NULL: none needed or known */
};

/* What the probes saw on one CPU. */
struct ps_doctor_cpu {
    int cpu;
    size_t looks, clocks; /* probes, and those whose chains agreed */
    double hz, hz_low, hz_high;
    double spread;                              /* of the chains, median over looks, relative */
    double neighbour, neighbour_low, now, best; /* index: median, lowest, last, highest */
    size_t crowded; /* looks whose index was below PS_NEIGHBOUR_BUSY of the best */
};
#define PS_NEIGHBOUR_BUSY 0.85

struct ps_doctor {
    struct ps_arena *arena;
    const char *version, *started; /* RFC 3339 */
    double elapsed, watch;         /* s; watch 0: not asked for */
    bool interrupted;
    const char *cpu_model, *kernel, *virtualization;
    struct ps_doctor_line *lines;
    size_t line_count;
    struct ps_doctor_cpu *cpus;
    size_t cpu_count;
    double open_cost, enable_cost, read_cost; /* of the group of default events */
    double pmu_ratio;                         /* the probe's clock over the PMU's */
};

enum ps_pair_answer {
    PS_PAIR_INCONCLUSIVE,
    PS_PAIR_NO_EVIDENCE,
    PS_PAIR_SHARE_CORE,
    PS_PAIR_TAKE_TURNS, /* one CPU, be it ours or the hypervisor's, runs both in turn */
};
/* "inconclusive", "no evidence of sharing", "share a core", "take turns on one CPU" */
const char *ps_pair_answer_name(enum ps_pair_answer a);

/* Throughput of two threads at once over the sum of each alone, with its 95 % interval. */
struct ps_pair_ratio {
    double value, low, high;
};

struct ps_pair_kernel {
    const char *id, *what;                /* what: one phrase */
    bool saturating;                      /* false: the control */
    struct ps_pair_ratio by_cpu, by_wall; /* rates per second of CPU time (the median of rounds),
                                             of wall time (of all rounds together) */
    double at_once, alone; /* CPUs that both got together, and that each got alone, at most */
    size_t rounds, kept;   /* kept: both threads ran, and at once */
};

#define PS_PAIR_KERNELS 4

struct ps_pair {
    int first, second;
    bool siblings;     /* the topology shows them as one core's */
    bool control;      /* a check of the method, not a question */
    double round_trip; /* ns, best of batches; NaN */
    struct ps_pair_kernel kernels[PS_PAIR_KERNELS];
    size_t kernel_count;
    enum ps_pair_answer answer;
    const char *why; /* one phrase, from the arena or static */
};

/* CPUs that are nearer to one another than to the rest. */
struct ps_cluster_level {
    double within;   /* ns, the longest round trip that had to be bridged inside a group */
    double beyond;   /* ns, the shortest from a group to another one */
    unsigned *group; /* of each CPU, numbered in their order */
    unsigned groups;
    const char *same_as; /* "cores", "L3 caches", ... of the topology; NULL: none of those */
};

struct ps_probe {
    struct ps_arena *arena;
    double elapsed, max_time;
    bool interrupted;
    int *cpus;
    size_t cpu_count;
    float *trips; /* ns, NaN: not measured; of ps_trip_index */
    size_t trips_measured;
    struct ps_cluster_level *levels;
    size_t level_count;
    struct ps_pair *pairs;
    size_t pair_count, pairs_left; /* left: that should have been tested too, had there been time */
    bool siblings_shown;           /* a pair of siblings was among those tested */
};

/* Where the pair i, j (different) of n CPUs stands in a triangle without its diagonal. */
static inline size_t ps_trip_index(size_t n, size_t i, size_t j)
{
    const size_t low = i < j ? i : j, high = i < j ? j : i;

    return low * (2 * n - low - 1) / 2 + (high - low - 1);
}

struct ps_topo_cpu {
    int cpu;
    unsigned core, package, node, l3;
    const char *kind;
};

struct ps_topo {
    struct ps_arena *arena;
    const char *source;
    bool real;
    unsigned cores, packages, nodes, threads_per_core, machine_cpus;
    struct ps_topo_cpu *cpus;
    size_t cpu_count;
    const struct ps_probe *probe; /* NULL: not asked for */
    const char *overview;         /* what people read about the machine, without the probe */
};

#endif
