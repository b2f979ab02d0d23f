/*
 * Processes, each with an equal share: new ones for every region, or a pool that lives as long as
 * the instance. What bodies read and write is in memory that the processes share (memory.h).
 *
 * With transfer=copy the workers of the pool have copies of the memory in which the items' data lie
 * (parscope_span), as processes have that were sent their work: the caller sends each worker the
 * input of its share through a socket, and gets the output back the same way.
 *
 * The pool sleeps on `epoch`; the caller sleeps on `pending`, and looks now and then whether a
 * worker has died. Neither spins: it is what process pools do.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "region.h"
#include "span.h"

#define LOOK_NS 100000000 /* between looks for workers that died */

enum { PROCESSES, TRANSFER };
enum processes { PERSISTENT, FRESH };
enum transfer { SHARED, COPY };

static const char *const lives[] = {"persistent", "fresh", NULL};
static const char *const transfers[] = {"shared", "copy", NULL};
static const struct parscope_param params[] = {
    {"processes", PARSCOPE_CHOICE, "persistent", 0, 0, lives,
     "a pool that is kept, or new processes for every region"},
    {"transfer", PARSCOPE_CHOICE, "shared", 0, 0, transfers,
     "how workers get the data: shared memory, or copies sent to them and back"},
    {NULL},
};

struct job {
    parscope_range_fn *body;
    void *arg;
    uint64_t n;
    struct ps_probe probe;
    bool closing;
};

/* What both sides see of a worker. */
struct report {
    PS_ALIGNED uint64_t busy; /* ticks of the region */
    int err;                  /* of sending or receiving */
};

/* In memory that all processes share. */
struct shared {
    PS_ALIGNED _Atomic uint32_t epoch; /* regions so far */
    struct job job;                    /* published with it */
    PS_ALIGNED _Atomic uint32_t pending;
    struct report reports[];
};

struct worker {
    pid_t pid; /* 0: none */
    int fd;    /* the caller's end of the socket; -1 */
};

struct fork {
    struct ps_instance base;
    enum processes processes;
    enum transfer transfer;
    struct shared *shared;
    size_t shared_size;
    struct worker *workers;
    unsigned alive; /* of the pool */
};

static void wake_all(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX);
}

/* Not FUTEX_PRIVATE_FLAG: the word is shared between processes. */
static void await_change(_Atomic uint32_t *word, uint32_t seen, const struct timespec *limit)
{
    syscall(SYS_futex, word, FUTEX_WAIT, seen, limit);
}

/* ---- data ---- */

static struct parscope_span input_of(const struct fork *f, struct ps_items items)
{
    const struct ps_workload_state *w = &f->base.workload;
    struct parscope_span input = {NULL, 0}, output = {NULL, 0};

    w->ops->spans(w->state, items.begin, items.end, &input, &output);
    return input;
}

static struct parscope_span output_of(const struct fork *f, struct ps_items items)
{
    const struct ps_workload_state *w = &f->base.workload;
    struct parscope_span input = {NULL, 0}, output = {NULL, 0};

    w->ops->spans(w->state, items.begin, items.end, &input, &output);
    return output;
}

/* ---- in a worker ---- */

static void be_a_worker(struct fork *f, unsigned slot, pid_t parent)
{
    int cpu = ps_team_cpu(f->base.team, slot);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    if (cpu >= 0) {
        size_t size = CPU_ALLOC_SIZE((size_t)cpu + 1);
        cpu_set_t *set = CPU_ALLOC((size_t)cpu + 1);

        if (!set)
            _exit(1);
        CPU_ZERO_S(size, set);
        CPU_SET_S((size_t)cpu, size, set);
        sched_setaffinity(0, size, set);
    }
}

static void do_share(struct fork *f, unsigned slot)
{
    const struct job *j = &f->shared->job;
    struct parscope_worker abi = {ps_join_serial, slot};

    f->base.probe = j->probe;
    f->shared->reports[slot].busy = ps_do_equal_share(&f->base, &abi, j->n, j->body, j->arg);
}

