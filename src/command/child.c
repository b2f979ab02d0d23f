#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reap.h"
#include "launch.h"
#include "ticks.h"

#define STOPPED   1.0 /* s that a stopped command has to go on by itself */
#define KILL_TIME 2.0 /* s for processes to die of SIGKILL */

struct ps_children {
    enum ps_child_output output;
    int null, file, tail_read, tail_write; /* -1: not used */
    off_t file_start;                      /* end of the file before the run */
    sigset_t before;                       /* signal mask that commands get */
    char ring[PS_CHILD_TAIL];
    size_t ring_total; /* bytes written to it in this run */
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
    int stop_signal;
    size_t failed; /* index of the first command that failed; count: none */
    bool ending;   /* we ended it: statuses don't matter */
};

static void on_child(int number)
{
    /* Only there so that ppoll() is interrupted. */
}

static int open_descriptors(struct ps_children *c, const char *path, struct ps_err *e)
{
    int ends[2];

    c->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (c->null < 0)
        return ps_fail(e, errno, "can't open /dev/null: %s", strerror(errno));
    if (c->output == PS_CHILD_FILE) {
        c->file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
        if (c->file < 0)
            return ps_fail(e, errno, "can't write the program's output to '%s': %s", path,
                           strerror(errno));
    }
    if (c->output == PS_CHILD_NULL) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            return ps_fail(e, errno, "can't open a pipe: %s", strerror(errno));
        c->tail_read = ends[0];
        c->tail_write = ends[1];
        fcntl(c->tail_read, F_SETFL, O_NONBLOCK);
    }
    return 0;
}

int ps_children_open(enum ps_child_output output, const char *path, struct ps_children **children,
                     struct ps_err *e)
{
    struct sigaction action = {.sa_handler = on_child};
    struct ps_children *c = malloc(sizeof *c);
    int err;

