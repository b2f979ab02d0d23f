#include "launch.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct mask {
    cpu_set_t *cpus;
    size_t size;
};

static int make_mask(const struct ps_child *child, struct mask *m)
{
    int highest = 0;

    for (size_t i = 0; i < child->cpu_count; i++)
        if (child->cpus[i] > highest)
            highest = child->cpus[i];
    m->cpus = CPU_ALLOC((size_t)highest + 1);
    if (!m->cpus)
        return -ENOMEM;
    m->size = CPU_ALLOC_SIZE((size_t)highest + 1);
    CPU_ZERO_S(m->size, m->cpus);
    for (size_t i = 0; i < child->cpu_count; i++)
        CPU_SET_S((size_t)child->cpus[i], m->size, m->cpus);
    return 0;
}

/* What the parent ignores or handles is as it was when it was started: handlers go by themselves.
 */
static void reset_signals(void)
{
    static const int ours[] = {SIGPIPE, SIGXFSZ, SIGTTOU, SIGCHLD};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        signal(ours[i], SIG_DFL);
}

/* In the child of vfork: shares the parent's memory, so it only makes system calls. */
_Noreturn static void become(const struct ps_launch *s, const struct ps_child *child,
                             const struct mask *m, volatile int *error)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (child->cpus && sched_setaffinity(0, m->size, m->cpus) < 0)
        goto failed;
    if (dup2(s->in, 0) < 0)
        goto failed;
    if ((s->out == 1 ? 0 : dup2(s->out, 1)) < 0 || (s->err == 2 ? 0 : dup2(s->err, 2)) < 0)
        goto failed;
    reset_signals();
    sigprocmask(SIG_SETMASK, s->mask, NULL);
    execve(child->path, (char *const *)child->words, (char *const *)child->environment);
failed:
    *error = errno;
    _exit(127);
}

int ps_launch_start(const struct ps_launch *s, const struct ps_child *child, pid_t *pid,
                    struct ps_err *e)
{
    struct mask m = {0};
    volatile int error = 0;
    pid_t started;

    if (child->cpus && make_mask(child, &m) < 0)
        return ps_fail(e, ENOMEM, "out of memory");
    started = vfork();
    if (started == 0)
        become(s, child, &m, &error);
    if (started < 0)
        error = errno;
    if (m.cpus)
        CPU_FREE(m.cpus);
    if (started > 0 && error)
        waitpid(started, NULL, 0);
    if (error)
        return ps_fail(e, error, "can't run '%s': %s%s", child->words[0], strerror(error),
                       error == ENOEXEC ? ": a script needs a first line such as #!/bin/sh" : "");
    *pid = started;
    return 0;
}
