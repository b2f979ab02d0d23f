/* One CPU's ring: its events, and what was copied out of it and not handed over yet. */
#ifndef PS_CPU_RING_H
#define PS_CPU_RING_H

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PS_RING_PAGES 128 /* a power of two */

struct ps_ring {
    int cpu, fd, faults; /* faults: -1 where there is none */
    uint64_t fault_id;
    struct perf_event_mmap_page *page;
    size_t size;           /* of the ring, without that page; a power of two */
    unsigned char *held;   /* whole records, in the order of the ring */
    size_t used, room;     /* of held */
    uint64_t throttled_at; /* ns; 0: not now */
    uint64_t overflowed;   /* records for which there was no room in held */
};

/* Opens nothing but the events: negative errno. faults: NULL: none. */
int ps_ring_open(struct ps_ring *r, const struct perf_event_attr *clock,
                 const struct perf_event_attr *faults, pid_t pid, int cpu);
/* Maps the ring of `pages` pages. 0 or a negative errno: -EPERM where that much can't be locked. */
int ps_ring_map(struct ps_ring *r, size_t pages);
void ps_ring_unmap(struct ps_ring *r);
void ps_ring_close(struct ps_ring *r);
/* One thread more whose records come into this ring: its event, to be closed, or -errno. */
int ps_ring_join(const struct ps_ring *r, const struct perf_event_attr *clock, pid_t tid);
/* Copies to `held` all that is in the ring, and gives the room back to the kernel. Returns the
 * bytes that there were. */
size_t ps_ring_take(struct ps_ring *r);
/* The held record at `offset` is not needed any more; keep_rest() gives the room of such back. */
void ps_ring_done(struct ps_ring *r, size_t offset);
void ps_ring_keep_rest(struct ps_ring *r);

#endif
