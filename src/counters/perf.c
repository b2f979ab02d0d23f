#include "perf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

#define PARANOID_FILE "/proc/sys/kernel/perf_event_paranoid"

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
    return __rdpmc((int)number);
}

static uint64_t real_stamp(void *arg)
{
    return __rdtsc();
}
#else
/* arm64 can too (kernel.perf_user_access), but not with a time that goes with it here. */
#define real_map     NULL
#define real_unmap   NULL
#define real_counter NULL
#define real_stamp   NULL
#endif

/* A number from low to high in a file, or `otherwise`. */
static long read_number(const char *path, long low, long high, long otherwise)
{
    char text[32], *end;
    ssize_t n;
    long value;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return otherwise;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return otherwise;
    text[n] = '\0';
    value = strtol(text, &end, 10);
    return end == text || value < low || value > high ? otherwise : value;
}

static long read_source(const char *path, const char *source, const char *file, long otherwise)
{
    char whole[512];

    snprintf(whole, sizeof whole, "%s/%.64s/%s", path, source, file);
    return read_number(whole, 0, INT_MAX, otherwise);
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

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
            return true;
    }
    return !strcmp(name, "cpu") || !strcmp(name, "cpum_cf");
}

static int compare_kinds(const void *a, const void *b)
{
    const struct ps_perf_kind *x = a, *y = b;

    return strcmp(y->name, x->name);
}

/* The last name first: cpu_core before cpu_atom. */
size_t ps_perf_find_kinds(const char *path, struct ps_perf_kind kinds[PS_MAX_KINDS])
{
    const struct dirent *entry;
    DIR *folder = opendir(path);
    size_t found = 0;

    while (folder && found < PS_MAX_KINDS && (entry = readdir(folder))) {
        if (!is_core_pmu(entry->d_name) || strlen(entry->d_name) >= sizeof kinds->name)
            continue;
        strcpy(kinds[found].name, entry->d_name);
        kinds[found++].type = (unsigned)read_source(path, entry->d_name, "type", -1);
    }
    if (folder)
        closedir(folder);
    qsort(kinds, found, sizeof *kinds, compare_kinds);
    return found;
}

enum ps_pmu_presence ps_perf_look_for_pmu(const char *path)
{
    struct ps_perf_kind kinds[PS_MAX_KINDS];
    const size_t found = ps_perf_find_kinds(path, kinds);

    if (found > 0)
        return found > 1 ? PS_PMU_HYBRID : PS_PMU_PRESENT;
    return access(path, R_OK) == 0 ? PS_PMU_NONE : PS_PMU_UNKNOWN;
}

void ps_perf_init(struct ps_perf *p)
{
    *p = (struct ps_perf){
        .open = real_open,
        .start = real_start,
        .read = real_read,
        .paranoid = (int)read_number(PARANOID_FILE, -1, 1000, PS_PARANOID_UNKNOWN),
        .pmu = ps_perf_look_for_pmu(PS_PERF_SOURCES),
        .virtual_machine = in_virtual_machine(),
        .map = real_map,
        .unmap = real_unmap,
        .counter = real_counter,
        .stamp = real_stamp,
        .turn = 4e-3,
    };
    p->kind_count = ps_perf_find_kinds(PS_PERF_SOURCES, p->kinds);
    if (p->kind_count > 0)
        p->turn = 1e-3 * (double)read_source(PS_PERF_SOURCES, p->kinds[0].name,
                                             "perf_event_mux_interval_ms", 4);
    if (p->kind_count == 1)
        p->kind_count = 0;
}

/* Linux takes the PMU's type in the upper half of a generic event's config (x86: 5.13, arm64: 6.6).
 * The architectural events of arm64 can be named on any kernel. */
void ps_perf_set_kind(struct perf_event_attr *attr, const struct ps_perf_kind *kind)
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

bool ps_perf_hardware(const struct perf_event_attr *attr)
{
    return attr->type != PERF_TYPE_SOFTWARE && attr->type != PERF_TYPE_TRACEPOINT;
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

bool ps_perf_nonzero(const struct perf_event_attr *attr)
{
    const uint32_t generic = (uint32_t)attr->config; /* the upper half is the kind of core */

    if (ps_perf_clock(attr))
        return true;
    if (attr->exclude_user) /* a thread need not have entered the kernel */
        return false;
    if (attr->type == PERF_TYPE_HARDWARE)
        return generic == PERF_COUNT_HW_CPU_CYCLES || generic == PERF_COUNT_HW_INSTRUCTIONS ||
               generic == PERF_COUNT_HW_REF_CPU_CYCLES;
    return (attr->type == PERF_TYPE_RAW || attr->type > PERF_TYPE_BREAKPOINT) &&
           always_happens(attr->config);
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
            return "it happens in the kernel, which its name excludes";
        return "the kernel can't count it for a single thread (EINVAL)";
    default:
        return ps_arena_format(a, "perf_event_open: %s", strerror(err));
    }
}
