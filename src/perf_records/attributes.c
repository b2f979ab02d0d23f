#include "attributes.h"

#include <time.h>

#include "decode.h"

struct perf_event_attr ps_clock_attr(double period, uint32_t stack_size, bool on_exec, bool kernel)
{
    struct perf_event_attr attr = {
        .size = sizeof attr,
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .sample_period = (uint64_t)(period * 1e9),
        .disabled = 1,
        .inherit = 1,
        .enable_on_exec = on_exec,
        .exclude_kernel = !kernel,
        .exclude_hv = 1,
        .context_switch = 1,
        .task = 1,
        .comm = 1,
        .comm_exec = 1,
        .mmap = 1,
        .mmap2 = 1,
        .use_clockid = 1,
        .clockid = CLOCK_MONOTONIC,
    };

    ps_decode_attr(&attr, stack_size);
    return attr;
}

struct perf_event_attr ps_fault_attr(const struct perf_event_attr *clock, uint64_t period)
{
    struct perf_event_attr attr = *clock;

    attr.config = PERF_COUNT_SW_PAGE_FAULTS;
    attr.sample_period = period;
    attr.context_switch = attr.task = attr.comm = attr.comm_exec = attr.mmap = attr.mmap2 = 0;
    return attr;
}
