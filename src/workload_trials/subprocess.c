#include "subprocess.h"
#include "workload_trials.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum command { OPEN, WARM_UP, RUN, VERIFY };

/* Shared by both processes; one of them at a time uses it, by turns that the socket gives. */
struct page {
    enum command command;
    size_t round;
    double probe_time, side_time; /* spent by the whole session */
    int err;
    char error[sizeof(((struct ps_err *)NULL)->text)];
    struct schedule schedule;
    struct ps_sums sums; /* of its pointers, only those to constants mean something to both */
    char uncounted[200];
    double raw[PS_RAW_COUNT];
    /* Threads of the target; after them page_counts(), then neighbours_of(). */
    struct ps_worker workers[];
};

struct subprocess {
    struct page *page;
    size_t bytes; /* of it */
    int fd;       /* this side's end of the socket */
    pid_t pid;    /* 0: gone */
    open_target_fn *open_target;
    bool stopped;
};

static size_t count_bytes(const struct session *s, const struct target *t)
{
    return t->plan->threads * s->samples.event_count * sizeof *t->series->sums.worker_counts;
}

static size_t page_bytes(const struct session *s, const struct target *t)
{
    return sizeof(struct page) + t->plan->threads * (sizeof(struct ps_worker) + sizeof(double)) +
           count_bytes(s, t);
}

_Static_assert(sizeof(struct ps_worker) % sizeof(double) == 0 &&
                   sizeof(struct ps_worker_count) % sizeof(double) == 0,
               "doubles can stand behind both");

static void *page_counts(struct page *p, const struct target *t)
{
    return p->workers + t->plan->threads;
}

static double *neighbours_of(const struct session *s, struct page *p, const struct target *t)
{
    return (double *)((char *)page_counts(p, t) + count_bytes(s, t));
}

/* ---- in the subprocess ---- */

static void be_a_subprocess(pid_t parent)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE,
                                  SIGABRT}; /* told by the parent */

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        signal(crashes[i], SIG_DFL);
}

/* Copies what is ours, so that the parent's pages are its own again before it measures. */
static int take_memory(struct session *s, const struct target *t)
{
    size_t mine = t->plan->workload;

    for (size_t i = 0; i < s->plan->workload_count; i++)
        if (i != mine)
            ps_memory_finish(&s->memories[i]);
    return t->plan->strategy->forks ? ps_memory_share(&s->memories[mine])
                                    : ps_memory_own(&s->memories[mine]);
}

static int set_up(struct session *s, struct target *t)
{
    int err = take_memory(s, t);

    if (err < 0)
        return ps_fail(s->error, -err, "%s: no memory for its process", t->plan->options->label);
    return t->subprocess->open_target(s, t);
}

/* Rows up to and with `round`. */
static void grow(struct ps_samples *samples, size_t round)
{
    for (; samples->rounds <= round; samples->rounds++)
        ps_samples_grow(samples);
}

static int obey(struct session *s, struct target *t, struct page *p)
{
    switch (p->command) {
    case OPEN:
        return set_up(s, t);
    case WARM_UP:
        return trial_warm_up(s, t);
    case RUN:
        grow(&s->samples, p->round);
        return trial_run(s, t, p->round);
    case VERIFY:
        return trial_verify(s, t);
    }
    return -EINVAL;
}

static void answer(struct session *s, struct target *t, struct page *p)
{
    p->probe_time = s->probe_time;
    p->side_time = s->side_time;
    snprintf(p->error, sizeof p->error, "%s", s->error->text);
    snprintf(p->uncounted, sizeof p->uncounted, "%s",
             t->series->sums.uncounted ? t->series->sums.uncounted : "");
    p->schedule = t->schedule;
    p->sums = t->series->sums;
    if (p->command == RUN) {
        memcpy(p->raw, ps_raw(&s->samples, t->series, p->round),
               s->samples.column_count * sizeof *p->raw);
        memcpy(neighbours_of(s, p, t), t->neighbours, t->plan->threads * sizeof *t->neighbours);
    }
    if (t->series->sums.workers)
        memcpy(p->workers, t->series->sums.workers, t->plan->threads * sizeof *p->workers);
    if (t->series->sums.worker_counts)
        memcpy(page_counts(p, t), t->series->sums.worker_counts, count_bytes(s, t));
}

static _Noreturn void serve(struct session *s, struct target *t, struct page *p, int fd)
{
    const struct ps_measure_hooks none = {NULL};
    struct ps_err e = {""};
    char turn;

    s->hooks = &none;
    s->error = &e;
    s->samples.rounds = 0;
    s->samples.neighbour = NULL;
    memset(t->series->raw, 0, sizeof t->series->raw);
    s->samples.series = t->series; /* the table is of this target alone */
    s->samples.series_count = 1;
    while (read(fd, &turn, 1) == 1) {
        s->probe_time = p->probe_time;
        s->side_time = p->side_time;
        t->schedule = p->schedule;
        p->err = obey(s, t, p);
        answer(s, t, p);
        if (write(fd, &turn, 1) != 1)
            break;
    }
    _exit(1);
}

/* ---- in the measuring process ---- */

static void forget(struct subprocess *c)
{
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
}

