#include "cell.h"

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
    struct lane lane; /* of its pointers, only those to constants mean something to both */
    char uncounted[200];
    double raw[RAW_COUNT];
    /* Threads of the lane; after them page_counts(), then neighbours_of(). */
    struct ps_worker workers[];
};

struct cell {
    struct page *page;
    size_t bytes; /* of it */
    int fd;       /* this side's end of the socket */
    pid_t pid;    /* 0: gone */
    bool stopped;
};

static size_t count_bytes(const struct session *s, const struct lane *l)
{
    return l->plan->threads * s->event_count * sizeof *l->worker_counts;
}

static size_t page_bytes(const struct session *s, const struct lane *l)
{
    return sizeof(struct page) + l->plan->threads * (sizeof(struct ps_worker) + sizeof(double)) +
           count_bytes(s, l);
}

_Static_assert(sizeof(struct ps_worker) % sizeof(double) == 0 &&
                   sizeof(struct worker_count) % sizeof(double) == 0,
               "doubles can stand behind both");

static void *page_counts(struct page *p, const struct lane *l)
{
    return p->workers + l->plan->threads;
}

static double *neighbours_of(const struct session *s, struct page *p, const struct lane *l)
{
    return (double *)((char *)page_counts(p, l) + count_bytes(s, l));
}

/* ---- in the cell ---- */

static void be_a_cell(pid_t parent)
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
static int take_memory(struct session *s, const struct lane *l)
{
    size_t mine = l->plan->workload;

    for (size_t i = 0; i < s->plan->workload_count; i++)
        if (i != mine)
            ps_memory_finish(&s->memories[i]);
    return l->plan->strategy->forks ? ps_memory_share(&s->memories[mine])
                                    : ps_memory_own(&s->memories[mine]);
}

static int set_up(struct session *s, struct lane *l)
{
    int err = take_memory(s, l);

    if (err < 0)
        return ps_fail(s->error, -err, "%s: no memory for a process of its own",
                       l->plan->options->label);
    return workload_open_lane(s, l);
}

/* Rows up to and with `round`. */
static void grow(struct session *s, struct lane *l, size_t round)
{
    for (; s->rounds <= round; s->rounds++) {
        l->raw = ps_arena_grow(s->arena, l->raw, s->rounds, s->raw_count * sizeof *l->raw);
        for (size_t k = 0; k < s->raw_count; k++)
            lane_raw(s, l, s->rounds)[k] = NAN;
    }
}

static int obey(struct session *s, struct lane *l, struct page *p)
{
    switch (p->command) {
    case OPEN:
        return set_up(s, l);
    case WARM_UP:
        return trial_warm_up(s, l);
    case RUN:
        grow(s, l, p->round);
        return trial_run(s, l, p->round);
    case VERIFY:
        return trial_verify(s, l);
    }
    return -EINVAL;
}

static void answer(struct session *s, struct lane *l, struct page *p)
{
    p->probe_time = s->probe_time;
    p->side_time = s->side_time;
    snprintf(p->error, sizeof p->error, "%s", s->error->text);
    snprintf(p->uncounted, sizeof p->uncounted, "%s", l->uncounted ? l->uncounted : "");
    p->lane = *l;
    if (p->command == RUN) {
        memcpy(p->raw, lane_raw(s, l, p->round), s->raw_count * sizeof *p->raw);
        memcpy(neighbours_of(s, p, l), l->neighbours, l->plan->threads * sizeof *l->neighbours);
    }
    if (l->workers)
        memcpy(p->workers, l->workers, l->plan->threads * sizeof *p->workers);
    if (l->worker_counts)
        memcpy(page_counts(p, l), l->worker_counts, count_bytes(s, l));
}

static _Noreturn void serve(struct session *s, struct lane *l, struct page *p, int fd)
{
    const struct ps_measure_hooks none = {NULL};
    struct ps_err e = {""};
    char turn;

    s->hooks = &none;
    s->error = &e;
    s->rounds = 0;
    l->raw = NULL;
    while (read(fd, &turn, 1) == 1) {
        s->probe_time = p->probe_time;
        s->side_time = p->side_time;
        p->err = obey(s, l, p);
        answer(s, l, p);
        if (write(fd, &turn, 1) != 1)
            break;
    }
    _exit(1);
}

/* ---- in the measuring process ---- */

static void forget(struct cell *c)
{
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
}

