#include "thread_limits.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "sysfile.h"

#define MAP_MARGIN    16   /* a thread takes some at once */
#define THREAD_MARGIN 1024 /* others come and go, and the kernel keeps some 300 numbers */

/* 0 where it is not known. */
static uint64_t read_limit(const char *root, const char *path)
{
    char line[64];
    const char *at = line;
    uint64_t value;

    return ps_sysfile_line(root, path, line, sizeof line) && ps_sysfile_number(&at, &value) ? value
                                                                                            : 0;
}

static uint64_t count_mappings(const char *root)
{
    FILE *f = ps_sysfile_open(root, "/proc/self/maps");
    uint64_t count = 0;
    char line[256];

    while (f && ps_sysfile_next(f, line, sizeof line))
        count++;
    if (f)
        fclose(f);
    return count;
}

/* Of all users; 0 where it is not known. "0.20 0.18 0.12 1/80 11206" */
static uint64_t count_threads(const char *root)
{
    char line[128], *slash = NULL;
    const char *at;
    uint64_t count;

    if (ps_sysfile_line(root, "/proc/loadavg", line, sizeof line))
        slash = strchr(line, '/');
    at = slash ? slash + 1 : "";
    return ps_sysfile_number(&at, &count) ? count : 0;
}

static bool name_mappings(const char *root, char *text, size_t size)
{
    uint64_t most = read_limit(root, "/proc/sys/vm/max_map_count");

    if (!most || count_mappings(root) + MAP_MARGIN < most)
        return false;
    snprintf(text, size,
             "no more memory mappings: the limit is vm.max_map_count=%" PRIu64
             " (raise it: sysctl vm.max_map_count=%" PRIu64 ")",
             most, 4 * most);
    return true;
}

static bool name_threads(const char *root, const char *key, const char *path, char *text,
                         size_t size)
{
    uint64_t most = read_limit(root, path);

    if (!most || count_threads(root) + THREAD_MARGIN < most)
        return false;
    snprintf(text, size,
             "no more threads: the limit of the system is %s=%" PRIu64
             " (raise it: sysctl %s=%" PRIu64 ")",
             key, most, key, 4 * most);
    return true;
}

static void name_what_is_left(char *text, size_t size)
{
    char user[32] = "unlimited";
    struct rlimit limit;

    if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        snprintf(user, sizeof user, "%" PRIu64, (uint64_t)limit.rlim_cur);
    snprintf(
        text, size,
        "no more threads: the limit is from the user (ulimit -u: %s), the cgroup (pids.max) or "
        "memory (ulimit -v)",
        user);
}

const char *ps_limit_of_threads(const char *root, char *text, size_t size)
{
    if (!name_mappings(root, text, size) &&
        !name_threads(root, "kernel.pid_max", "/proc/sys/kernel/pid_max", text, size) &&
        !name_threads(root, "kernel.threads-max", "/proc/sys/kernel/threads-max", text, size))
        name_what_is_left(text, size);
    return text;
}

const char *ps_limit_of_mappings(const char *root, char *text, size_t size)
{
    if (!name_mappings(root, text, size))
        snprintf(text, size, "out of memory");
    return text;
}
