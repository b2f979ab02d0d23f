#include "page.h"

#include <stdatomic.h>
#include <unistd.h>

typedef const volatile struct perf_event_mmap_page page_type;

/* Counters have `width` bits, and count up to where their sign changes: to 64 bits with the sign.
 */
static uint64_t widen(uint64_t counter, unsigned width)
{
    const unsigned unused = 64 - width;

    return (uint64_t)((int64_t)(counter << unused) >> unused);
}

/* ns since the kernel wrote the page's times: stamp * mult >> shift, without losing the upper bits
 * of the product. */
static uint64_t elapsed(page_type *page, uint64_t stamp)
{
    const unsigned shift = page->time_shift;
    const uint64_t mult = page->time_mult, whole = stamp >> shift;
    const uint64_t rest = stamp & ((UINT64_C(1) << shift) - 1);

    return page->time_offset + whole * mult + ((rest * mult) >> shift);
}

static bool permits(page_type *page)
{
    return page->cap_bit0_is_deprecated && page->cap_usr_rdpmc && page->cap_user_time &&
           page->pmc_width > 0 && page->pmc_width <= 64 && page->time_shift < 64;
}

/*
 * The kernel changes the page only on the CPU that this thread runs on, in an interrupt or a
 * switch, and raises `lock` before and after: it suffices that the compiler keeps the order, and
 * that all is read again when `lock` changed. The index is one more than the counter's number, 0
 * while the event is off the PMU; the times of the page go on only then when a system call asks, so
 * that this is left to one.
 */
bool ps_page_read(const struct ps_perf *p, page_type *page, struct ps_page_sample *out)
{
    struct ps_page_sample s;
    uint32_t seen;

    do {
        uint32_t index;
        uint64_t since;

        seen = page->lock;
        atomic_signal_fence(memory_order_seq_cst);
        index = page->index;
        if (!permits(page) || index == 0)
            return false;
        since = elapsed(page, p->stamp(p->arg));
        s.enabled = page->time_enabled + since;
        s.running = page->time_running + since;
        s.value = (uint64_t)page->offset + widen(p->counter(p->arg, index - 1), page->pmc_width);
        atomic_signal_fence(memory_order_seq_cst);
    } while (page->lock != seen);
    *out = s;
    return true;
}

bool ps_page_permits(const struct ps_perf *p, const struct perf_event_attr *attr)
{
    struct perf_event_attr copy = *attr;
    page_type *page;
    bool permitted;
    int fd;

    if (!p->map || !ps_attr_hardware(attr))
        return false;
    fd = ps_perf_open(p, &copy, -1);
    if (fd < 0)
        return false;
    page = p->map(p->arg, fd);
    permitted = page && permits(page);
    if (page)
        p->unmap(p->arg, page);
    close(fd);
    return permitted;
}
