#include "rank_run.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call_watch.h"
#include "counters.h"
#include "launch.h"
#include "launcher.h"
#include "observer.h"
#include "sampled.h"
#include "ticks.h"
#include "tree.h"

#define THREAD 0.2 /* of a CPU that a further thread uses at least */

/* Those that launchers send to their processes. */
static const int passed_on[] = {SIGTERM, SIGINT,  SIGHUP,  SIGQUIT,
                                SIGUSR1, SIGUSR2, SIGCONT, SIGXCPU};
#define PASSED_ON (sizeof passed_on / sizeof *passed_on)

struct run {
    const struct ps_rank_program *program;
    struct ps_call_watch watch;
    struct ps_counters *counters;
    struct ps_tree_counter *tree;
    struct ps_tree_counts before, after;
    struct ps_observer *observer; /* NULL: none is needed, or there can be none */
    struct ps_err unobserved;     /* why not */
    sigset_t mask;                /* that we were started with */
    uint64_t start, end;
    pid_t pid;
    int status;
    bool lost; /* somebody else has waited for it */
    struct rusage usage;
};

static void block_signals(struct run *run, sigset_t *waited)
{
    sigset_t all;

    signal(SIGCHLD, SIG_DFL); /* where it is ignored, no end of a process is told */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &run->mask);
    sigemptyset(waited);
    sigaddset(waited, SIGCHLD);
    for (size_t i = 0; i < PASSED_ON; i++)
        sigaddset(waited, passed_on[i]);
}

static bool has_ended(struct run *run)
{
    const pid_t got = wait4(run->pid, &run->status, WNOHANG, &run->usage);

    run->end = ps_now_ns();
    run->lost = got < 0 && errno == ECHILD;
    return got == run->pid || run->lost;
}

/* Or none, after a while, where there is something to observe. */
static int next_signal(struct run *run, const sigset_t *waited)
{
    struct timespec pause = {0, 0};

    if (!run->observer)
        return sigwaitinfo(waited, NULL);
    pause.tv_nsec = (long)(fmin(0.9, ps_observer_watch(run->observer, NULL, 0)) * 1e9);
    return sigtimedwait(waited, NULL, &pause);
}

/* Blocked signals wait until they are taken here, so that none is lost between. The program leads a
 * group of its own, whose processes get what the launcher sends to ours. */
static void wait_for(struct run *run, const sigset_t *waited)
{
    while (!has_ended(run)) {
        const int number = next_signal(run, waited);

        if (number > 0 && number != SIGCHLD)
            kill(-run->pid, number);
    }
}

static int start(struct run *run, struct ps_err *e)
{
    const struct ps_launch launch = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, &run->mask};
    const struct ps_child child = {
        .path = run->program->path,
        .words = run->program->words,
        .environment = run->watch.environment,
    };

    if (run->tree && ps_tree_read(run->tree, &run->before) < 0) {
        ps_tree_destroy(run->tree);
        run->tree = NULL;
    }
    run->start = ps_now_ns();
    return ps_launch_start(&launch, &child, &run->pid, e);
}

static void open_counters(struct run *run, struct ps_arena *a)
{
    struct ps_err ignored = {""};

    if (ps_counters_open(a, NULL, 0, false, &run->counters, &ignored) < 0 ||
        !ps_counters_any(run->counters) || ps_tree_create(run->counters, 0, &run->tree) < 0)
        run->tree = NULL;
}

/* NaN where it was not counted. */
static double counted(const struct run *run, const struct ps_counts *c, const char *name)
{
    const struct ps_event *events;
    const size_t count = ps_counters_events(run->counters, &events);

    for (size_t i = 0; i < count; i++)
        if (!strcmp(events[i].name, name))
            return ps_count_doubt(&events[i], c, i) ? NAN : ps_count_scaled(&events[i], c, i);
    return NAN;
}

static void take_counts(struct run *run, struct ps_rank *r)
{
    struct ps_counts c;

    r->instructions = r->cycles = NAN;
    if (!run->tree || ps_tree_read(run->tree, &run->after) < 0)
        return;
    c = ps_tree_between(run->tree, &run->before, &run->after);
    r->instructions = counted(run, &c, "instructions");
    r->cycles = counted(run, &c, "cycles");
}

/* Where the library saw no MPI at all: it may have been called in another way. */
static void take_samples(struct run *run, struct ps_arena *a, struct ps_rank *r)
{
    const bool unknown = r->mpi == PS_RANK_MPI_UNKNOWN;
    struct ps_observation *n;
    const char *why = run->unobserved.text;

    if (!unknown && (r->mpi != PS_RANK_MPI_UNUSED || !run->observer))
        return;
    if (run->observer) {
        n = ps_observer_finish(run->observer, run->end);
        why = ps_sampled_take(n, run->start, run->end, r);
        ps_observation_free(n);
    }
    if (r->mpi == PS_RANK_MPI_SAMPLED && !unknown)
        r->mpi_reason = "its calls of MPI did not come to libparscope-mpi, as in a static program";
    if (unknown && why && *why)
        r->mpi_reason = ps_arena_format(a, "%s, and %s", r->mpi_reason, why);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static void take_usage(const struct run *run, struct ps_rank *r)
{
    r->wall = (double)(run->end - run->start) * 1e-9;
    r->user = seconds(run->usage.ru_utime);
    r->system = seconds(run->usage.ru_stime);
    r->max_rss = (double)run->usage.ru_maxrss * 1024;
    r->voluntary = (double)run->usage.ru_nvcsw;
    r->involuntary = (double)run->usage.ru_nivcsw;
    r->signalled = WIFSIGNALED(run->status);
    r->status = (unsigned)(r->signalled ? WTERMSIG(run->status) : WEXITSTATUS(run->status));
}

/* As asked for, or as many as its CPU time needs. */
static double threads_of(const struct run *run, const struct ps_rank *r)
{
    const char *asked = ps_environment_value(run->program->environment, "OMP_NUM_THREADS");
    const double cpu = isfinite(r->cpu) ? r->cpu : r->user + r->system;
    const double time = isfinite(r->window) ? r->window : r->wall;
    char *end;
    const long number = asked ? strtol(asked, &end, 10) : 0;

    if (number > 0 && number <= 1 << 16)
        return (double)number;
    return time > 0 ? fmax(1, ceil(cpu / time - THREAD)) : 1;
}

int ps_rank_run(const struct ps_rank_program *p, struct ps_arena *a, struct ps_rank *r,
                struct ps_str *calls, struct ps_err *e)
{
    struct run run = {.program = p};
    sigset_t waited;
    int err;

    ps_call_watch_open(&run.watch, p, a);
    if (!run.watch.certain && ps_observer_open_rank(&run.observer, &run.unobserved) < 0)
        run.observer = NULL;
    open_counters(&run, a);
    block_signals(&run, &waited);
    err = start(&run, e);
    if (!err) {
        wait_for(&run, &waited);
        if (run.lost)
            err = ps_fail(e, ECHILD, "the end of '%s' was not seen", p->path);
        take_usage(&run, r);
        take_counts(&run, r);
        ps_call_watch_read(&run.watch, run.end, r, calls);
        take_samples(&run, a, r);
        r->threads = threads_of(&run, r);
    }
    sigprocmask(SIG_SETMASK, &run.mask, NULL);
    ps_observer_close(run.observer);
    ps_tree_destroy(run.tree);
    ps_call_watch_close(&run.watch);
    return err;
}
