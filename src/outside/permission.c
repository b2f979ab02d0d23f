#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "taking.h"

/* In a child: which call failed, and its errno, to its parent. */
static _Noreturn void try_all(const struct ps_child_call *calls, size_t count, int out)
{
    int answer[2] = {(int)count, 0};

    for (size_t i = 0; i < count && !answer[1]; i++)
        if (ps_child_call(&calls[i]) < 0) {
            answer[0] = (int)i;
            answer[1] = errno;
        }
    _exit(write(out, answer, sizeof answer) != sizeof answer);
}

/* Whether an answer came. */
static bool hear(int in, int answer[2])
{
    const size_t size = 2 * sizeof *answer;
    ssize_t n;

    do {
        n = read(in, answer, size);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)size;
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Who can't ask finds out when the first child is started. */
size_t calls_refused(const struct ps_child_call *calls, size_t count, int *err)
{
    int ends[2], answer[2] = {(int)count, 0};
    pid_t pid;

    *err = 0;
    if (!count || pipe(ends) < 0)
        return count;
    pid = fork();
    if (pid == 0)
        try_all(calls, count, ends[1]);
    close(ends[1]);
    if (pid < 0 || !hear(ends[0], answer)) {
        answer[0] = (int)count;
        answer[1] = 0;
    }
    close(ends[0]);
    if (pid > 0)
        reap(pid);
    *err = answer[1];
    return (size_t)answer[0];
}
