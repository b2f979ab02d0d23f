/* Children that block in a system call that is known, and what a look at them tells. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ticks.h"
#include "waits.h"

#define PATIENCE_NS UINT64_C(30000000000) /* on a machine that hardly gets to it */

/* What a child does for ever. */
typedef void block_fn(int *pipe);

static pid_t start(block_fn *block, int *pipe)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        block(pipe);
        _exit(1);
    }
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* Once it sleeps in that call: on its way it may wait for other things. */
static bool look_until(pid_t pid, const char *call, struct ps_wait *w)
{
    const uint64_t until = ps_now_ns() + PATIENCE_NS;

    do {
        if (ps_wait_look(pid, pid, w) == PS_LOOK_BLOCKED && w->call && !strcmp(w->call, call))
            return true;
        sched_yield();
    } while (ps_now_ns() < until);
    return false;
}

static void block_read(int *pipe)
{
    char c;

    while (read(pipe[0], &c, 1) < 0)
        ;
}

static void block_write(int *pipe)
{
    static const char block[65536];

    while (write(pipe[1], block, sizeof block) > 0)
        ;
}

static void block_poll(int *pipe)
{
    struct pollfd p = {.fd = pipe[0], .events = POLLIN};

    ppoll(&p, 1, NULL, NULL);
}

static void block_sleep(int *pipe)
{
    const struct timespec hour = {.tv_sec = 3600};

    clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, NULL);
}

static void block_wait(int *pipe)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        block_read(pipe);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

static void block_lock(int *pipe)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
}

static void block_signal(int *pipe)
{
    sigset_t none;

    sigemptyset(&none);
    sigsuspend(&none);
}

static void block_flock(int *pipe)
{
    char path[] = "/tmp/waits.XXXXXX", again[64];
    int one = mkstemp(path), two;

    snprintf(again, sizeof again, "/proc/self/fd/%d", one);
    two = open(again, O_RDWR);
    unlink(path);
    flock(one, LOCK_EX);
    flock(two, LOCK_EX);
}

/* Its lock is its parent's first, as a process doesn't wait for itself. */
static void block_fcntl(int *pipe)
{
    char path[] = "/tmp/waits.XXXXXX";
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = mkstemp(path), ready[2];
    char byte = 0;

    unlink(path);
    if (pipe2(ready, O_CLOEXEC) == 0 && fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        fcntl(file, F_SETLK, &whole);
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(0);
    }
    if (read(ready[0], &byte, 1) == 1)
        fcntl(file, F_SETLKW, &whole);
}

static int semaphores;

static void block_semaphore(int *pipe)
{
    struct sembuf down = {.sem_op = -1};

    syscall(SYS_semtimedop, semaphores, &down, 1, NULL);
}

static void test_each_call(void **state)
{
    static const struct {
        block_fn *block;
        const char *call;
        enum ps_wait_kind kind;
        const char *object;
    } table[] = {
        {block_read, "read", PS_WAIT_READ, "pipe:["},
        {block_poll, "ppoll", PS_WAIT_POLL, ""},
        {block_sleep, "clock_nanosleep", PS_WAIT_SLEEP, ""},
        {block_wait, "wait4", PS_WAIT_CHILD, ""},
        {block_lock, "futex", PS_WAIT_FUTEX, ""},
        {block_signal, "rt_sigsuspend", PS_WAIT_SIGNAL, ""},
        {block_flock, "flock", PS_WAIT_LOCK, "/tmp/waits."},
        {block_fcntl, "fcntl", PS_WAIT_LOCK, "/tmp/waits."},
        {block_semaphore, "semtimedop", PS_WAIT_SEMAPHORE, ""},
        {block_write, "write", PS_WAIT_WRITE, "pipe:["}, /* which is full from then on */
    };
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    semaphores = semget(IPC_PRIVATE, 1, 0600);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct ps_wait w;
        pid_t pid;
        bool seen;

        if (table[i].kind == PS_WAIT_SEMAPHORE && semaphores < 0)
            continue; /* those of System V are forbidden here */
        pid = start(table[i].block, ends);
        seen = look_until(pid, table[i].call, &w);
        end(pid);
        if (!seen)
            fail_msg("nobody was seen in %s", table[i].call);
        assert_int_equal(w.kind, table[i].kind);
        assert_int_equal(strncmp(w.object, table[i].object, strlen(table[i].object)), 0);
        assert_int_equal(*w.object != '\0', *table[i].object != '\0');
        assert_true(w.registers.known & 1ull << PS_REGISTER_SP);
        assert_true(w.registers.value[PS_REGISTER_PC] != 0);
    }
    semctl(semaphores, 0, IPC_RMID);
    close(ends[0]);
    close(ends[1]);
}

/* Its stack is the caller's memory: a mark in it is found. */
static volatile uint64_t marked;

static void block_marked(int *pipe)
{
    uint64_t mark[4] = {0x5ca1ab1e, 0x0ddba11, 0x5ca1ab1e, 0x0ddba11};

    __asm__ volatile("" : : "r"(mark) : "memory"); /* so that it lies there */
    block_read(pipe);
    __asm__ volatile("" : : "r"(mark) : "memory");
}

static bool holds(const unsigned char *stack, size_t size)
{
    const uint64_t mark[4] = {0x5ca1ab1e, 0x0ddba11, 0x5ca1ab1e, 0x0ddba11};

    for (size_t i = 0; i + sizeof mark <= size; i++)
        if (!memcmp(stack + i, mark, sizeof mark))
            return true;
    return false;
}

static void test_the_stack_is_copied(void **state)
{
    struct ps_wait w;
    int ends[2];
    pid_t pid;
    bool seen;

    assert_int_equal(pipe(ends), 0);
    pid = start(block_marked, ends);
    seen = look_until(pid, "read", &w);
    end(pid);
    close(ends[0]);
    close(ends[1]);
    assert_true(seen);
    assert_true(w.stack_size <= PS_WAIT_STACK);
    assert_true(holds(w.stack, w.stack_size));
}

static void spin(int *pipe)
{
    for (;;)
        marked++;
}

static void test_who_runs_waits_for_nothing(void **state)
{
    const pid_t pid = start(spin, NULL);
    struct ps_wait w;
    bool runs = false;

    for (int i = 0; i < 1000 && !runs; i++)
        runs = ps_wait_look(pid, pid, &w) == PS_LOOK_RUNS;
    end(pid);
    assert_true(runs);
}

static void test_who_is_gone(void **state)
{
    const pid_t pid = start(block_sleep, NULL);
    siginfo_t info;
    struct ps_wait w;

    kill(pid, SIGKILL);
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    assert_int_equal(ps_wait_look(pid, pid, &w), PS_LOOK_GONE); /* nobody waited for it yet */
    waitpid(pid, NULL, 0);
    assert_int_equal(ps_wait_look(pid, pid, &w), PS_LOOK_GONE);
}

static void look_at_parent(int *pipe)
{
    struct ps_wait w;
    const pid_t parent = getppid();

    if (setgid(65534) || setuid(65534))
        _exit(2);
    _exit(ps_wait_look(parent, parent, &w) == PS_LOOK_HIDDEN ? 0 : 1);
}

static void test_who_may_not_be_looked_at(void **state)
{
    int status = -1;
    pid_t pid;

    if (getuid())
        skip();
    pid = start(look_at_parent, NULL);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call),
        cmocka_unit_test(test_the_stack_is_copied),
        cmocka_unit_test(test_who_runs_waits_for_nothing),
        cmocka_unit_test(test_who_is_gone),
        cmocka_unit_test(test_who_may_not_be_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
