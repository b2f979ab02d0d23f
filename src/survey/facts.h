/* What the lines of `parscope doctor` are made from. */
#ifndef PS_FACTS_H
#define PS_FACTS_H

#include "arena.h"
#include "cost.h"
#include "cpu_times.h"
#include "host.h"
#include "pmu.h"
#include "topology.h"
#include "tuning.h"

struct ps_doctor_facts {
    const struct ps_host *host;
    const struct ps_tuning *tuning;
    const struct ps_topology *topology;
    const struct ps_cpu_times *before, *after; /* a moment apart; NULL: not known */
    double throttled;                          /* s, since the cgroup began */
    const struct ps_counters *counters;
    enum ps_pmu_presence pmu;
    struct ps_counter_costs costs;
    double pmu_ratio;
};

/* What files below `root` say; "" on a real machine. */
void ps_doctor_read(struct ps_arena *a, const char *root, struct ps_host *h, struct ps_tuning *t,
                    struct ps_cpu_times *times, enum ps_pmu_presence *pmu);

#endif
