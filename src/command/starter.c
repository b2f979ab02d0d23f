#include "starter.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shrink.h"
#include "ticks.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#ifndef INSTRUMENTED
#define INSTRUMENTED 0
#endif

#define TEXT_BYTES  (8u << 20) /* of one command, reserved; the kernel's own limit is lower */
#define STACK_BYTES (128u << 10)
#define ALIVE_CHECK 100000000 /* ns between looks at whether the starter is still there */

enum { MOST_CPUS = 8192 };

enum turn { OURS, STARTERS, FINISHED };

/* Shared by both, at the same address. Whoever's turn it is may use all of it; turns are handed
 * over by a release and taken by an acquire. */
struct desk {
    _Atomic uint32_t turn;
    _Atomic uint32_t awaited; /* we sleep until it is our turn */
    _Atomic uint32_t sharing; /* the child that has not executed its command yet, else 0 */
    pid_t us, starter, started;
    bool waits; /* it has a policy that commands must not get, see stand_back */
    struct ps_started times;
    volatile struct ps_launch_error error;
    struct ps_launch launch;
    struct ps_child child;
    struct ps_launch_mask mask, ours; /* that the command, and that we may run on */
    struct rusage usage;              /* of the starter, after a start */
    sigset_t signals;
    size_t used;  /* of text */
    size_t seen;  /* of text, that starts before `usage` have read */
    bool watched; /* the starter waits until the command is executed, see must_watch */
    _Alignas(16) char text[];
};

struct ps_starter {
    struct desk *desk;
    char *stacks; /* its own and that of what becomes a command */
    pid_t pid;
    int near; /* the only CPU that it may run on; -1: it may on all */
};

static void futex_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *limit)
{
    syscall(SYS_futex, word, FUTEX_WAIT, value, limit, NULL, 0);
}

static void pass(struct desk *d, enum turn to)
{
    atomic_store_explicit(&d->turn, to, memory_order_release); /* pairs with serve */
    syscall(SYS_futex, &d->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* ---- in the starter ---- */

/* Whoever is woken or forked may take the CPU at once from the one that did it. We would be kept
 * from going to sleep, and still want a CPU when the command is executed, which the kernel then
 * takes to another one. A batch process waits until we sleep. */
static void stand_back(struct desk *d)
{
    const struct sched_param none = {0};

    d->waits =
        sched_getscheduler(0) == SCHED_OTHER && sched_setscheduler(0, SCHED_BATCH, &none) == 0;
}

/* What a watched exec wakes can then run beside the command: see come_near. */
static int become(void *arg)
{
    const struct sched_param none = {0};
    struct desk *d = arg;

    d->times.on_cpu = ps_now_ns();
    if (d->waits && syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none) < 0) {
        d->error.error = errno;
        syscall(SYS_exit_group, 127);
    }
    if (d->watched && d->ours.cpus)
        syscall(SYS_sched_setaffinity, d->starter, d->ours.size, d->ours.cpus);
    ps_launch_become(&d->launch, &d->child, &d->mask, &d->error);
}

/* Wakes them only if they sleep for that, or to tell that nothing was started. */
static void give_back(struct desk *d)
{
    const bool failed = d->started < 0;

    /* Sequentially consistent, as in wait_turn: one of us sees what the other has written. */
    atomic_store(&d->turn, OURS);
    if (atomic_load(&d->awaited))
        syscall(SYS_futex, &d->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
    else if (failed)
        syscall(SYS_kill, d->us, SIGCHLD);
}

/* Until the child has executed its command it shares our errno: we make no call that may fail,
 * unless it is waited for. */
static void start_one(struct desk *d, char *stack)
{
    const int flags =
        CLONE_VM | CLONE_PARENT | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;

    d->error.error = 0;
    d->error.call = d->child.call_count;
    d->times = (struct ps_started){.begun = ps_now_ns()};
    d->started = clone(become, stack, flags | (d->watched ? CLONE_VFORK : 0), d, &d->sharing, NULL,
                       &d->sharing);
    if (d->started < 0)
        d->error.error = errno;
    if (!d->watched) {
        d->times.created = ps_now_ns();
        return;
    }
    ps_launch_restore(&d->child);
    syscall(SYS_getrusage, RUSAGE_SELF, &d->usage);
    if (!d->error.error && d->used > d->seen)
        d->seen = d->used;
}

static int serve(void *arg)
{
    struct ps_starter *s = arg;
    struct desk *d = s->desk;
    char *stack = s->stacks + 2 * STACK_BYTES;

    prctl(PR_SET_NAME, "ps-starter");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != d->us)
        _exit(1);
    ps_launch_reset_signals();
    stand_back(d);
    ps_shrink(d->text, TEXT_BYTES);
    give_back(d);
    for (;;) {
        enum turn turn = atomic_load_explicit(&d->turn, memory_order_acquire); /* with pass */

        if (turn == FINISHED)
            _exit(0);
        if (turn == STARTERS) {
            start_one(d, stack);
            give_back(d);
        } else {
            futex_wait(&d->turn, turn, NULL);
        }
    }
}

/* ---- in the process that measures ---- */

static bool is_alive(const struct ps_starter *s)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)s->pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
           !info.si_pid;
}

