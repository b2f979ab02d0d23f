/* Reading a counter in user space, by the page that the kernel keeps for its event. Internal. */
#ifndef PS_PAGE_H
#define PS_PAGE_H

#include "perf.h"

/* One counter by its page, as linux/perf_event.h describes it. */
struct ps_page_sample {
    uint64_t value, enabled, running;
};
/* False where the counter can't be read this way now: not permitted, or not on the PMU. */
bool ps_page_read(const struct ps_perf *p, const volatile struct perf_event_mmap_page *page,
                  /* One counter by its page, as linux/perf_event.h describes it. */
                  struct ps_page_sample *out);
/* Whether events of the calling thread such as this one have pages that permit it. */
bool ps_page_permits(const struct ps_perf *p, const struct perf_event_attr *attr);

#endif
