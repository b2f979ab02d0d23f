#include "guard.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reap.h"

#define LAST_REAP 2.0 /* s for the descendants of a worker that was killed */

static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

static sigset_t guarded_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        sigaddset(&set, passed_on[i]);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTSTP);
    return set;
}

static void close_all_but_standard(void)
{
    close_range(3, ~0u, 0);
}

_Noreturn static void leave_as(int status)
{
    struct rlimit none = {0};

    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    setrlimit(RLIMIT_CORE, &none);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    {
        sigset_t all;

        sigfillset(&all);
        sigprocmask(SIG_UNBLOCK, &all, NULL);
    }
    _exit(128 + WTERMSIG(status));
}

static void stop_both(pid_t worker)
{
    kill(worker, SIGSTOP);
    raise(SIGSTOP);
    kill(worker, SIGCONT);
}

_Noreturn static void guard(pid_t worker, const sigset_t *set)
{
    prctl(PR_SET_NAME, "ps-guard");
    close_all_but_standard();
    for (;;) {
        siginfo_t info;
        int status, number = sigwaitinfo(set, &info);

        if (number == SIGTSTP)
            stop_both(worker);
        else if (number > 0 && number != SIGCHLD)
            kill(worker, number);
        else if (waitpid(worker, &status, WNOHANG) == worker) {
            ps_reap_all(LAST_REAP, NULL);
            leave_as(status);
        }
    }
}

static int become_worker(pid_t guard_pid)
{
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == guard_pid ? 0 : -ECHILD;
}

int ps_guard_start(struct ps_guard *g, struct ps_err *e)
{
    sigset_t set = guarded_signals(), before;
    pid_t own = getpid(), worker;

    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return ps_fail(e, errno, "can't become the reaper of child processes: %s", strerror(errno));
    sigprocmask(SIG_BLOCK, &set, &before);
    worker = fork();
    if (worker < 0) {
        int err = errno;

        sigprocmask(SIG_SETMASK, &before, NULL);
        return ps_fail(e, err, "can't start a process: %s", strerror(err));
    }
    if (worker > 0) {
        setpgid(worker, worker);
        guard(worker, &set);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    g->parent = own;
    if (become_worker(own) < 0)
        _exit(1);
    return 0;
}

bool ps_guard_lost(const struct ps_guard *g)
{
    return getppid() != g->parent;
}
