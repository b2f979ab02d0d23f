#include "host.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cgroup.h"
#include "cpuinfo.h"
#include "sysfile.h"
#include "virtualization.h"

#define CPU "/sys/devices/system/cpu"

static const char *read_text(struct ps_arena *a, const char *root, const char *path)
{
    char line[256];

    return ps_sysfile_line(root, path, line, sizeof line) ? ps_arena_copy(a, line) : NULL;
}

static const char *kernel_below(struct ps_arena *a, const char *root)
{
    const char *type = read_text(a, root, "/proc/sys/kernel/ostype");
    const char *release = read_text(a, root, "/proc/sys/kernel/osrelease");
    const char *machine = read_text(a, root, "/proc/sys/kernel/arch");

    if (!type || !release)
        return "unknown";
    return ps_arena_format(a, "%s %s%s%s", type, release, machine ? " " : "",
                           machine ? machine : "");
}

static const char *kernel(struct ps_arena *a, const char *root)
{
    struct utsname u;

    if (*root || uname(&u) < 0)
        return kernel_below(a, root);
    return ps_arena_format(a, "%s %s %s", u.sysname, u.release, u.machine);
}

static const char *governor(struct ps_arena *a, const char *root)
{
    const char *text = read_text(a, root, CPU "/cpu0/cpufreq/scaling_governor");

    return text ? text : read_text(a, root, CPU "/cpufreq/policy0/scaling_governor");
}

/* "on" for `on`, "off" for the other of "0" and "1", NULL for anything else. */
static const char *read_switch(const char *root, const char *path, char on)
{
    char line[32];

    if (!ps_sysfile_line(root, path, line, sizeof line) || line[1] ||
        (line[0] != '0' && line[0] != '1'))
        return NULL;
    return line[0] == on ? "on" : "off";
}

static const char *turbo(const char *root)
{
    const char *text = read_switch(root, CPU "/intel_pstate/no_turbo", '0');

    return text ? text : read_switch(root, CPU "/cpufreq/boost", '1');
}

static int paranoid(const char *root)
{
    char line[32], *end;
    long value;

    if (!ps_sysfile_line(root, "/proc/sys/kernel/perf_event_paranoid", line, sizeof line))
        return -2;
    value = strtol(line, &end, 10);
    if (*end || value > INT_MAX)
        return -2;
    return value < -1 ? -1 : (int)value;
}

void ps_host_read(struct ps_arena *a, const char *root, struct ps_host *h)
{
    struct ps_cgroup_cpu cgroup;

    ps_cgroup_cpu_read(root, &cgroup);
    *h = (struct ps_host){
        .cpu_model = ps_cpuinfo_model(a, root),
        .kernel = kernel(a, root),
        .virtualization = ps_virtualization(root),
        .governor = governor(a, root),
        .turbo = turbo(root),
        .smt_control = read_text(a, root, CPU "/smt/control"),
        .perf_event_paranoid = paranoid(root),
        .cpu_quota = cgroup.quota,
        .quota_source = cgroup.source,
    };
}

uint64_t ps_memory_available(const char *root)
{
    static const char key[] = "MemAvailable:";
    FILE *f = ps_sysfile_open(root, "/proc/meminfo");
    uint64_t kib = 0;
    char line[256];

    if (!f)
        return 0;
    while (ps_sysfile_next(f, line, sizeof line)) {
        const char *text = line + sizeof key - 1;

        if (strncmp(line, key, sizeof key - 1))
            continue;
        text += strspn(text, " \t");
        if (!ps_sysfile_number(&text, &kib) || kib > UINT64_MAX / 1024)
            kib = 0;
        break;
    }
    fclose(f);
    return kib * 1024;
}
