#include "rings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "decode.h"
#include "merge.h"
#include "attributes.h"
#include "cpu_ring.h"
#include "existing.h"
#include "ticks.h"
#include "what_mends.h"

#define SLACK_NS    1000000 /* a record that another CPU has begun to write may be that late */
#define MOST_STACK  32768
#define ONLINE_FILE "/sys/devices/system/cpu/online"
#define DRIFT                                                                          \
    0.006 /* of the sampling period: too little to matter for what a sample stands for \
           */

/*
 * When the kernel switches between a task and its child, whose events are all inherited, it swaps
 * their contexts, as they are the same. The process that starts commands would so get its child's
 * events for its own, which are enabled by no exec any more. An event that is not inherited makes
 * the contexts differ: `twin`, which never counts.
 */
struct ps_rings {
    struct ps_ring *rings;
    size_t count;
    int twin;
    int *others; /* events of further threads of a process that runs already */
    size_t other_count;
    bool kernel;
    double fullest, period;
    struct ps_decode decode;
    struct ps_merge order;
    uint64_t last;            /* ns: the last that was handed over */
    ps_rings_end_fn *ask_end; /* NULL: nobody wants to know ends */
    uint64_t told_end;        /* ns, by the caller; 0: not yet */
};

static struct perf_event_attr clock_attr(const struct ps_rings_request *q, bool kernel)
{
    return ps_clock_attr(q->period, q->stack_size, !q->running, kernel);
}

static int open_twin(const struct perf_event_attr *clock, pid_t pid)
{
    struct perf_event_attr attr = {
        .size = sizeof attr,
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .disabled = 1,
        .exclude_kernel = clock->exclude_kernel,
        .exclude_hv = 1,
    };
    long fd = syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);

    return fd < 0 ? -errno : (int)fd;
}

/* ---- opening ---- */

/* Samples of neighbouring CPUs drift past each other: then each moment of what repeats is met. */
static struct perf_event_attr drifting(struct perf_event_attr clock, size_t ring)
{
    const double by = ring % 2 ? DRIFT : -DRIFT;

    clock.sample_period = (uint64_t)((double)clock.sample_period * (1 + by));
    return clock;
}

static int add_ring(struct ps_rings *r, const struct ps_rings_request *q, int cpu)
{
    const struct perf_event_attr clock = drifting(clock_attr(q, r->kernel), r->count);
    const struct perf_event_attr faults = ps_fault_attr(&clock, q->faults);
    struct ps_ring *larger = realloc(r->rings, (r->count + 1) * sizeof *larger);
    int err;

    if (!larger)
        return -ENOMEM;
    r->rings = larger;
    err = ps_ring_open(&r->rings[r->count], &clock, q->faults ? &faults : NULL, q->pid, cpu);
    if (err == 0)
        r->count++;
    return err == -ENODEV ? 0 : err; /* went offline just now */
}

static int add_range(struct ps_rings *r, const struct ps_rings_request *q, int from, int to)
{
    for (int cpu = from; cpu <= to; cpu++) {
        int err = add_ring(r, q, cpu);

        if (err < 0)
            return err;
    }
    return 0;
}

/* "0-3,8": without the file those that there may be, as one that is offline gives -ENODEV. */
static int add_rings(struct ps_rings *r, const struct ps_rings_request *q)
{
    FILE *f = fopen(ONLINE_FILE, "re");
    int from, to, err = 0;

    if (!f)
        return add_range(r, q, 0, (int)sysconf(_SC_NPROCESSORS_CONF) - 1);
    while (err == 0 && fscanf(f, "%d", &from) == 1) {
        if (fscanf(f, "-%d", &to) != 1)
            to = from;
        err = add_range(r, q, from, to);
        if (getc(f) != ',')
            break;
    }
    fclose(f);
    return err;
}

static void close_events(struct ps_rings *r)
{
    while (r->other_count > 0)
        close(r->others[--r->other_count]);
    while (r->count > 0)
        ps_ring_close(&r->rings[--r->count]);
    if (r->twin >= 0)
        close(r->twin);
    r->twin = -1;
}

static int open_events(struct ps_rings *r, const struct ps_rings_request *q, bool kernel)
{
    const struct perf_event_attr clock = clock_attr(q, kernel);
    int err;

    r->kernel = kernel;
    r->twin = open_twin(&clock, q->pid);
    err = r->twin < 0 ? r->twin : add_rings(r, q);
    if (err == 0 && !r->count)
        err = -ENODEV;
    if (err < 0)
        close_events(r);
    return err;
}

static int map_all(struct ps_rings *r, size_t pages)
{
    for (size_t i = 0; i < r->count; i++) {
        int err = ps_ring_map(&r->rings[i], pages);

        if (err < 0) {
            for (size_t k = 0; k <= i; k++)
                ps_ring_unmap(&r->rings[k]);
            return err;
        }
    }
    return 0;
}

/* A user has one allowance, perf_event_mlock_kb for each CPU: who takes all of it leaves nothing to
 * others, unless RLIMIT_MEMLOCK, which each process has for itself, holds more. */
