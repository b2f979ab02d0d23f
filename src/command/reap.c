#include "reap.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ticks.h"
#include "usage.h"

#define MOST_AT_ONCE 512    /* children that are looked at in one pass; the next sees the others */
#define BETWEEN      500000 /* ns between passes */

struct children {
    pid_t ids[MOST_AT_ONCE];
    size_t count;
};

bool ps_reap_needed(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void add(struct children *c, long id)
{
    if (c->count < MOST_AT_ONCE)
        c->ids[c->count++] = (pid_t)id;
}

static ssize_t read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, size - 1) : -1;

    if (fd >= 0)
        close(fd);
    text[length > 0 ? length : 0] = '\0';
    return length;
}

/* False where the kernel has no list of children. */
static bool list_by_kernel(struct children *c)
{
    char path[64], text[MOST_AT_ONCE * 12];

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    if (read_text(path, text, sizeof text) < 0)
        return false;
    for (char *next = text, *end;; next = end) {
        long id = strtol(next, &end, 10);

        if (end == next)
            return true;
        add(c, id);
    }
}

/* Its parent, from the stat file, where the name before it may hold anything. */
static long parent_of(const char *id)
{
    char path[64], text[512], *name_end;

    snprintf(path, sizeof path, "/proc/%.16s/stat", id);
    if (read_text(path, text, sizeof text) <= 0)
        return 0;
    name_end = strrchr(text, ')');
    return name_end && strlen(name_end) > 4 ? strtol(name_end + 4, NULL, 10) : 0;
}

static void list_by_search(struct children *c)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;

    while (folder && (entry = readdir(folder)))
        if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == getpid())
            add(c, strtol(entry->d_name, NULL, 10));
    if (folder)
        closedir(folder);
}

static void list(struct children *c)
{
    c->count = 0;
    if (!list_by_kernel(c))
        list_by_search(c);
}

static bool alive(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && !info.si_pid;
}

static bool holds(const struct children *c, pid_t pid)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->ids[i] == pid)
            return true;
    return false;
}

/* Those of the pass before are dying, and were counted. */
static void kill_all(const struct children *now, const struct children *before,
                     struct ps_reaped *reaped)
{
    for (size_t i = 0; i < now->count; i++)
        if (alive(now->ids[i]) && kill(now->ids[i], SIGKILL) == 0 && !holds(before, now->ids[i]))
            reaped->killed++;
}

struct ps_reaped ps_reap_all(double seconds, struct ps_child_usage *u)
{
    uint64_t deadline = ps_now_ns() + (uint64_t)(seconds * 1e9);
    struct timespec moment = {0, BETWEEN};
    struct children passes[2] = {{.count = 0}};
    struct ps_reaped reaped = {0};

    for (unsigned pass = 0; ps_reap_needed(); pass ^= 1) {
        struct children *now = &passes[pass];

        list(now);
        if (ps_now_ns() > deadline) {
            reaped.unkillable = (unsigned)now->count;
            break;
        }
        kill_all(now, &passes[pass ^ 1], &reaped);
        ps_usage_collect(u);
        if (ps_reap_needed())
            clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
    }
    return reaped;
}
