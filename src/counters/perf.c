#include "perf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define PARANOID_FILE  "/proc/sys/kernel/perf_event_paranoid"
#define SOURCES_FOLDER "/sys/bus/event_source/devices"

static int real_open(void *arg, struct perf_event_attr *attr, int group)
{
    long fd = syscall(SYS_perf_event_open, attr, 0, -1, group, PERF_FLAG_FD_CLOEXEC);

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

static int read_paranoid(void)
{
    char text[32], *end;
    ssize_t n;
    long value;
    int fd = open(PARANOID_FILE, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return PS_PARANOID_UNKNOWN;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return PS_PARANOID_UNKNOWN;
    text[n] = '\0';
    value = strtol(text, &end, 10);
    return end == text || value < -1 || value > 1000 ? PS_PARANOID_UNKNOWN : (int)value;
}

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

static bool is_core_pmu(const char *name)
{
    /* cpu_core and cpu_atom; armv7_*, armv8_*; apple_*_pmu. */
    static const char *const prefixes[] = {"cpu_", "armv", "apple_"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    }
    return strcmp(name, "cpu") == 0 || strcmp(name, "cpum_cf") == 0;
}

enum ps_pmu_presence ps_perf_look_for_pmu(const char *path)
{
    const struct dirent *entry;
    DIR *folder = opendir(path);
    size_t found = 0;

    if (!folder)
        return PS_PMU_UNKNOWN;
    while ((entry = readdir(folder)))
        found += is_core_pmu(entry->d_name);
    closedir(folder);
    return found > 1 ? PS_PMU_HYBRID : found ? PS_PMU_PRESENT : PS_PMU_NONE;
}

void ps_perf_init(struct ps_perf *p)
{
    *p = (struct ps_perf){
        .open = real_open,
        .start = real_start,
        .read = real_read,
        .paranoid = read_paranoid(),
        .pmu = ps_perf_look_for_pmu(SOURCES_FOLDER),
        .virtual_machine = in_virtual_machine(),
    };
}

bool ps_perf_kernel_only(const struct perf_event_attr *attr)
{
    if (attr->type == PERF_TYPE_TRACEPOINT)
        return true;
    return attr->type == PERF_TYPE_SOFTWARE &&
           (attr->config == PERF_COUNT_SW_CONTEXT_SWITCHES ||
            attr->config == PERF_COUNT_SW_CPU_MIGRATIONS ||
            attr->config == 11 /* PERF_COUNT_SW_CGROUP_SWITCHES, Linux 5.13 */);
}

bool ps_perf_clock(const struct perf_event_attr *attr)
{
    return attr->type == PERF_TYPE_SOFTWARE &&
           (attr->config == PERF_COUNT_SW_CPU_CLOCK || attr->config == PERF_COUNT_SW_TASK_CLOCK);
}

/* Core cycles and instructions by the codes that are the same on all CPUs of the architecture. */
static bool is_raw_nonzero(const struct perf_event_attr *attr)
{
#if defined(__x86_64__)
    /* The kernel sets USR, OS, INT and EN; any other bit makes another event of the code. */
    const uint64_t code = attr->config & ~(1u << 16 | 1u << 17 | 1u << 20 | 1u << 22);

    /* Instructions, cycles on Intel, cycles on AMD. */
    return attr->type == PERF_TYPE_RAW && (code == 0xc0 || code == 0x3c || code == 0x76);
#elif defined(__aarch64__)
    /* INST_RETIRED, CPU_CYCLES */
    return attr->type == PERF_TYPE_RAW && (attr->config == 0x08 || attr->config == 0x11);
#else
    return false;
#endif
}

bool ps_perf_nonzero(const struct perf_event_attr *attr)
{
    return ps_perf_clock(attr) || is_raw_nonzero(attr) ||
           (attr->type == PERF_TYPE_HARDWARE && (attr->config == PERF_COUNT_HW_CPU_CYCLES ||
                                                 attr->config == PERF_COUNT_HW_INSTRUCTIONS ||
                                                 attr->config == PERF_COUNT_HW_REF_CPU_CYCLES));
}

int ps_perf_open(const struct ps_perf *p, struct perf_event_attr *attr, int group)
{
    struct perf_event_attr user = *attr;
    int fd;

    if (ps_perf_kernel_only(attr) && attr->exclude_kernel)
        return -EINVAL;
    fd = p->open(p->arg, attr, group);
    if (fd != -EACCES && fd != -EPERM)
        return fd;
    if (attr->exclude_kernel || attr->exclude_user || ps_perf_kernel_only(attr))
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
    const bool kernel_needed = ps_perf_kernel_only(attr) || attr->exclude_user;

    if (p->paranoid == PS_PARANOID_UNKNOWN)
        return "the kernel does not permit it to this user (EACCES)";
    if (kernel_needed && p->paranoid == 2)
        return "perf_event_paranoid 2 hides kernel events from this user";
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
        return "this CPU's PMU can't count it in this way";
    case EINVAL:
        if (attr->exclude_kernel && ps_perf_kernel_only(attr))
            return "it happens in the kernel, which this name leaves out";
        return "the kernel can't count it for a single thread (EINVAL)";
    default:
        return ps_arena_format(a, "perf_event_open: %s", strerror(err));
    }
}
