/* One round of a process that runs already: it is observed for a while, and left alone. */
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "diagnosis.h"
#include "exports.h"
#include "observer.h"
#include "program_trials.h"
#include "ticks.h"

static int attached_open(struct session *s)
{
    struct target *t = &s->targets[0];

    t->program = ps_arena_alloc(s->arena, sizeof *t->program);
    t->series->program = &t->program->seen;
    t->series->sums.frequency_why = "the clock of a process that is already running is not counted";
    return 0;
}

static void attached_close(struct session *s)
{
}

static int attached_warm_up(struct session *s, struct target *t)
{
    return 0;
}

static int attached_finish(struct session *s, struct target *t)
{
    return 0;
}

/* Of all its threads, also those that have ended; 0: it has ended itself. */
static uint64_t cpu_time(pid_t pid)
{
    clockid_t clock;

    return clock_getcpuclockid(pid, &clock) ? 0 : ps_clock_ns(clock);
}

/* Also when its parent has not waited for it yet, which a signal can't tell. */
static bool has_ended(int pidfd, pid_t pid)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};

    return pidfd < 0 ? kill(pid, 0) < 0 : poll(&end, 1, 0) > 0;
}

/* Until the time is over, the process ends, or somebody interrupts; *cpu: ns that it used. */
static void watch(struct session *s, struct ps_observer *o, pid_t pid, uint64_t *cpu)
{
    const uint64_t end = ps_now_ns() + (uint64_t)(s->plan->request->program.attach_time * 1e9);
    const uint64_t before = cpu_time(pid);
    const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* Linux 5.3 */

    for (uint64_t now = ps_now_ns(), used; now < end && !session_interrupted(s);
         now = ps_now_ns()) {
        const double left = (double)(end - now) * 1e-9;

        session_idle(fmin(ps_observer_watch(o, NULL, 0), left));
        used = cpu_time(pid);
        if (used > before)
            *cpu = used - before;
        if (has_ended(pidfd, pid))
            break;
    }
    if (pidfd >= 0)
        close(pidfd);
}

static int attached_run(struct session *s, struct target *t, size_t round)
{
    const pid_t pid = s->plan->request->program.attach;
    double *raw = ps_raw(&s->samples, t->series, round);
    struct ps_diagnoser *d;
    struct ps_observation *n;
    struct ps_observer *o;
    uint64_t begin, cpu = 0;
    int err = ps_diagnoser_create(t->plan->p, s->arena, &d, s->error);

    if (err < 0)
        return err;
    err = ps_observer_attach(pid, (unsigned)ceil(t->plan->p), &o, s->error);
    if (err < 0) {
        ps_diagnoser_destroy(d);
        return err;
    }
    ps_exports_begin(s->hooks->exports, t->workload->bound->label, false, d);
    ps_exports_watch(s->hooks->exports, o);
    begin = ps_now_ns();
    watch(s, o, pid, &cpu);
    raw[PS_RAW_WALL] = raw[PS_RAW_WALL_COUNTED] = (double)(ps_now_ns() - begin) * 1e-9;
    raw[PS_RAW_CPU] = (double)cpu * 1e-9;
    raw[PS_RAW_CPU_SPIN] = 0;
    n = ps_observer_finish(o, 0);
    n->used = (double)cpu * 1e-9;
    n->system = NAN;
    ps_observer_close(o);
    err = ps_diagnoser_add(d, n, s->error);
    if (!err)
        t->program->seen.diagnosis = ps_diagnoser_result(d);
    ps_observation_free(n);
    ps_diagnoser_destroy(d);
    t->program->seen.executions = t->series->sums.executions = 1;
    return err;
}

const struct target_ops attached_target_ops = {
    .open = attached_open,
    .close = attached_close,
    .warm_up = attached_warm_up,
    .run = attached_run,
    .finish = attached_finish,
};
