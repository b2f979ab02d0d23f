#include "reap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ticks.h"

#define MOST_AT_ONCE 256

bool ps_reap_needed(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Ids in a file of /proc that lists them in decimal. */
static size_t read_ids(const char *path, pid_t *ids, size_t most)
{
    char text[MOST_AT_ONCE * 12];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    size_t count = 0;

    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    for (char *next = text, *end; count < most; next = end) {
        long id = strtol(next, &end, 10);

        if (end == next)
            break;
        ids[count++] = (pid_t)id;
    }
    return count;
}

static size_t children_of(pid_t pid, pid_t *ids, size_t most)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    return read_ids(path, ids, most);
}

static bool alive(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && !info.si_pid;
}

static void kill_children(struct ps_reaped *r, bool first)
{
    pid_t ids[MOST_AT_ONCE];
    size_t count = children_of(getpid(), ids, MOST_AT_ONCE);

    for (size_t i = 0; i < count; i++) {
        if (!alive(ids[i]))
            continue;
        if (kill(ids[i], SIGKILL) == 0)
            r->killed += first;
    }
}

struct ps_reaped ps_reap_all(double seconds)
{
    struct ps_reaped r = {0};
    uint64_t deadline = ps_now_ns() + (uint64_t)(seconds * 1e9);

    while (ps_reap_needed()) {
        struct timespec moment = {0, 500000};

        kill_children(&r, true);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (!ps_reap_needed())
            break;
        if (ps_now_ns() > deadline) {
            pid_t ids[MOST_AT_ONCE];

            r.unkillable = (unsigned)children_of(getpid(), ids, MOST_AT_ONCE);
            break;
        }
        nanosleep(&moment, NULL);
    }
    return r;
}

static void signal_below(pid_t pid, int number, int depth)
{
    pid_t ids[MOST_AT_ONCE];
    size_t count = children_of(pid, ids, MOST_AT_ONCE);

    for (size_t i = 0; i < count; i++) {
        kill(ids[i], number);
        if (depth)
            signal_below(ids[i], number, depth - 1);
    }
}

void ps_reap_signal(int number)
{
    signal_below(getpid(), number, 16);
}
