#include "pmu.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long ps_pmu_number(const char *path, long low, long high, long otherwise)
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
    return ps_pmu_number(whole, 0, INT_MAX, otherwise);
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
    const struct ps_pmu_kind *x = a, *y = b;

    return strcmp(y->name, x->name);
}

size_t ps_pmu_kinds(const char *path, struct ps_pmu_kind kinds[PS_MAX_KINDS])
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

enum ps_pmu_presence ps_pmu_look(const char *path)
{
    struct ps_pmu_kind kinds[PS_MAX_KINDS];
    const size_t found = ps_pmu_kinds(path, kinds);

    if (found > 0)
        return found > 1 ? PS_PMU_HYBRID : PS_PMU_PRESENT;
    return access(path, R_OK) == 0 ? PS_PMU_NONE : PS_PMU_UNKNOWN;
}

double ps_pmu_turn(const char *path, const struct ps_pmu_kind *kind)
{
    return 1e-3 * (double)read_source(path, kind->name, "perf_event_mux_interval_ms", 4);
}