static int died(struct session *s, const struct lane *l, struct cell *c)
{
    int status = 0;

    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
    if (WIFSIGNALED(status) && l->crash)
        return ps_fail(s->error, ECHILD, "%s crashed with SIG%s %s", l->crash->who,
                       sigabbrev_np(WTERMSIG(status)), l->crash->what);
    if (WIFSIGNALED(status))
        return ps_fail(s->error, ECHILD, "%s crashed with SIG%s while it ran %s with %u threads",
                       l->plan->options->label, sigabbrev_np(WTERMSIG(status)),
                       l->workload->bound->label, l->plan->threads);
    return ps_fail(
        s->error, ECHILD, "%s ended its process (status %d) while it ran %s with %u threads",
        l->plan->options->label, WEXITSTATUS(status), l->workload->bound->label, l->plan->threads);
}

/* The cell's turn is over when it has written. */
static int await_turn(struct session *s, struct lane *l, struct cell *c)
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
    return read(c->fd, &turn, 1) == 1 ? 0 : died(s, l, c);
}

/* Returns when all its threads have stopped, or it has died. */
static void stop(struct cell *c)
{
    siginfo_t info;

    kill(c->pid, SIGSTOP);
    while (waitid(P_PID, (id_t)c->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0 && errno == EINTR)
        ;
    c->stopped = true;
}

static void take_lane(struct session *s, struct lane *l, struct page *p)
{
    const struct lane *from = &p->lane;

    l->count_inline = from->count_inline;
    l->reps = from->reps;
    l->execution = from->execution;
    l->verify_time = from->verify_time;
    l->executions = from->executions;
    l->worker_executions = from->worker_executions;
    l->counted_trials = from->counted_trials;
    l->frequency_why = from->frequency_why;
    memcpy(l->enabled_ns, from->enabled_ns, sizeof l->enabled_ns);
    memcpy(l->running_ns, from->running_ns, sizeof l->running_ns);
    memcpy(l->event_rounds, from->event_rounds, sizeof l->event_rounds);
    memcpy(l->event_doubt, from->event_doubt, sizeof l->event_doubt);
    memcpy(l->workers, p->workers, l->plan->threads * sizeof *l->workers);
    memcpy(l->worker_counts, page_counts(p, l), count_bytes(s, l));
    if (*p->uncounted)
        l->uncounted = ps_arena_copy(s->arena, p->uncounted);
    s->probe_time = p->probe_time;
    s->side_time = p->side_time;
}

static int call(struct session *s, struct lane *l, enum command command, size_t round)
{
    struct cell *c = l->cell;
    struct page *p = c->page;
    char turn = 0;
    int err;

    if (!c->pid)
        return -EINTR;
    p->command = command;
    p->round = round;
    p->probe_time = s->probe_time;
    p->side_time = s->side_time;
    if (c->stopped)
        kill(c->pid, SIGCONT);
    c->stopped = false;
    if (send(c->fd, &turn, 1, MSG_NOSIGNAL) != 1)
        return died(s, l, c);
    err = await_turn(s, l, c);
    if (err < 0)
        return err;
    stop(c);
    if (p->err < 0)
        return ps_fail(s->error, -p->err, "%s", p->error);
    if (command != OPEN)
        take_lane(s, l, p);
    return session_interrupted(s) ? -EINTR : 0;
}

static int start(struct session *s, struct lane *l, struct cell *c)
{
    pid_t parent = getpid();
    int ends[2];

    c->bytes = page_bytes(s, l);
    c->page = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c->page == MAP_FAILED)
        return -errno;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    c->pid = fork();
    if (c->pid == 0) {
        close(ends[0]);
        be_a_cell(parent);
        serve(s, l, c->page, ends[1]);
    }
    close(ends[1]);
    c->fd = ends[0];
    return c->pid < 0 ? -errno : 0;
}

int cell_open(struct session *s, struct lane *l)
{
    int err;

    l->cell = ps_arena_alloc(s->arena, sizeof *l->cell);
    l->cell->fd = -1;
    err = start(s, l, l->cell);
    if (err < 0)
        return ps_fail(s->error, -err, "%s: can't start a process for it: %s",
                       l->plan->options->label, strerror(-err));
    return call(s, l, OPEN, 0);
}

void cell_close(struct cell *c)
{
    if (c->pid > 0)
        forget(c);
    if (c->fd >= 0)
        close(c->fd);
    if (c->page && c->page != MAP_FAILED)
        munmap(c->page, c->bytes);
}

int cell_warm_up(struct session *s, struct lane *l)
{
    return call(s, l, WARM_UP, 0);
}

int cell_run(struct session *s, struct lane *l, size_t round)
{
    int err = call(s, l, RUN, round);

    if (err < 0)
        return err;
    memcpy(lane_raw(s, l, round), l->cell->page->raw, s->raw_count * sizeof(double));
    memcpy(l->neighbours, neighbours_of(s, l->cell->page, l),
           l->plan->threads * sizeof *l->neighbours);
    return 0;
}

int cell_verify(struct session *s, struct lane *l)
{
    return call(s, l, VERIFY, 0);
}
