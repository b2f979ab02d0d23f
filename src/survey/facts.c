#include "facts.h"

void ps_doctor_read(struct ps_arena *a, const char *root, struct ps_host *h, struct ps_tuning *t,
                    struct ps_cpu_times *times, enum ps_pmu_presence *pmu)
{
    ps_host_read(a, root, h);
    ps_tuning_read(a, root, t);
    *times = (struct ps_cpu_times){0};
    ps_cpu_times_read(a, root, times);
    *pmu = ps_pmu_look(ps_arena_format(a, "%s" PS_PMU_SOURCES, root));
}
