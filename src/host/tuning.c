#include "tuning.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sysfile.h"

#define CPU     "/sys/devices/system/cpu"
#define CLOCK   "/sys/devices/system/clocksource/clocksource0/"
#define SOURCES "/sys/bus/event_source/devices/"

static const char *text_of(struct ps_arena *a, const char *root, const char *path)
{
    char line[4096];

    return ps_sysfile_line(root, path, line, sizeof line) ? ps_arena_copy(a, line) : NULL;
}

/* A list of CPUs; some kernels write "(null)" where there is none. */
static const char *list_of(struct ps_arena *a, const char *root, const char *path)
{
    const char *text = text_of(a, root, path);

    return text && *text >= '0' && *text <= '9' ? text : NULL;
}

static int number_of(const char *root, const char *path)
{
    char line[32];
    const char *at = line;
    uint64_t value;

    if (!ps_sysfile_line(root, path, line, sizeof line) || !ps_sysfile_number(&at, &value) || *at ||
        value > INT_MAX)
        return -1;
    return (int)value;
}

static enum ps_switch switch_of(const char *root, const char *path)
{
    const int value = number_of(root, path);

    return value < 0 ? PS_SWITCH_UNKNOWN : value ? PS_SWITCH_ON : PS_SWITCH_OFF;
}

/* "always [madvise] never" */
static const char *chosen_of(struct ps_arena *a, const char *root, const char *path)
{
    char line[256], *open, *close;

    if (!ps_sysfile_line(root, path, line, sizeof line))
        return NULL;
    open = strchr(line, '[');
    close = open ? strchr(open, ']') : NULL;
    if (!close)
        return NULL;
    *close = '\0';
    return ps_arena_copy(a, open + 1);
}

static void add_governor(struct ps_arena *a, struct ps_tuning *t, const char *name)
{
    const char **names = (const char **)t->governors;

    for (size_t i = 0; i < t->governor_count; i++)
        if (!strcmp(names[i], name))
            return;
    names = ps_arena_grow(a, names, t->governor_count, sizeof *names);
    names[t->governor_count++] = name;
    t->governors = names;
}

static void read_governors(struct ps_arena *a, const char *root, struct ps_tuning *t)
{
    char path[PATH_MAX];
    const struct dirent *entry;
    int length = snprintf(path, sizeof path, "%s" CPU, root);
    DIR *folder = length > 0 && (size_t)length < sizeof path ? opendir(path) : NULL;

    while (folder && (entry = readdir(folder))) {
        const char *name;

        if (strncmp(entry->d_name, "cpu", 3) || entry->d_name[3] < '0' || entry->d_name[3] > '9')
            continue;
        snprintf(path, sizeof path, CPU "/%s/cpufreq/scaling_governor", entry->d_name);
        name = text_of(a, root, path);
        if (name)
            add_governor(a, t, name);
    }
    if (folder)
        closedir(folder);
    if (t->governor_count == 0) {
        const char *name = text_of(a, root, CPU "/cpufreq/policy0/scaling_governor");

        if (name)
            add_governor(a, t, name);
    }
}

static int seccomp_of(const char *root)
{
    static const char key[] = "Seccomp:";
    FILE *f = ps_sysfile_open(root, "/proc/self/status");
    char line[512];
    int mode = -1;

    while (f && mode < 0 && ps_sysfile_next(f, line, sizeof line)) {
        const char *at = line + sizeof key - 1;
        uint64_t value;

        if (strncmp(line, key, sizeof key - 1))
            continue;
        at += strspn(at, " \t");
        if (ps_sysfile_number(&at, &value) && value <= 2)
            mode = (int)value;
    }
    if (f)
        fclose(f);
    return mode;
}

static bool is_there(const char *root, const char *path)
{
    char full[PATH_MAX];
    int length = snprintf(full, sizeof full, "%s%s", root, path);

    return length > 0 && (size_t)length < sizeof full && access(full, F_OK) == 0;
}

static const char *container_of(struct ps_arena *a, const char *root)
{
    const char *name = text_of(a, root, "/run/systemd/container");

    if (name)
        return name;
    if (is_there(root, "/.dockerenv"))
        return "docker";
    return is_there(root, "/run/.containerenv") ? "podman" : NULL;
}

static int rdpmc_of(const char *root)
{
    static const char *const paths[] = {SOURCES "cpu/rdpmc", SOURCES "cpu_core/rdpmc",
                                        "/proc/sys/kernel/perf_user_access"};
    int value = -1;

    for (size_t i = 0; i < sizeof paths / sizeof *paths && value < 0; i++)
        value = number_of(root, paths[i]);
    return value;
}

void ps_tuning_read(struct ps_arena *a, const char *root, struct ps_tuning *t)
{
    *t = (struct ps_tuning){
        .nmi_watchdog = switch_of(root, "/proc/sys/kernel/nmi_watchdog"),
        .isolated = list_of(a, root, CPU "/isolated"),
        .nohz = list_of(a, root, CPU "/nohz_full"),
        .clock = text_of(a, root, CLOCK "current_clocksource"),
        .clocks = text_of(a, root, CLOCK "available_clocksource"),
        .huge_pages = chosen_of(a, root, "/sys/kernel/mm/transparent_hugepage/enabled"),
        .seccomp = seccomp_of(root),
        .container = container_of(a, root),
        .rdpmc = rdpmc_of(root),
    };
    read_governors(a, root, t);
}
