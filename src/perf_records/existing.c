#include "existing.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "ticks.h"

#define WHILE_NS 20000000

pid_t ps_existing_thread(pid_t pid, pid_t after)
{
    const struct dirent *entry;
    pid_t found = 0;
    char path[32];
    DIR *d;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    d = opendir(path);
    while (d && (entry = readdir(d))) {
        const pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (tid > after && (!found || tid < found))
            found = tid;
    }
    if (d)
        closedir(d);
    return found;
}

/* "1234 (name) R ...": the name may hold anything. '\0': there is no such thread. */
static char read_stat(pid_t pid, pid_t tid, char *name, size_t size)
{
    char path[64], text[512], *begin, *end;
    size_t length;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)tid);
    f = fopen(path, "re");
    if (!f)
        return '\0';
    length = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[length] = '\0';
    begin = strchr(text, '(');
    end = strrchr(text, ')');
    if (!begin || !end || end < begin || end[1] != ' ')
        return '\0';
    *end = '\0';
    snprintf(name, size, "%s", begin + 1);
    return end[2];
}

/* "55d0-55d9 r-xp 00001000 fd:01 1234   /usr/bin/x" */
static void tell_mapping(struct ps_record *r, char *line, ps_record_fn *fn, void *arg)
{
    unsigned major, minor;
    char rights[8];
    int path = 0;

    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %x:%x %" SCNu64 " %n",
               &r->mapping.start, &r->mapping.end, rights, &r->mapping.offset, &major, &minor,
               &r->mapping.inode, &path) != 7 ||
        rights[2] != 'x' || r->mapping.end <= r->mapping.start)
        return;
    r->mapping.device = makedev(major, minor);
    r->name = line[path] ? line + path : "//anon";
    fn(arg, r);
}

static void tell_mappings(struct ps_record r, ps_record_fn *fn, void *arg)
{
    char path[32], *line = NULL;
    size_t size = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)r.pid);
    f = fopen(path, "re");
    r.kind = PS_RECORD_MAPPING;
    while (f && getline(&line, &size, f) >= 0)
        tell_mapping(&r, line, fn, arg);
    free(line);
    if (f)
        fclose(f);
}

int ps_existing_tell(pid_t pid, uint64_t time, ps_record_fn *fn, void *arg)
{
    struct ps_record r = {
        .kind = PS_RECORD_EXEC, .time = time, .pid = pid, .tid = pid, .weight = 1};
    char name[64];

    if (!read_stat(pid, pid, name, sizeof name))
        return -ESRCH;
    r.name = name;
    fn(arg, &r);
    tell_mappings(r, fn, arg);
    for (r.tid = ps_existing_thread(pid, 0); r.tid; r.tid = ps_existing_thread(pid, r.tid)) {
        const char state = read_stat(pid, r.tid, name, sizeof name);

        if (!state || state == 'Z' || state == 'X')
            continue;
        r.kind = state == 'R' ? PS_RECORD_PREEMPTED : PS_RECORD_OUT;
        fn(arg, &r);
        r.kind = PS_RECORD_NAME;
        fn(arg, &r);
    }
    return 0;
}

/* The third number: 0 where the kernel does not count them. */
static uint64_t slices(pid_t pid, pid_t tid)
{
    char path[64];
    uint64_t count = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
    f = fopen(path, "re");
    if (f && fscanf(f, "%*u %*u %" SCNu64, &count) != 1)
        count = 0;
    if (f)
        fclose(f);
    return count;
}

static uint64_t all_slices(pid_t pid)
{
    const struct dirent *entry;
    uint64_t sum = 0;
    char path[32];
    DIR *d;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    d = opendir(path);
    while (d && (entry = readdir(d)))
        sum += slices(pid, (pid_t)strtol(entry->d_name, NULL, 10));
    if (d)
        closedir(d);
    return sum;
}

double ps_existing_switches(pid_t pid)
{
    const struct timespec pause = {0, WHILE_NS};
    const uint64_t begin = ps_now_ns(), before = all_slices(pid);
    uint64_t after;

    nanosleep(&pause, NULL);
    after = all_slices(pid);
    /* Threads that have ended take theirs with them. */
    return after < before ? 0 : (double)(after - before) / ((double)(ps_now_ns() - begin) * 1e-9);
}