static void take_part(struct fork *f, unsigned slot, int fd)
{
    struct ps_items items = ps_equal_share(f->shared->job.n, slot, f->base.workers);
    struct report *r = &f->shared->reports[slot];
    bool copies = f->transfer == COPY && items.begin < items.end;

    r->err = copies ? ps_span_receive(fd, input_of(f, items)) : 0;
    if (!r->err)
        do_share(f, slot);
    /* release: what the worker did is seen by the caller's acquire in await_all. Before the output
     * is sent, as the caller reads it only then. */
    if (atomic_fetch_sub_explicit(&f->shared->pending, 1, memory_order_acq_rel) == 1)
        wake_all(&f->shared->pending);
    if (copies && !r->err && ps_span_send(fd, output_of(f, items)) < 0)
        _exit(1);
}

/* The worker's own copies of the blocks in which items' data lie. */
static int own_data(struct fork *f)
{
    struct ps_items one = {0, 1};
    int err = ps_memory_own_block(f->base.workload.memory, input_of(f, one).start);

    return err < 0 ? err : ps_memory_own_block(f->base.workload.memory, output_of(f, one).start);
}

static _Noreturn void serve(struct fork *f, unsigned slot, uint32_t seen, int fd)
{
    struct shared *s = f->shared;

    if (f->transfer == COPY && own_data(f) < 0)
        _exit(1);
    for (;; seen++) {
        /* acquire: pairs with open_region, for the job. */
        while (atomic_load_explicit(&s->epoch, memory_order_acquire) == seen)
            await_change(&s->epoch, seen, NULL);
        if (s->job.closing)
            _exit(0);
        take_part(f, slot, fd);
    }
}

/* ---- in the caller ---- */

static int make_worker(struct fork *f, unsigned slot, uint32_t seen)
{
    struct worker *w = &f->workers[slot];
    pid_t parent = getpid();
    int ends[2] = {-1, -1};

    if (f->transfer == COPY && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    w->pid = fork();
    if (w->pid == 0) {
        be_a_worker(f, slot, parent);
        if (f->processes == PERSISTENT)
            serve(f, slot, seen, ends[1]);
        do_share(f, slot);
        _exit(0);
    }
    if (ends[1] >= 0)
        close(ends[1]);
    w->fd = ends[0];
    if (w->pid > 0)
        return 0;
    w->pid = 0;
    return -errno;
}

/* Waits for it to end; -ECHILD where it did not end well. */
static int reap(struct worker *w)
{
    int status = 0;
    pid_t pid = w->pid;

    w->pid = 0;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ECHILD;
}

static uint64_t max_busy(const struct fork *f)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < f->base.workers; i++)
        if (f->shared->reports[i].busy > max)
            max = f->shared->reports[i].busy;
    return max;
}

static int run_fresh(struct fork *f)
{
    unsigned made = 0;
    int err = 0;

    while (made < f->base.workers && !err) {
        err = make_worker(f, made, 0);
        made += !err;
    }
    for (unsigned i = 0; i < made; i++) {
        int ended = reap(&f->workers[i]);

        err = err ? err : ended;
    }
    return err;
}