static int wait_turn(struct ps_starter *s)
{
    struct timespec limit = {0, ALIVE_CHECK};
    int err = 0;

    atomic_store(&s->desk->awaited, 1); /* with give_back, as the load after it */
    while (!err && atomic_load(&s->desk->turn) != OURS) {
        futex_wait(&s->desk->turn, STARTERS, &limit);
        if (atomic_load(&s->desk->turn) != OURS && !is_alive(s))
            err = -ESRCH;
    }
    atomic_store_explicit(&s->desk->awaited, 0, memory_order_relaxed); /* published by pass */
    return err;
}

/* The kernel clears `sharing` and wakes us when the child executes its command or ends; not where
 * the child has lost the starter: -ESRCH, and what became of it is not known. */
static int wait_until_executed(struct ps_starter *s)
{
    const struct timespec limit = {0, ALIVE_CHECK};

    for (;;) {
        const uint32_t child = atomic_load_explicit(&s->desk->sharing, memory_order_acquire);

        if (!child)
            return 0;
        futex_wait(&s->desk->sharing, child, &limit);
        if (!is_alive(s) && atomic_load(&s->desk->sharing))
            return -ESRCH;
    }
}

static void *map(size_t bytes, int flags)
{
    void *p =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

static bool set_up(struct ps_starter *s)
{
    sigset_t all, before;

    s->desk = map(sizeof *s->desk + TEXT_BYTES, MAP_SHARED);
    s->stacks = map(2 * STACK_BYTES, MAP_PRIVATE | MAP_STACK);
    if (!s->desk || !s->stacks)
        return false;
    s->desk->us = getpid();
    s->near = -1;
    atomic_init(&s->desk->turn, STARTERS);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    s->pid = clone(serve, s->stacks + STACK_BYTES, CLONE_FILES | CLONE_FS, s);
    s->desk->starter = s->pid;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return s->pid > 0 && wait_turn(s) == 0;
}

struct ps_starter *ps_starter_create(void)
{
    struct ps_starter *s = INSTRUMENTED ? NULL : calloc(1, sizeof *s);

    if (s && !set_up(s)) {
        ps_starter_destroy(s);
        s = NULL;
    }
    return s;
}

void ps_starter_destroy(struct ps_starter *s)
{
    if (!s)
        return;
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, __WALL);
    }
    if (s->desk)
        munmap(s->desk, sizeof *s->desk + TEXT_BYTES);
    if (s->stacks)
        munmap(s->stacks, 2 * STACK_BYTES);
    free(s);
}

pid_t ps_starter_pid(const struct ps_starter *s)
{
    return s->pid;
}

uint64_t ps_starter_peak(const struct ps_starter *s)
{
    return (uint64_t)s->desk->usage.ru_maxrss * 1024;
}

/* A copy on the desk; NULL: no room. */
static void *put(struct desk *d, const void *what, size_t bytes)
{
    const size_t start = (d->used + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);

    if (bytes > TEXT_BYTES || start > TEXT_BYTES - bytes)
        return NULL;
    d->used = start + bytes;
    return memcpy(d->text + start, what, bytes);
}