static size_t first_size(const struct ps_rings *r)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || geteuid() == 0)
        return PS_RING_PAGES;
    return limit.rlim_cur / ((PS_RING_PAGES + 1) * (size_t)sysconf(_SC_PAGESIZE)) >= r->count
               ? PS_RING_PAGES
               : PS_RING_PAGES / 2;
}

static size_t smaller(size_t a, size_t b)
{
    return b && b < a ? b : a;
}

static int map_rings(struct ps_rings *r, size_t most)
{
    int err = -EPERM;

    for (size_t pages = smaller(first_size(r), most); pages > 0 && err == -EPERM; pages /= 2)
        err = map_all(r, pages);
    return err;
}

/* ---- a process that runs already ---- */

static int join(struct ps_rings *r, const struct perf_event_attr *clock, pid_t tid)
{
    int *larger = realloc(r->others, (r->other_count + r->count) * sizeof *larger);

    if (!larger)
        return -ENOMEM;
    r->others = larger;
    for (size_t i = 0; i < r->count; i++) {
        const struct perf_event_attr own = drifting(*clock, i);
        const int fd = ps_ring_join(&r->rings[i], &own, tid);

        if (fd == -ESRCH)
            return 0; /* it has ended */
        if (fd < 0)
            return fd;
        r->others[r->other_count++] = fd;
    }
    return 0;
}