static int died(struct session *s, const struct target *t, struct subprocess *c)
{
    int status = 0;

    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
    if (WIFSIGNALED(status) && t->crash)
        return ps_fail(s->error, ECHILD, "%s crashed with SIG%s %s", t->crash->who,
                       sigabbrev_np(WTERMSIG(status)), t->crash->what);
    if (WIFSIGNALED(status))
        return ps_fail(s->error, ECHILD, "%s crashed with SIG%s while it ran %s with %u threads",
                       t->plan->options->label, sigabbrev_np(WTERMSIG(status)),
                       t->workload->bound->label, t->plan->threads);
    return ps_fail(
        s->error, ECHILD, "%s ended its process (status %d) while it ran %s with %u threads",
        t->plan->options->label, WEXITSTATUS(status), t->workload->bound->label, t->plan->threads);
}

/* The subprocess's turn is over when it has written. */
static int await_turn(struct session *s, struct target *t, struct subprocess *c)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    char turn;

    while (poll(&fd, 1, -1) < 0) {
        if (errno != EINTR)
            return ps_fail(s->error, errno, "poll: %s", strerror(errno));
        if (session_interrupted(s)) {
            forget(c);
            return -EINTR;
        }
    }
    return read(c->fd, &turn, 1) == 1 ? 0 : died(s, t, c);
}

/* Returns when all its threads have stopped, or it has died. */
static void stop(struct subprocess *c)
{
    siginfo_t info;

    kill(c->pid, SIGSTOP);
    while (waitid(P_PID, (id_t)c->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0 && errno == EINTR)
        ;
    c->stopped = true;
}

/* The sums' own arrays stay this process's. */
static void take_sums(struct session *s, struct target *t, struct page *p)
{
    struct ps_sums *sums = &t->series->sums;
    struct ps_worker *workers = sums->workers;
    struct ps_worker_count *counts = sums->worker_counts;
    const char *uncounted = sums->uncounted;

    *sums = p->sums;
    sums->workers = workers;
    sums->worker_counts = counts;
    sums->uncounted = *p->uncounted ? ps_arena_copy(s->arena, p->uncounted) : uncounted;
    memcpy(workers, p->workers, t->plan->threads * sizeof *workers);
    memcpy(counts, page_counts(p, t), count_bytes(s, t));
}

static void take_answer(struct session *s, struct target *t, struct page *p)
{
    t->schedule = p->schedule;
    take_sums(s, t, p);
    s->probe_time = p->probe_time;
    s->side_time = p->side_time;
}

static int call(struct session *s, struct target *t, enum command command, size_t round)
{
    struct subprocess *c = t->subprocess;
    struct page *p = c->page;
    char turn = 0;
    int err;

    if (!c->pid)
        return -EINTR;
    p->command = command;
    p->round = round;
    p->probe_time = s->probe_time;
    p->side_time = s->side_time;
    p->schedule = t->schedule;
    if (c->stopped)
        kill(c->pid, SIGCONT);
    c->stopped = false;
    if (send(c->fd, &turn, 1, MSG_NOSIGNAL) != 1)
        return died(s, t, c);
    err = await_turn(s, t, c);
    if (err < 0)
        return err;
    stop(c);
    if (p->err < 0)
        return ps_fail(s->error, -p->err, "%s", p->error);
    if (command != OPEN)
        take_answer(s, t, p);
    return session_interrupted(s) ? -EINTR : 0;
}

static int start(struct session *s, struct target *t, struct subprocess *c)
{
    pid_t parent = getpid();
    int ends[2];

    c->bytes = page_bytes(s, t);
    c->page = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c->page == MAP_FAILED)
        return -errno;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    c->pid = fork();
    if (c->pid == 0) {
        close(ends[0]);
        be_a_subprocess(parent);
        serve(s, t, c->page, ends[1]);
    }
    close(ends[1]);
    c->fd = ends[0];
    return c->pid < 0 ? -errno : 0;
}

int subprocess_open(struct session *s, struct target *t, open_target_fn *open_target)
{
    int err;

    t->subprocess = ps_arena_alloc(s->arena, sizeof *t->subprocess);
    t->subprocess->fd = -1;
    t->subprocess->open_target = open_target;
    err = start(s, t, t->subprocess);
    if (err < 0)
        return ps_fail(s->error, -err, "%s: can't start its process: %s", t->plan->options->label,
                       strerror(-err));
    return call(s, t, OPEN, 0);
}

void subprocess_close(struct subprocess *c)
{
    if (c->pid > 0)
        forget(c);
    if (c->fd >= 0)
        close(c->fd);
    if (c->page && c->page != MAP_FAILED)
        munmap(c->page, c->bytes);
}

int subprocess_warm_up(struct session *s, struct target *t)
{
    return call(s, t, WARM_UP, 0);
}

int subprocess_run(struct session *s, struct target *t, size_t round)
{
    int err = call(s, t, RUN, round);

    if (err < 0)
        return err;
    memcpy(ps_raw(&s->samples, t->series, round), t->subprocess->page->raw,
           s->samples.column_count * sizeof(double));
    memcpy(t->neighbours, neighbours_of(s, t->subprocess->page, t),
           t->plan->threads * sizeof *t->neighbours);
    return 0;
}

int subprocess_verify(struct session *s, struct target *t)
{
    return call(s, t, VERIFY, 0);
}
