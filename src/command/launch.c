#include "launch.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int ps_launch_mask_make(const struct ps_child *child, struct ps_launch_mask *m)
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

/* The default action of a signal is all zero bits. */
static const unsigned long default_action[8];

/* What the parent ignores or handles is as it was when it was started: handlers go by themselves.
 */
void ps_launch_reset_signals(void)
{
    static const int ours[] = {SIGPIPE, SIGXFSZ, SIGTTOU, SIGCHLD};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        syscall(SYS_rt_sigaction, ours[i], default_action, NULL, _NSIG / 8);
}

static bool move(int from, int to)
{
    return from == to || syscall(SYS_dup3, from, to, 0) >= 0;
}

long ps_child_call(const struct ps_child_call *call)
{
    long a[5];

    for (size_t i = 0; i < 5; i++)
        a[i] = (int)i == call->pointer ? (long)call->data : call->arguments[i];
    return syscall(call->number, a[0], a[1], a[2], a[3], a[4]);
}

void ps_launch_restore(const struct ps_child *child)
{
    for (size_t i = 0; i < child->call_count; i++) {
        const struct ps_child_call *c = &child->calls[i];

        if (c->of_memory)
            syscall(c->number, c->arguments[0], c->before, 0, 0, 0);
    }
}

/* By syscall() alone: each function of the C library that the starter touches makes it larger. */
_Noreturn void ps_launch_become(const struct ps_launch *s, const struct ps_child *child,
                                const struct ps_launch_mask *m,
                                volatile struct ps_launch_error *error)
{
    size_t call = child->call_count;

    syscall(SYS_setpgid, 0, 0);
    syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (m->cpus && syscall(SYS_sched_setaffinity, 0, m->size, m->cpus) < 0)
        goto failed;
    for (size_t i = 0; i < child->call_count; i++)
        if (ps_child_call(&child->calls[i]) < 0) {
            call = i;
            goto failed;
        }
    if (!move(s->in, 0) || !move(s->out, 1) || !move(s->err, 2))
        goto failed;
    if (child->folder && syscall(SYS_chdir, child->folder) < 0)
        goto failed;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, s->mask, NULL, _NSIG / 8);
    syscall(SYS_execve, child->path, child->words, child->environment);
failed:
    error->error = errno;
    error->call = call;
    for (;;)
        syscall(SYS_exit_group, 127);
}

int ps_launch_failed(const struct ps_child *child, const volatile struct ps_launch_error *why,
                     struct ps_err *e)
{
    const struct ps_child_call *call =
        why->call < child->call_count ? &child->calls[why->call] : NULL;
    const int error = why->error;

    if (call)
        return ps_fail(e, error, "%s before '%s': %s%s%s", call->what, child->words[0],
                       strerror(error), call->hint ? ": " : "", call->hint ? call->hint : "");
    return ps_fail(e, error, "can't run '%s': %s%s", child->words[0], strerror(error),
                   error == ENOEXEC ? ": a script needs a first line such as #!/bin/sh" : "");
}

int ps_launch_start(const struct ps_launch *s, const struct ps_child *child, pid_t *pid,
                    struct ps_err *e)
{
    struct ps_launch_mask m = {0};
    volatile struct ps_launch_error error = {0, child->call_count};
    pid_t started;

    if (child->cpus && ps_launch_mask_make(child, &m) < 0)
        return ps_fail(e, ENOMEM, "out of memory");
    started = vfork();
    if (started == 0) {
        ps_launch_reset_signals();
        ps_launch_become(s, child, &m, &error);
    }
    if (started < 0)
        error.error = errno;
    ps_launch_restore(child);
    if (m.cpus)
        CPU_FREE(m.cpus);
    if (started > 0 && error.error)
        waitpid(started, NULL, 0);
    if (error.error)
        return ps_launch_failed(child, &error, e);
    *pid = started;
    return 0;
}
