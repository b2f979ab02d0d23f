#include "perf.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define PARANOID_FILE "/proc/sys/kernel/perf_event_paranoid"

static int real_open(void *arg, struct perf_event_attr *attr, int group)
{
    const pid_t *pid = arg; /* NULL: the calling thread */
    long fd = syscall(SYS_perf_event_open, attr, pid ? *pid : 0, -1, group, PERF_FLAG_FD_CLOEXEC);

    return fd < 0 ? -errno : (int)fd;
}

static int real_start(void *arg, int leader)
{
    return ioctl(leader, PERF_EVENT_IOC_ENABLE, 0) < 0 ? -errno : 0;
}

static ssize_t real_read(void *arg, int fd, void *buffer, size_t size)
{
    ssize_t n = read(fd, buffer, size);

    return n < 0 ? -errno : n;
}

#if defined(__x86_64__)
static const volatile struct perf_event_mmap_page *real_map(void *arg, int fd)
{
    void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);

    return page == MAP_FAILED ? NULL : page;
}

static void real_unmap(void *arg, const volatile struct perf_event_mmap_page *page)
{
    munmap((void *)page, (size_t)sysconf(_SC_PAGESIZE));
}

static uint64_t real_counter(void *arg, unsigned number)
{
    return __builtin_ia32_rdpmc((int)number);
}

static uint64_t real_stamp(void *arg)
{
    return __builtin_ia32_rdtsc();
}
#else
/* arm64 can too (kernel.perf_user_access), but not with a time that goes with it here. */
#define real_map     NULL
#define real_unmap   NULL
#define real_counter NULL
#define real_stamp   NULL
#endif

static bool in_virtual_machine(void)
{
#if defined(__x86_64__)
    const unsigned hypervisor = 1u << 31;
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) && (c & hypervisor);
#else
    return false;
#endif
}

void ps_perf_init(struct ps_perf *p)
{
    *p = (struct ps_perf){
        .open = real_open,
        .start = real_start,
        .read = real_read,
        .paranoid = (int)ps_pmu_number(PARANOID_FILE, -1, 1000, PS_PARANOID_UNKNOWN),
        .pmu = ps_pmu_look(PS_PMU_SOURCES),
        .virtual_machine = in_virtual_machine(),
        .map = real_map,
        .unmap = real_unmap,
        .counter = real_counter,
        .stamp = real_stamp,
        .turn = 4e-3,
    };
    p->kind_count = ps_pmu_kinds(PS_PMU_SOURCES, p->kinds);
    if (p->kind_count > 0)
        p->turn = ps_pmu_turn(PS_PMU_SOURCES, &p->kinds[0]);
    if (p->kind_count == 1)
        p->kind_count = 0;
}

int ps_perf_open(const struct ps_perf *p, struct perf_event_attr *attr, int group)
{
    struct perf_event_attr user = *attr;
    int fd;

    if (ps_attr_kernel_only(attr) && attr->exclude_kernel)
        return -EINVAL;
    fd = p->open(p->arg, attr, group);
    if (fd != -EACCES && fd != -EPERM)
        return fd;
    if (attr->exclude_kernel || attr->exclude_user || ps_attr_kernel_only(attr))
        return fd;
    user.exclude_kernel = 1;
    user.exclude_hv = 1;
    fd = p->open(p->arg, &user, group);
    if (fd >= 0)
        *attr = user;
    return fd;
}

static const char *explain_access(const struct ps_perf *p, const struct perf_event_attr *attr,
                                  struct ps_arena *a)
{
    const bool kernel_needed = ps_attr_kernel_only(attr) || attr->exclude_user;

    if (p->paranoid == PS_PARANOID_UNKNOWN)
        return "the kernel does not permit it to this user (EACCES)";
    if (kernel_needed && p->paranoid == 2)
        return "with perf_event_paranoid 2 this user can't count events in the kernel";
    if (p->paranoid < 2 || (p->paranoid == 2 && !kernel_needed))
        return ps_arena_format(
            a, "the kernel does not permit it (EACCES) although perf_event_paranoid is %d",
            p->paranoid);
    return ps_arena_format(a,
                           "perf_event_paranoid %d forbids it: \"sudo sysctl "
                           "kernel.perf_event_paranoid=1\" or CAP_PERFMON permits it",
                           p->paranoid);
}

static const char *explain_missing(const struct ps_perf *p, const struct perf_event_attr *attr)
{
    if (attr->type == PERF_TYPE_SOFTWARE || attr->type == PERF_TYPE_TRACEPOINT)
        return "this kernel does not have the event";
    if (p->pmu == PS_PMU_PRESENT || p->pmu == PS_PMU_HYBRID)
        return "this CPU's PMU does not have the event";
    if (p->pmu == PS_PMU_UNKNOWN)
        return "no PMU, or not one that has the event";
    return p->virtual_machine ? "no PMU: this virtual machine shows none"
                              : "no PMU: this machine shows none, as many virtual machines do";
}

const char *ps_perf_explain(const struct ps_perf *p, const struct perf_event_attr *attr, int err,
                            struct ps_arena *a)
{
    switch (err) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return explain_missing(p, attr);
    case ENOSYS:
        return "the kernel has no perf_event_open";
    case EPERM:
        return "perf_event_open is forbidden here (a container's seccomp filter?)";
    case EACCES:
        return explain_access(p, attr, a);
    case EMFILE:
        return "too many open files: \"ulimit -n\" raises the limit";
    case ENFILE:
        return "too many open files on the whole machine (fs.file-max)";
    case EBUSY:
        return "the PMU is reserved by another user";
    case EOPNOTSUPP:
        return "this CPU's PMU can't count it this way";
    case EINVAL:
        if (attr->exclude_kernel && ps_attr_kernel_only(attr))
            return "it happens in the kernel, which its name excludes";
        return "the kernel can't count it for a single thread (EINVAL)";
    default:
        return ps_arena_format(a, "perf_event_open: %s", strerror(err));
    }
}
