/* The performance monitoring units (PMUs) of the CPU cores, as /sys shows them. */
#ifndef PS_PMU_H
#define PS_PMU_H

#include <stddef.h>

#define PS_PMU_SOURCES "/sys/bus/event_source/devices"

enum ps_pmu_presence {
    PS_PMU_UNKNOWN,
    PS_PMU_NONE,
    PS_PMU_PRESENT,
    PS_PMU_HYBRID, /* several, each for one kind of core */
};

#define PS_MAX_KINDS 6
/* One kind of CPU core. */
struct ps_pmu_kind {
    char name[32]; /* "cpu_core" */
    unsigned type; /* of its events */
};

/* The presence of a PMU of CPU cores among the event sources in `path`. */
enum ps_pmu_presence ps_pmu_look(const char *path);
/* Those PMUs, the last name first: cpu_core before cpu_atom. */
size_t ps_pmu_kinds(const char *path, struct ps_pmu_kind kinds[PS_MAX_KINDS]);
/* s between turns of multiplexed events on that PMU. */
double ps_pmu_turn(const char *path, const struct ps_pmu_kind *kind);

/* A number from low to high at the start of a file, or `otherwise`. */
long ps_pmu_number(const char *path, long low, long high, long otherwise);

#endif
