#include "sample.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ticks.h"

#define LIMIT_MS 20000 /* that a sample may take; most take 10 */

/* What the process tells at its end. */
struct message {
    struct sample sample;
    int err;
    struct ps_err error;
};

_Static_assert(sizeof(struct message) <= 4096, "a pipe takes it whole (PIPE_BUF)");

/* The terminal's signals are for the measuring process, which then ends this one. */
static _Noreturn void measure(const struct bench *bench, const struct part *p, pid_t parent, int fd)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    struct message m = {.error = {""}};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    m.err = p->measure(bench, p, &m.sample, &m.error);
    _exit(write(fd, &m, sizeof m) != sizeof m);
}

static bool stop_asked(const atomic_int *interrupted)
{
    /* relaxed: only a flag, set by a signal handler of this thread. */
    return interrupted && atomic_load_explicit(interrupted, memory_order_relaxed);
}

/* Until the process has written or is gone. */
static int await(int fd, const atomic_int *interrupted)
{
    uint64_t end = ps_now_ns() + LIMIT_MS * (uint64_t)1000000, now;
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    while ((now = ps_now_ns()) < end && !stop_asked(interrupted)) {
        int count = poll(&ready, 1, (int)((end - now) / 1000000) + 1);

        if (count > 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return -errno;
    }
    return stop_asked(interrupted) ? -EINTR : -ETIMEDOUT;
}

static int reap(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int explain(int status, struct ps_err *e)
{
    if (WIFSIGNALED(status))
        return ps_fail(e, ECHILD, "its process crashed with SIG%s", sigabbrev_np(WTERMSIG(status)));
    return ps_fail(e, ECHILD, "its process ended with status %d", WEXITSTATUS(status));
}

static int receive(int fd, pid_t pid, const atomic_int *interrupted, struct message *m,
                   struct ps_err *e)
{
    int err = await(fd, interrupted), status;
    ssize_t got = err ? 0 : read(fd, m, sizeof *m);

    if (err)
        kill(pid, SIGKILL);
    status = reap(pid);
    if (err == -EINTR)
        return err;
    if (err)
        return ps_fail(e, -err, "it was aborted after %d s", LIMIT_MS / 1000);
    return got == sizeof *m ? 0 : explain(status, e);
}

int sample_take(const struct bench *bench, const struct part *p, const atomic_int *interrupted,
                struct sample *out, struct ps_err *e)
{
    pid_t parent = getpid(), pid;
    struct message m;
    int ends[2], err;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return ps_fail(e, errno, "no pipe: %s", strerror(errno));
    pid = fork();
    if (pid == 0)
        measure(bench, p, parent, ends[1]);
    err = pid < 0 ? ps_fail(e, errno, "can't fork: %s", strerror(errno)) : 0;
    close(ends[1]);
    if (!err)
        err = receive(ends[0], pid, interrupted, &m, e);
    close(ends[0]);
    if (err < 0)
        return err;
    if (m.err < 0)
        return ps_fail(e, -m.err, "%s", m.error.text);
    *out = m.sample;
    return 0;
}
