#include "child.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "input.h"
#include "launch.h"
#include "linger.h"
#include "reap.h"
#include "schedstat.h"
#include "starter.h"
#include "ticks.h"
#include "usage.h"

#define STOPPED      1.0 /* s that a stopped command has to go on by itself */
#define KILL_TIME    2.0 /* s for processes to die of SIGKILL */
#define HAND_OVER    0.1 /* s after which we ask what became of a command that has not ended */
#define FEW_SWITCHES 4   /* the kernel's own threads make some */

struct ps_children {
    struct ps_capture capture;
    sigset_t before;            /* signal mask that commands get */
    const char *input;          /* path; NULL: nothing */
    struct ps_starter *starter; /* NULL: commands are started by ourselves */
};

/* One call of ps_child_run. */
struct run {
    struct ps_children *c;
    const struct ps_child *children;
    pid_t *pids; /* 0: ended */
    size_t count, running;
    const struct ps_child_limits *limits;
    struct ps_child_usage *usage;
    sigset_t caller_mask;
    uint64_t start, end, next_watch, stopped_since;
    struct ps_started started; /* the first command, by the starter */
    int stop_signal;
    size_t failed;   /* index of the first command that failed; count: none */
    size_t handed;   /* to the starter, and it is not known what became of it; count: none */
    bool by_starter; /* all were */
    int watched;     /* descriptor of their standard input; -1: it is not watched */
    bool ending;     /* we ended it: statuses don't matter */
};

static void on_child(int number)
{
    /* Only there so that ppoll() is interrupted. */
}

int ps_child_output_check(const char *path, struct ps_err *e)
{
    return ps_capture_check(path, e);
}

int ps_children_open(enum ps_child_output output, const char *path, struct ps_children **children,
                     struct ps_err *e)
{
    struct sigaction action = {.sa_handler = on_child};
    struct ps_children *c = calloc(1, sizeof *c);
    int err;

    if (!c)
        return ps_fail(e, ENOMEM, "out of memory");
    err = ps_capture_open(&c->capture, output, path, e);
    if (!err && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        err = ps_fail(e, errno, "can't become the reaper of child processes: %s", strerror(errno));
    if (err < 0) {
        ps_children_close(c);
        return err;
    }
    sigprocmask(SIG_SETMASK, NULL, &c->before);
    sigaction(SIGCHLD, &action, NULL);
    c->starter = ps_starter_create();
    *children = c;
    return 0;
}

void ps_children_close(struct ps_children *c)
{
    if (!c)
        return;
    if (ps_reap_needed())
        ps_reap_all(KILL_TIME, NULL);
    ps_starter_destroy(c->starter);
    ps_capture_close(&c->capture);
    free(c);
}

int ps_child_input_check(const char *path, struct ps_err *e)
{
    return ps_input_check(path, e);
}

int ps_children_set_input(struct ps_children *c, const char *path, struct ps_err *e)
{
    int err = path ? ps_child_input_check(path, e) : 0;

    if (!err)
        c->input = path;
    return err;
}

pid_t ps_children_starter(const struct ps_children *c)
{
    return c->starter ? ps_starter_pid(c->starter) : 0;
}

/* Of the process whose memory a command takes over. */
static uint64_t own_peak(const struct run *r)
{
    struct rusage usage;

    if (r->by_starter)
        return ps_starter_peak(r->c->starter);
    return getrusage(RUSAGE_SELF, &usage) < 0 ? 0 : (uint64_t)usage.ru_maxrss * 1024;
}

/* Of several that fail the first in their order counts, not the first in time. */
static void note_end(struct run *r, size_t i, int status)
{
    if (r->ending || i >= r->failed)
        return;
    if (WIFEXITED(status) && WEXITSTATUS(status)) {
        r->usage->end = PS_CHILD_EXITED;
        r->usage->status = WEXITSTATUS(status);
        r->failed = i;
    } else if (WIFSIGNALED(status)) {
        r->usage->end = PS_CHILD_SIGNALLED;
        r->usage->status = WTERMSIG(status);
        r->failed = i;
    }
}

/* By the kernel alone: waitid() of the C library does not tell the usage. */
static bool has_ended(pid_t pid, struct rusage *usage)
{
    siginfo_t info = {0};

    return syscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT, usage) == 0 &&
           info.si_pid;
}

/* A command that used a CPU as long as it lived, but for what waking us takes, can only have waited
 * for its first one. Threads and processes use more at once, or wait for each other: of the one
 * voluntary switch it dies. */
static bool only_waited_first(const struct run *r, const struct rusage *usage)
{
    const struct ps_started *s = &r->started;
    struct ps_child_usage u = {0};

    if (!r->by_starter || r->count > 1 || !s->created || !s->on_cpu)
        return false;
    ps_usage_add(&u, usage);
    return u.voluntary <= 1 && u.involuntary <= FEW_SWITCHES &&
           fabs((double)(r->end - s->on_cpu) * 1e-9 - u.user - u.system) < PS_WAKING * 1e-9;
}