static bool anyone_died(const struct fork *f)
{
    siginfo_t info = {.si_pid = 0};

    for (unsigned i = 0; i < f->base.workers; i++)
        if (f->workers[i].pid &&
            !waitid(P_PID, (id_t)f->workers[i].pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
            info.si_pid)
            return true;
    return false;
}

static int await_all(struct fork *f)
{
    const struct timespec look = {0, LOOK_NS};
    uint32_t pending;

    /* acquire: pairs with take_part. */
    while ((pending = atomic_load_explicit(&f->shared->pending, memory_order_acquire))) {
        await_change(&f->shared->pending, pending, &look);
        if (atomic_load_explicit(&f->shared->pending, memory_order_acquire) == pending &&
            anyone_died(f)) {
            f->base.fault = "a worker process died";
            return -ECHILD;
        }
    }
    return 0;
}

static int exchange(struct fork *f, int (*move)(int fd, struct parscope_span s),
                    struct parscope_span (*of)(const struct fork *f, struct ps_items items))
{
    int err = 0;

    for (unsigned i = 0; i < f->base.workers && !err; i++) {
        struct ps_items items = ps_equal_share(f->shared->job.n, i, f->base.workers);

        if (items.begin < items.end)
            err = move(f->workers[i].fd, of(f, items));
    }
    return err;
}

static int run_pool(struct fork *f)
{
    struct shared *s = f->shared;
    int err = 0;

    /* relaxed: published with epoch. */
    atomic_store_explicit(&s->pending, f->base.workers, memory_order_relaxed);
    /* release: publishes the job. */
    atomic_fetch_add_explicit(&s->epoch, 1, memory_order_release);
    wake_all(&s->epoch);
    if (f->transfer == COPY)
        err = exchange(f, ps_span_send, input_of);
    if (!err)
        err = await_all(f);
    if (!err && f->transfer == COPY)
        err = exchange(f, ps_span_receive, output_of);
    for (unsigned i = 0; i < f->base.workers && !err; i++)
        err = s->reports[i].err;
    return err;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct fork *f = (struct fork *)x;
    uint64_t start = ps_ticks();
    int err;

    if (!n)
        return 0;
    if (f->processes == PERSISTENT && f->alive < f->base.workers)
        return -EAGAIN;
    f->shared->job = (struct job){body, arg, n, f->base.probe, false};
    err = f->processes == FRESH ? run_fresh(f) : run_pool(f);
    ps_region_add(&f->base, ps_ticks_between(start, ps_ticks()), max_busy(f));
    return err;
}

/* The pool is made when the first trial begins: by then all is known that the workers need. */
static void open_trial(struct ps_instance *base)
{
    struct fork *f = (struct fork *)base;
    uint32_t seen = atomic_load_explicit(&f->shared->epoch, memory_order_relaxed);

    if (f->processes == FRESH)
        return;
    while (f->alive < base->workers && !make_worker(f, f->alive, seen))
        f->alive++;
}

static const char *refuses(const union parscope_value *options, const struct parscope_workload *w)
{
    if (!w->shared)
        return "its data is not in memory that processes can share";
    if (options[TRANSFER].choice != COPY)
        return NULL;
    if (options[PROCESSES].choice == FRESH)
        return "new processes inherit the data, so there is nothing to send: use transfer=shared";
    return w->spans ? NULL : "its items have no data that could be sent: use transfer=shared";
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct fork *f = (struct fork *)base;

    f->processes = (enum processes)options[PROCESSES].choice;
    f->transfer = (enum transfer)options[TRANSFER].choice;
    if (f->transfer == COPY && !base->workload.ops)
        return -EINVAL;
    f->alive = 0;
    f->workers = calloc(base->workers, sizeof *f->workers);
    if (!f->workers)
        return -ENOMEM;
    for (unsigned i = 0; i < base->workers; i++)
        f->workers[i].fd = -1;
    f->shared_size = sizeof *f->shared + base->workers * sizeof(struct report);
    f->shared =
        mmap(NULL, f->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (f->shared == MAP_FAILED) {
        free(f->workers);
        return -ENOMEM;
    }
    return 0;
}

static void finish(struct ps_instance *base)
{
    struct fork *f = (struct fork *)base;

    for (unsigned i = 0; i < f->alive; i++) {
        kill(f->workers[i].pid, SIGKILL);
        reap(&f->workers[i]);
    }
    munmap(f->shared, f->shared_size);
    free(f->workers);
}

static const struct parscope_exec_ops ops = {range, ps_no_root};

const struct ps_strategy ps_strategy_fork = {
    .name = "fork",
    .summary = "processes, from a pool or new for every region",
    .stands_for = "process pools",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree =
        "a fork inside a task would have to send the task, which is on another process's stack",
    .params = params,
    .refuses = refuses,
    .caller = PS_CALLER_WAITS,
    .creates_threads = true,
    .isolated = true,
    .forks = true,
    .instance_size = sizeof(struct fork),
    .init = init,
    .finish = finish,
    .open = open_trial,
    .ops = &ops,
};
