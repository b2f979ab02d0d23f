#include "attr.h"

#include <stddef.h>

bool ps_attr_hardware(const struct perf_event_attr *attr)
{
    return attr->type != PERF_TYPE_SOFTWARE && attr->type != PERF_TYPE_TRACEPOINT;
}

bool ps_attr_kernel_only(const struct perf_event_attr *attr)
{
    if (attr->type == PERF_TYPE_TRACEPOINT)
        return true;
    return attr->type == PERF_TYPE_SOFTWARE &&
           (attr->config == PERF_COUNT_SW_CONTEXT_SWITCHES ||
            attr->config == PERF_COUNT_SW_CPU_MIGRATIONS ||
            attr->config == 11 /* PERF_COUNT_SW_CGROUP_SWITCHES, Linux 5.13 */);
}

bool ps_attr_clock(const struct perf_event_attr *attr)
{
    return attr->type == PERF_TYPE_SOFTWARE &&
           (attr->config == PERF_COUNT_SW_CPU_CLOCK || attr->config == PERF_COUNT_SW_TASK_CLOCK);
}

/* Cycles and retired instructions by the codes that all CPUs of an architecture share, as names of
 * libpfm4 and raw codes give them. */
static bool always_happens(uint64_t config)
{
#if defined(__aarch64__)
    static const uint64_t codes[] = {0x08 /* INST_RETIRED */, 0x11 /* CPU_CYCLES */};
#elif defined(__x86_64__)
    static const uint64_t codes[] = {0xc0 /* instructions */, 0x1c0 /* INST_RETIRED:PREC_DIST */,
                                     0x3c /* cycles, Intel */, 0x76 /* cycles, AMD */};
#else
    static const uint64_t codes[] = {UINT64_MAX};
#endif

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (config == codes[i])
            return true;
    }
    return false;
}

bool ps_attr_nonzero(const struct perf_event_attr *attr)
{
    const uint32_t generic = (uint32_t)attr->config; /* the upper half is the kind of core */

    if (ps_attr_clock(attr))
        return true;
    if (attr->exclude_user) /* a thread need not have entered the kernel */
        return false;
    if (attr->type == PERF_TYPE_HARDWARE)
        return generic == PERF_COUNT_HW_CPU_CYCLES || generic == PERF_COUNT_HW_INSTRUCTIONS ||
               generic == PERF_COUNT_HW_REF_CPU_CYCLES;
    return (attr->type == PERF_TYPE_RAW || attr->type > PERF_TYPE_BREAKPOINT) &&
           always_happens(attr->config);
}

/* Linux takes the PMU's type in the upper half of a generic event's config (x86: 5.13, arm64: 6.6).
 * The architectural events of arm64 can be named on any kernel. */
void ps_attr_set_kind(struct perf_event_attr *attr, const struct ps_pmu_kind *kind)
{
#if defined(__aarch64__)
    if (attr->type == PERF_TYPE_HARDWARE && attr->config <= PERF_COUNT_HW_INSTRUCTIONS) {
        attr->config = attr->config == PERF_COUNT_HW_INSTRUCTIONS ? 0x08 : 0x11;
        attr->type = kind->type;
        return;
    }
#endif
    attr->config |= (uint64_t)kind->type << 32;
}