/* Once it is created it waits, if it does not run yet. */
static struct ps_schedstat first_wait(const struct ps_started *s)
{
    return (struct ps_schedstat){
        .delay = s->on_cpu > s->created ? s->on_cpu - s->created : 0,
        .slices = 1,
    };
}

/* To open the file takes 25 us, a quarter of all that is done between two executions. */
static struct ps_schedstat ask_kernel(pid_t pid)
{
    struct ps_schedstat found;
    char path[32];

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    ps_schedstat_of(path, &found);
    return found;
}

/* Of a command that has ended and is not waited for yet, without descendants. */
static void add_run_delay(struct run *r, pid_t pid)
{
    const struct ps_schedstat began = {0};
    struct ps_schedstat now;
    struct rusage usage;

    if (!has_ended(pid, &usage))
        return;
    now = only_waited_first(r, &usage) ? first_wait(&r->started) : ask_kernel(pid);
    r->usage->run_delay += (double)now.delay * 1e-9;
    r->usage->others += ps_schedstat_others(&began, &now) * 1e-9;
}

/* Waits for those of our commands that have ended. */
static void collect(struct run *r)
{
    for (size_t i = 0; i < r->count; i++) {
        struct rusage usage;
        int status;

        if (r->pids[i])
            add_run_delay(r, r->pids[i]);
        if (!r->pids[i] || wait4(r->pids[i], &status, WNOHANG, &usage) != r->pids[i])
            continue;
        ps_usage_add(r->usage, &usage);
        note_end(r, i, status);
        r->pids[i] = 0;
        r->running--;
    }
}

static double since(uint64_t ns)
{
    return (double)(ps_now_ns() - ns) * 1e-9;
}

/* Whether one has been stopped for so long that it will not go on by itself. */
static bool stuck_stopped(struct run *r)
{
    bool stopped = false;

    for (size_t i = 0; i < r->count; i++) {
        siginfo_t info = {0};

        if (!r->pids[i] ||
            waitid(P_PID, (id_t)r->pids[i], &info, WSTOPPED | WNOHANG | WNOWAIT) < 0 ||
            !info.si_pid)
            continue;
        stopped = true;
        r->stop_signal = info.si_status;
    }
    if (!stopped)
        r->stopped_since = 0;
    else if (!r->stopped_since)
        r->stopped_since = ps_now_ns();
    return stopped && since(r->stopped_since) >= STOPPED;
}

static bool must_end(struct run *r)
{
    const struct ps_child_limits *l = r->limits;

    /* Set by a signal handler, which publishes nothing else. */
    if (l->interrupted && atomic_load_explicit(l->interrupted, memory_order_relaxed))
        r->usage->end = PS_CHILD_INTERRUPTED;
    else if (l->timeout > 0 && since(r->start) >= l->timeout)
        r->usage->end = PS_CHILD_TIMED_OUT;
    else if (stuck_stopped(r))
        r->usage->end = PS_CHILD_STOPPED;
    else
        return false;
    r->usage->status = r->usage->end == PS_CHILD_STOPPED ? r->stop_signal : 0;
    return true;
}

static void watch(struct run *r)
{
    uint64_t now = ps_now_ns();
    double again;

    if (!r->next_watch || now < r->next_watch)
        return;
    again = r->limits->watch(r->limits->watch_arg, r->pids, r->count);
    r->next_watch = again > 0 ? now + (uint64_t)(again * 1e9) : 0;
}