static const char *const *put_words(struct desk *d, const char *const *words)
{
    const char **copy;
    size_t count = 0;

    while (words[count])
        count++;
    copy = put(d, words, (count + 1) * sizeof *words);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = put(d, words[i], strlen(words[i]) + 1);
        if (!copy[i])
            return NULL;
    }
    return copy;
}

static void put_our_cpus(struct desk *d)
{
    unsigned long cpus[MOST_CPUS / (8 * sizeof(unsigned long))];
    long size = syscall(SYS_sched_getaffinity, 0, sizeof cpus, cpus);

    if (size > 0)
        d->ours = (struct ps_launch_mask){put(d, cpus, (size_t)size), (size_t)size};
}

/* The starter, and with it the command until it is executed, run on the CPU that we are about to
 * leave: on another one, out of idleness and with cold caches, both take a tenth of a millisecond
 * longer. */
static void come_near(struct ps_starter *s)
{
    const int cpu = sched_getcpu();
    cpu_set_t *one;

    if (cpu < 0 || !s->desk->ours.cpus || cpu == s->near)
        return;
    one = CPU_ALLOC((size_t)cpu + 1);
    if (!one)
        return;
    CPU_ZERO_S(CPU_ALLOC_SIZE((size_t)cpu + 1), one);
    CPU_SET_S((size_t)cpu, CPU_ALLOC_SIZE((size_t)cpu + 1), one);
    if (sched_setaffinity(s->pid, CPU_ALLOC_SIZE((size_t)cpu + 1), one) == 0)
        s->near = cpu;
    CPU_FREE(one);
}

static bool put_command(struct desk *d, const struct ps_launch *l, const struct ps_child *child)
{
    d->used = 0;
    d->launch = *l;
    d->signals = *l->mask;
    d->launch.mask = &d->signals;
    d->child = *child;
    d->child.path = put(d, child->path, strlen(child->path) + 1);
    d->child.folder = child->folder ? put(d, child->folder, strlen(child->folder) + 1) : NULL;
    d->child.calls =
        child->call_count ? put(d, child->calls, child->call_count * sizeof *child->calls) : NULL;
    d->child.words = put_words(d, child->words);
    d->child.environment = put_words(d, child->environment);
    d->mask = d->ours = (struct ps_launch_mask){0};
    put_our_cpus(d);
    if (child->cpus) {
        struct ps_launch_mask m;

        if (ps_launch_mask_make(child, &m) < 0)
            return false;
        d->mask = (struct ps_launch_mask){put(d, m.cpus, m.size), m.size};
        CPU_FREE(m.cpus);
        if (!d->mask.cpus)
            return false;
    } else {
        d->mask = d->ours;
    }
    return d->child.path && d->child.words && d->child.environment &&
           !d->child.calls == !child->call_count && !d->child.folder == !child->folder;
}

/* The starter's wake takes the CPU from the command, so it waits for an exec only where it has to
 * do something after it: undo what changed its memory, or read its peak, which memory that nobody
 * has read before can raise. */
static bool must_watch(const struct desk *d)
{
    bool watch = d->used > d->seen;

    for (size_t i = 0; i < d->child.call_count; i++)
        watch |= d->child.calls[i].of_memory;
    return watch;
}

int ps_starter_start(struct ps_starter *s, const struct ps_launch *l, const struct ps_child *child)
{
    if (!put_command(s->desk, l, child))
        return -E2BIG;
    s->desk->watched = must_watch(s->desk);
    come_near(s);
    if (s->desk->watched)
        s->near = -1; /* the child sees to it */
    pass(s->desk, STARTERS);
    return 0;
}

int ps_starter_started(struct ps_starter *s, const struct ps_child *child, pid_t *pid,
                       struct ps_started *started, struct ps_err *e)
{
    const struct desk *d = s->desk;
    int err = wait_turn(s);

    if (!err) {
        err = wait_until_executed(s);
        if (err && d->started > 0)
            kill(d->started, SIGKILL);
        if (d->started > 0 && (err || d->error.error))
            waitpid(d->started, NULL, __WALL);
    }
    if (err < 0)
        return ps_fail(e, -err, "can't run '%s': the process that starts programs was killed",
                       child->words[0]);
    if (d->error.error)
        return ps_launch_failed(child, &d->error, e);
    *pid = d->started;
    *started = d->times;
    return 0;
}