/* All threads but the first, whose events the rings are of. Those that they make are inherited. */
static int join_threads(struct ps_rings *r, const struct ps_rings_request *q)
{
    const struct perf_event_attr clock = clock_attr(q, r->kernel);
    int err = 0;

    for (pid_t tid = ps_existing_thread(q->pid, 0); tid && !err;
         tid = ps_existing_thread(q->pid, tid))
        err = tid == q->pid ? 0 : join(r, &clock, tid);
    for (size_t i = 0; !err && i < r->count; i++)
        if (ioctl(r->rings[i].fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
            err = -errno;
    for (size_t i = 0; !err && i < r->other_count; i++)
        if (ioctl(r->others[i], PERF_EVENT_IOC_ENABLE, 0) < 0)
            err = -errno;
    return err;
}

/* What perf_event_paranoid forbids is told of one's own processes too. */
static bool of_another(pid_t pid)
{
    char path[32];
    struct stat st;

    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    return stat(path, &st) == 0 && geteuid() && st.st_uid != geteuid();
}

static int open_all(struct ps_rings *r, const struct ps_rings_request *q, struct ps_err *e)
{
    int err = open_events(r, q, true);

    if (err == -EACCES || err == -EPERM)
        err = open_events(r, q, false);
    if (err == -EACCES && q->running && of_another(q->pid))
        return ps_fail(e, EACCES,
                       "process %d belongs to another user: only root and that user can observe it",
                       (int)q->pid);
    if (err < 0)
        return ps_fail(e, -err, "can't see what the program does: %s", ps_rings_what_mends(-err));
    err = map_rings(r, q->most_pages);
    if (err == -EPERM)
        return ps_fail(
            e, EPERM,
            "can't observe the program: no memory can be locked for it: \"ulimit -l\" or "
            "kernel.perf_event_mlock_kb raises the limit");
    if (!err && q->running)
        err = join_threads(r, q);
    if (err < 0)
        return ps_fail(e, -err, "can't see what the program does: %s", ps_rings_what_mends(-err));
    return 0;
}

int ps_rings_open(const struct ps_rings_request *q, struct ps_rings **r, struct ps_err *e)
{
    struct ps_rings_request request = *q;
    struct ps_rings *n = calloc(1, sizeof *n);
    int err;

    if (!n)
        return ps_fail(e, ENOMEM, "no memory");
    request.stack_size = (q->stack_size < MOST_STACK ? q->stack_size : MOST_STACK) / 8 * 8;
    n->twin = -1;
    n->period = q->period;
    n->decode = (struct ps_decode){.stack_size = request.stack_size, .fault_weight = q->faults};
    err = open_all(n, &request, e);
    if (err < 0) {
        ps_rings_close(n);
        return err;
    }
    *r = n;
    return 0;
}

void ps_rings_close(struct ps_rings *r)
{
    if (!r)
        return;
    close_events(r);
    free(r->rings);
    free(r->others);
    ps_merge_free(&r->order);
    free(r);
}

bool ps_rings_see_kernel(const struct ps_rings *r)
{
    return r->kernel;
}

double ps_rings_fullest(const struct ps_rings *r)
{
    return r->fullest;
}

void ps_rings_ask_ends(struct ps_rings *r, ps_rings_end_fn *ask)
{
    r->ask_end = ask;
}

void ps_rings_tell_end(struct ps_rings *r, uint64_t time)
{
    r->told_end = time;
}

/* ---- draining ---- */

/* Orders what is held of a ring; what makes no sense ends it. */
static void order_ring(struct ps_rings *r, uint32_t index)
{
    struct ps_ring *ring = &r->rings[index];
    size_t at = 0;

    while (at < ring->used) {
        struct perf_event_header header = {0};
        struct ps_decode_head head;

        if (ring->used - at >= sizeof header)
            memcpy(&header, ring->held + at, sizeof header);
        if (header.size < sizeof header || header.size > ring->used - at) {
            ring->used = at;
            ring->overflowed++;
            return;
        }
        if (!ps_decode_head(ring->held + at, header.size, &head) ||
            !ps_merge_add(&r->order, head.time, head.first, index, at)) {
            ring->overflowed++;
            ps_ring_done(ring, at);
        }
        at += header.size;
    }
}

/* A time without samples goes from one record to another. */
static bool settle_throttle(const struct ps_rings *r, struct ps_ring *ring,
                            struct ps_record *record, bool end)
{
    const uint64_t from = ring->throttled_at;

    ring->throttled_at = end ? 0 : record->time;
    record->weight = (uint64_t)((double)(record->time - from) / (r->period * 1e9));
    return end && from;
}

static bool decode(struct ps_rings *r, const struct ps_merge_key *key, struct ps_record *record,
                   bool *throttle_end)
{
    struct ps_ring *ring = &r->rings[key->ring];
    const unsigned char *bytes = ring->held + key->offset;
    struct perf_event_header header;
    bool wanted;

    memcpy(&header, bytes, sizeof header);
    r->decode.fault_id = ring->fault_id;
    wanted = ps_decode(&r->decode, bytes, header.size, record, throttle_end);
    record->cpu = ring->cpu;
    return wanted;
}

/* Whether what is held may wait. */
static bool has_room(const struct ps_rings *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->rings[i].used > r->rings[i].room / 2)
            return false;
    return true;
}

static uint64_t find_end(struct ps_rings *r, size_t key, const struct ps_record *exit,
                         enum ps_end_shown by)
{
    struct ps_ends_search search = ps_ends_search(exit, by);
    struct ps_record later;
    bool more = true, end;

    while (more && ++key < r->order.count)
        if (decode(r, &r->order.keys[key], &later, &end))
            more = ps_ends_look(&search, &later);
    return ps_ends_found(&search, r->told_end);
}

/* False: a record of it may still come. */
static bool settle_end(struct ps_rings *r, size_t key, struct ps_record *exit, bool last, void *arg)
{
    const enum ps_end_shown by = r->ask_end ? r->ask_end(arg, exit) : PS_END_BY_NOBODY;

    if (by == PS_END_BY_NOBODY)
        return true;
    exit->gone = find_end(r, key, exit, by);
    return exit->gone || last || !has_room(r) ||
           (by == PS_END_BY_PARENT && ps_now_ns() - exit->time > PS_ENDS_MOST_NS);
}

/* False: not yet. */
static bool hand_over(struct ps_rings *r, size_t key, bool last, ps_record_fn *fn, void *arg)
{
    const struct ps_merge_key *k = &r->order.keys[key];
    struct ps_ring *ring = &r->rings[k->ring];
    struct ps_record record;
    bool end = false, wanted = decode(r, k, &record, &end);

    if (wanted && record.kind == PS_RECORD_THROTTLED)
        wanted = settle_throttle(r, ring, &record, end);
    if (wanted && record.kind == PS_RECORD_EXIT && !settle_end(r, key, &record, last, arg))
        return false;
    if (wanted) {
        if (record.time < r->last)
            record.time = r->last;
        r->last = record.time;
        fn(arg, &record);
    }
    ps_ring_done(ring, k->offset);
    return true;
}

static void tell_lost(const struct ps_rings *r, struct ps_ring *ring, ps_record_fn *fn, void *arg)
{
    const struct ps_record record = {
        .kind = PS_RECORD_LOST, .time = r->last, .cpu = ring->cpu, .weight = ring->overflowed};

    if (ring->overflowed)
        fn(arg, &record);
    ring->overflowed = 0;
}

static size_t take_all(struct ps_rings *r)
{
    size_t bytes = 0;

    r->fullest = 0;
    for (size_t i = 0; i < r->count; i++) {
        const size_t taken = ps_ring_take(&r->rings[i]);
        const double share = (double)taken / (double)r->rings[i].size;

        bytes += taken;
        r->fullest = share > r->fullest ? share : r->fullest;
    }
    return bytes;
}

size_t ps_rings_drain(struct ps_rings *r, bool last, ps_record_fn *fn, void *arg)
{
    const uint64_t limit = last ? UINT64_MAX : 2 * (ps_now_ns() - SLACK_NS);
    const size_t bytes = take_all(r);

    r->order.count = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->rings[i].used)
            order_ring(r, (uint32_t)i);
    }
    ps_merge_sort(&r->order);
    for (size_t i = 0; i < r->order.count && r->order.keys[i].time <= limit; i++)
        if (!hand_over(r, i, last, fn, arg))
            break;
    for (size_t i = 0; i < r->count; i++) {
        tell_lost(r, &r->rings[i], fn, arg);
        ps_ring_keep_rest(&r->rings[i]);
    }
    return bytes;
}
