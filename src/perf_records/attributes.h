/* What is asked of the events. */
#ifndef PS_ATTRIBUTES_H
#define PS_ATTRIBUTES_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

/* period: s; stack_size: bytes with each sample; on_exec: that enables it; kernel: with samples in
 * it. */
struct perf_event_attr ps_clock_attr(double period, uint32_t stack_size, bool on_exec, bool kernel);
struct perf_event_attr ps_fault_attr(const struct perf_event_attr *clock, uint64_t period);

#endif