    if (!c)
        return ps_fail(e, ENOMEM, "out of memory");
    *c = (struct ps_children){output, -1, -1, -1, -1};
    err = open_descriptors(c, path, e);
    if (!err && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        err = ps_fail(e, errno, "can't become the reaper of child processes: %s", strerror(errno));
    if (err < 0) {
        ps_children_close(c);
        return err;
    }
    sigprocmask(SIG_SETMASK, NULL, &c->before);
    sigaction(SIGCHLD, &action, NULL);
    *children = c;
    return 0;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

void ps_children_close(struct ps_children *c)
{
    if (!c)
        return;
    if (ps_reap_needed())
        ps_reap_all(KILL_TIME);
    close_one(c->null);
    close_one(c->file);
    close_one(c->tail_read);
    close_one(c->tail_write);
    free(c);
}

static void keep(struct ps_children *c, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        c->ring[c->ring_total++ % PS_CHILD_TAIL] = data[i];
}

/* Reads what is there; a flood does not keep us here, as we come back. */
static void drain(struct ps_children *c)
{
    char data[16384];

    for (int i = 0; i < 16; i++) {
        ssize_t length = c->tail_read >= 0 ? read(c->tail_read, data, sizeof data) : 0;

        if (length <= 0)
            return;
        keep(c, data + (length > PS_CHILD_TAIL ? length - PS_CHILD_TAIL : 0),
             length > PS_CHILD_TAIL ? PS_CHILD_TAIL : (size_t)length);
    }
}

/* The text from the first whole line on, where something was cut. */
static void cut_to_lines(char *text, bool cut)
{
    char *line = cut ? strchr(text, '\n') : NULL;

    if (line && line[1])
        memmove(text, line + 1, strlen(line + 1) + 1);
}

static void tail_of_ring(const struct ps_children *c, char *tail)
{
    size_t length = c->ring_total < PS_CHILD_TAIL ? c->ring_total : PS_CHILD_TAIL;

    for (size_t i = 0; i < length; i++)
        tail[i] = c->ring[(c->ring_total - length + i) % PS_CHILD_TAIL];
    tail[length] = '\0';
    cut_to_lines(tail, c->ring_total > PS_CHILD_TAIL);
}

static void tail_of_file(const struct ps_children *c, char *tail)
{
    off_t end = lseek(c->file, 0, SEEK_END), start = end - PS_CHILD_TAIL;
    ssize_t length;

    if (start < c->file_start)
        start = c->file_start;
    length = end > start ? pread(c->file, tail, (size_t)(end - start), start) : 0;
    tail[length > 0 ? length : 0] = '\0';
    cut_to_lines(tail, start > c->file_start);
}

static void take_tail(struct run *r)
{
    r->usage->tail[0] = '\0';
    if (r->c->output == PS_CHILD_NULL) {
        drain(r->c);
        tail_of_ring(r->c, r->usage->tail);
    } else if (r->c->output == PS_CHILD_FILE) {
        tail_of_file(r->c, r->usage->tail);
    }
}

static void add_usage(struct ps_child_usage *u, const struct rusage *r)
{
    u->user += (double)r->ru_utime.tv_sec + (double)r->ru_utime.tv_usec * 1e-6;
    u->system += (double)r->ru_stime.tv_sec + (double)r->ru_stime.tv_usec * 1e-6;
    u->voluntary += (uint64_t)r->ru_nvcsw;
    u->involuntary += (uint64_t)r->ru_nivcsw;
    u->minor_faults += (uint64_t)r->ru_minflt;
    u->major_faults += (uint64_t)r->ru_majflt;
    if ((uint64_t)r->ru_maxrss * 1024 > u->max_rss)
        u->max_rss = (uint64_t)r->ru_maxrss * 1024;
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

/* Waits for those of our commands that have ended. */
static void collect(struct run *r)
{
    for (size_t i = 0; i < r->count; i++) {
        struct rusage usage;
        int status;

        if (!r->pids[i] || wait4(r->pids[i], &status, WNOHANG, &usage) != r->pids[i])
            continue;
        add_usage(r->usage, &usage);
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
    return wait > 0 ? wait : 0;
}

/* Signals are let in here alone, so that none is lost between a look and the wait: a child that
 * ends or stops, and whatever the caller handles. */
static void wait_a_little(struct run *r, double seconds)
{
    struct timespec t = {0};
    struct pollfd output = {.fd = r->c->tail_read, .events = POLLIN};
    sigset_t mask = r->caller_mask;

    if (isfinite(seconds))
        t = (struct timespec){(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    sigdelset(&mask, SIGCHLD);
    if (ppoll(&output, 1, isfinite(seconds) ? &t : NULL, &mask) > 0)
        drain(r->c);
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

static void wait_for_all(struct run *r)
{
    while (r->running) {
        if (must_end(r)) {
            end_politely(r);
            break;
        }
        wait_a_little(r, wait_time(r));
        collect(r);
        if (r->running)
            watch(r);
    }
}

static int start_all(struct run *r, struct ps_err *e)
{
    struct ps_launch spawn = {
        .in = r->c->null,
        .out = r->c->output == PS_CHILD_FILE      ? r->c->file
               : r->c->output == PS_CHILD_INHERIT ? STDOUT_FILENO
                                                  : r->c->null,
        .err = r->c->output == PS_CHILD_FILE      ? r->c->file
               : r->c->output == PS_CHILD_INHERIT ? STDERR_FILENO
                                                  : r->c->tail_write,
        .mask = &r->c->before,
    };

    r->start = ps_now_ns();
    for (size_t i = 0; i < r->count; i++) {
        int err = ps_launch_start(&spawn, &r->children[i], &r->pids[i], e);

        if (err < 0)
            return err;
        r->running++;
    }
    return 0;
}

static void forget_output(struct run *r)
{
    drain(r->c);
    r->c->ring_total = 0;
    if (r->c->file >= 0)
        r->c->file_start = lseek(r->c->file, 0, SEEK_END);
}

static void finish(struct run *r)
{
    if (ps_reap_needed()) {
        struct ps_reaped reaped = ps_reap_all(KILL_TIME);

        r->usage->leftover = r->ending ? 0 : reaped.killed;
        r->usage->unkillable = reaped.unkillable;
    }
    take_tail(r);
    sigprocmask(SIG_SETMASK, &r->caller_mask, NULL);
}

int ps_child_run(struct ps_children *c, const struct ps_child *children, size_t count,
                 const struct ps_child_limits *limits, void (*between)(void *), void *between_arg,
                 struct ps_child_usage *usage, struct ps_err *e)
{
    static const struct ps_child_limits none;
    struct ps_child_usage found = {.end = PS_CHILD_EXITED};
    pid_t few[16] = {0}, *pids = count > 16 ? calloc(count, sizeof *pids) : few;
    struct run r = {.c = c, .children = children, .pids = pids, .count = count, .usage = &found};
    sigset_t all;
    int err;

    if (!pids)
        return ps_fail(e, ENOMEM, "out of memory for %zu commands", count);
    r.limits = limits ? limits : &none;
    r.failed = count;
    forget_output(&r);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &r.caller_mask);
    err = start_all(&r, e);
    if (r.limits->watch)
        r.next_watch = r.start + (uint64_t)(r.limits->first_watch * 1e9);
    if (err < 0)
        end_politely(&r);
    else
        wait_for_all(&r);
    found.wall = (double)(r.end - r.start) * 1e-9;
    if (between)
        between(between_arg);
    finish(&r);
    if (pids != few)
        free(pids);
    if (!err)
        *usage = found;
    return err;
}