static double time_to(uint64_t ns)
{
    uint64_t now = ps_now_ns();

    return ns > now ? (double)(ns - now) * 1e-9 : 0;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* How long nothing needs to be done: every wake-up takes a CPU from the program. */
static double wait_time(const struct run *r)
{
    double wait = INFINITY;

    if (r->next_watch)
        wait = time_to(r->next_watch);
    if (r->limits->timeout > 0)
        wait = smaller(wait, r->limits->timeout - since(r->start));
    if (r->stopped_since)
        wait = smaller(wait, STOPPED - since(r->stopped_since));
    if (r->handed < r->count)
        wait = smaller(wait, HAND_OVER);
    return wait > 0 ? wait : 0;
}

/* Signals are let in here alone, so that none is lost between a look and the wait: a child that
 * ends or stops, and whatever the caller handles. */
static void wait_a_little(struct run *r, double seconds)
{
    struct timespec t = {0};
    struct pollfd output = {.fd = r->c->capture.read_end, .events = POLLIN};
    sigset_t mask = r->caller_mask;

    if (isfinite(seconds))
        t = (struct timespec){(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    sigdelset(&mask, SIGCHLD);
    if (ppoll(&output, 1, isfinite(seconds) ? &t : NULL, &mask) > 0)
        ps_capture_drain(&r->c->capture);
    r->end = ps_now_ns();
}

static void signal_groups(const struct run *r, int number)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->pids[i])
            kill(-r->pids[i], number);
}

static void end_politely(struct run *r)
{
    uint64_t begin = ps_now_ns();

    r->ending = true;
    signal_groups(r, SIGTERM);
    signal_groups(r, SIGCONT);
    while (r->running && since(begin) < PS_CHILD_GRACE) {
        wait_a_little(r, PS_CHILD_GRACE - since(begin));
        collect(r);
    }
    signal_groups(r, SIGKILL);
    while (r->running && since(begin) < PS_CHILD_GRACE + KILL_TIME) {
        wait_a_little(r, KILL_TIME);
        collect(r);
    }
}

/* What became of the command that was handed over. The time begins with the first command, not with
 * the hand-over. */
static int learn(struct run *r, struct ps_err *e)
{
    const size_t i = r->handed;
    struct ps_started started;
    int err;

    if (i == r->count)
        return 0;
    r->handed = r->count;
    err = ps_starter_started(r->c->starter, &r->children[i], &r->pids[i], &started, e);
    if (err < 0) {
        r->running--;
    } else if (i == 0) {
        r->started = started;
        r->start = started.begun;
    }
    return err;
}

static int wait_for_all(struct run *r, struct ps_err *e)
{
    int err = 0;

    while (!err && r->running) {
        if (must_end(r)) {
            err = learn(r, e);
            end_politely(r);
            break;
        }
        wait_a_little(r, wait_time(r));
        err = learn(r, e);
        collect(r);
        if (r->running)
            watch(r);
    }
    return err;
}

static int launch(struct run *r, const struct ps_launch *launch, size_t i, struct ps_err *e)
{
    int err = learn(r, e);

    if (err < 0)
        return err;
    r->by_starter = r->by_starter && ps_starter_start(r->c->starter, launch, &r->children[i]) == 0;
    if (r->by_starter)
        r->handed = i;
    else
        err = ps_launch_start(launch, &r->children[i], &r->pids[i], e);
    r->running += !err;
    return err;
}

/* Each has a place of its own in the file. */
static int start_one(struct run *r, struct ps_launch *l, size_t i, struct ps_err *e)
{
    int err, file = r->c->input ? ps_input_open(r->c->input, e) : -1;

    if (r->c->input && file < 0)
        return file;
    l->in = file >= 0 ? file : r->watched >= 0 ? r->watched : r->c->capture.null;
    err = launch(r, l, i, e);
    if (file >= 0) {
        err = err ? err : learn(r, e); /* the starter's descriptors are ours */
        close(file);
    }
    return err;
}

static int start_all(struct run *r, struct ps_err *e)
{
    struct ps_launch l = {
        .out = ps_capture_out(&r->c->capture),
        .err = ps_capture_err(&r->c->capture),
        .mask = &r->c->before,
    };

    r->by_starter = r->c->starter;
    r->watched = r->limits->watch_input && !r->c->input ? ps_input_watched() : -1;
    r->start = ps_now_ns();
    for (size_t i = 0; i < r->count; i++) {
        int err = start_one(r, &l, i, e);

        if (err < 0)
            return err;
    }
    return 0;
}

/* left: something was, when the last command had ended. */
static void finish(struct run *r, bool left)
{
    if (left && ps_reap_needed()) {
        struct ps_reaped reaped = ps_reap_all(KILL_TIME, r->usage);

        r->usage->leftover = r->ending ? 0 : reaped.killed;
        r->usage->unkillable = reaped.unkillable;
    }
    if (r->watched >= 0) {
        r->usage->read_input = ps_input_was_read(r->watched);
        close(r->watched);
    }
    ps_capture_tail(&r->c->capture, r->usage->tail);
    sigprocmask(SIG_SETMASK, &r->caller_mask, NULL);
}

int ps_child_run(struct ps_children *c, const struct ps_child *children, size_t count,
                 const struct ps_child_limits *limits, struct ps_child_usage *usage,
                 struct ps_err *e)
{
    static const struct ps_child_limits none;
    struct ps_child_usage found = {.end = PS_CHILD_EXITED};
    pid_t few[16] = {0}, *pids = count > 16 ? calloc(count, sizeof *pids) : few;
    struct run r = {.c = c, .children = children, .pids = pids, .count = count, .usage = &found};
    sigset_t all;
    bool left;
    int err;

    if (!pids)
        return ps_fail(e, ENOMEM, "out of memory for %zu commands", count);
    r.limits = limits ? limits : &none;
    r.failed = r.handed = count;
    ps_capture_begin(&c->capture);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &r.caller_mask);
    err = start_all(&r, e);
    if (r.limits->watch)
        r.next_watch = r.start + (uint64_t)(r.limits->first_watch * 1e9);
    if (!err)
        err = wait_for_all(&r, e);
    if (err < 0)
        end_politely(&r);
    found.ended = r.end;
    found.wall = found.lasted = (double)(r.end - r.start) * 1e-9;
    left = ps_reap_needed();
    if (!r.ending && !err && left) {
        ps_linger(r.limits->linger, r.limits->interrupted, &found);
        found.lasted = (double)(ps_now_ns() - r.start) * 1e-9;
    }
    found.own_rss = own_peak(&r); /* by now: starting commands can raise it */
    if (r.limits->between)
        r.limits->between(r.limits->between_arg);
    finish(&r, left);
    if (pids != few)
        free(pids);
    if (!err)
        *usage = found;
    return err;
}
