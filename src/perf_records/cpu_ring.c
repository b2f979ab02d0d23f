#include "cpu_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_event(const struct perf_event_attr *attr, pid_t pid, int cpu)
{
    struct perf_event_attr copy = *attr;
    long fd = syscall(SYS_perf_event_open, &copy, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

    return fd < 0 ? -errno : (int)fd;
}

/* Without page faults it does as well. */
static void open_faults(struct ps_ring *r, const struct perf_event_attr *attr, pid_t pid)
{
    r->faults = attr ? open_event(attr, pid, r->cpu) : -1;
    if (r->faults >= 0 && ioctl(r->faults, PERF_EVENT_IOC_ID, &r->fault_id) < 0) {
        close(r->faults);
        r->faults = -1;
    }
}

int ps_ring_open(struct ps_ring *r, const struct perf_event_attr *clock,
                 const struct perf_event_attr *faults, pid_t pid, int cpu)
{
    *r = (struct ps_ring){.cpu = cpu, .faults = -1};
    r->fd = open_event(clock, pid, cpu);
    if (r->fd < 0)
        return r->fd;
    open_faults(r, faults, pid);
    return 0;
}

int ps_ring_map(struct ps_ring *r, size_t pages)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *p = mmap(NULL, (pages + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);

    if (p == MAP_FAILED)
        return -errno;
    r->page = p;
    r->size = pages * page;
    r->room = 2 * r->size;
    r->held = malloc(r->room);
    if (!r->held)
        return -ENOMEM;
    if (r->faults >= 0 && ioctl(r->faults, PERF_EVENT_IOC_SET_OUTPUT, r->fd) < 0) {
        close(r->faults);
        r->faults = -1;
        r->fault_id = 0;
    }
    return 0;
}

int ps_ring_join(const struct ps_ring *r, const struct perf_event_attr *clock, pid_t tid)
{
    const int fd = open_event(clock, tid, r->cpu);
    int err;

    if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, r->fd) == 0)
        return fd;
    err = -errno;
    close(fd);
    return err;
}

void ps_ring_unmap(struct ps_ring *r)
{
    if (r->page)
        munmap(r->page, r->size + (size_t)sysconf(_SC_PAGESIZE));
    free(r->held);
    r->page = NULL;
    r->held = NULL;
}

void ps_ring_close(struct ps_ring *r)
{
    ps_ring_unmap(r);
    if (r->faults >= 0)
        close(r->faults);
    if (r->fd >= 0)
        close(r->fd);
}

static void copy_out(const struct ps_ring *r, uint64_t from, void *to, size_t size)
{
    const unsigned char *data = (unsigned char *)r->page + r->page->data_offset;
    const size_t at = from & (r->size - 1), before_end = r->size - at;

    memcpy(to, data + at, size < before_end ? size : before_end);
    if (size > before_end)
        memcpy((unsigned char *)to + before_end, data, size - before_end);
}

/* Whole records only: the kernel moves its head past complete ones. */
size_t ps_ring_take(struct ps_ring *r)
{
    const uint64_t head = __atomic_load_n(&r->page->data_head, __ATOMIC_ACQUIRE);
    const uint64_t tail = r->page->data_tail;
    const size_t size = head - tail <= r->size ? (size_t)(head - tail) : r->size;

    if (size <= r->room - r->used) {
        copy_out(r, head - size, r->held + r->used, size);
        r->used += size;
    } else {
        r->overflowed++;
    }
    __atomic_store_n(&r->page->data_tail, head, __ATOMIC_RELEASE);
    return size;
}

/* No record is of type 0. */
void ps_ring_done(struct ps_ring *r, size_t offset)
{
    const uint32_t type = 0;

    memcpy(r->held + offset + offsetof(struct perf_event_header, type), &type, sizeof type);
}

void ps_ring_keep_rest(struct ps_ring *r)
{
    struct perf_event_header header;
    size_t kept = 0;

    for (size_t at = 0; at < r->used; at += header.size) {
        memcpy(&header, r->held + at, sizeof header);
        if (!header.type)
            continue;
        memmove(r->held + kept, r->held + at, header.size);
        kept += header.size;
    }
    r->used = kept;
}
