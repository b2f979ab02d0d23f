#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"

#define PATIENCE 60000 /* ms, after which something that must come is taken not to */

/* A guarded process. The worker and its descendants hold the writing end of `alive`, and the worker
 * writes its id there, and then what it has to say. */
struct guarded {
    pid_t guard, worker;
    int alive;
};

typedef int worker_fn(const struct ps_guard *g, int say);

static pid_t read_pid(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    pid_t pid = 0;

    assert_int_equal(poll(&p, 1, PATIENCE), 1);
    assert_int_equal(read(fd, &pid, sizeof pid), sizeof pid);
    return pid;
}

static char read_char(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char c = 0;

    assert_int_equal(poll(&p, 1, PATIENCE), 1);
    return read(fd, &c, 1) == 1 ? c : '\0';
}

static struct guarded start(worker_fn *work)
{
    struct guarded g;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    g.guard = fork();
    if (g.guard == 0) {
        struct ps_guard custom;
        struct ps_err e = {0};
        pid_t pid;

        close(ends[0]);
        if (ps_guard_start(&custom, &e) < 0)
            _exit(99);
        pid = getpid();
        if (write(ends[1], &pid, sizeof pid) != sizeof pid)
            _exit(98);
        _exit(work(&custom, ends[1]));
    }
    close(ends[1]);
    g.alive = ends[0];
    g.worker = read_pid(g.alive);
    return g;
}

static int status_of(struct guarded *g)
{
    int status;

    assert_int_equal(waitpid(g->guard, &status, 0), g->guard);
    return status;
}

/* All who hold the writing end are gone. */
static void check_gone(struct guarded *g)
{
    assert_int_equal(read_char(g->alive), '\0');
    close(g->alive);
}

static int leave(const struct ps_guard *g, int say)
{
    return ps_guard_lost(g) ? 1 : 42;
}

static void test_status_passes(void **state)
{
    struct guarded g = start(leave);
    int status = status_of(&g);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    check_gone(&g);
}

static int die(const struct ps_guard *g, int say)
{
    raise(SIGTERM);
    return 0;
}

static void test_signal_death_passes(void **state)
{
    struct guarded g = start(die);
    int status = status_of(&g);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    check_gone(&g);
}

static int report_signals(const struct ps_guard *g, int say)
{
    sigset_t set;
    int number = 0;
    char c;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    c = 'r';
    if (write(say, &c, 1) != 1)
        return 1;
    while (number != SIGUSR1) {
        sigwait(&set, &number);
        c = number == SIGTERM ? 't' : 'u';
        if (write(say, &c, 1) != 1)
            return 1;
    }
    return 7;
}

static void test_signals_pass_once(void **state)
{
    struct guarded g = start(report_signals);

    assert_int_equal(read_char(g.alive), 'r');
    kill(g.guard, SIGTERM);
    assert_int_equal(read_char(g.alive), 't');
    kill(g.guard, SIGUSR1);
    assert_int_equal(read_char(g.alive), 'u');
    assert_int_equal(WEXITSTATUS(status_of(&g)), 7);
    check_gone(&g);
}

static void ignore_all(void)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
}

/* Leaves a daemon, and a child that lives as long as the worker. */
static void start_tree(int say)
{
    pid_t child = fork();

    if (child == 0) {
        ignore_all();
        if (fork() == 0) {
            char c = 'd';

            setsid();
            if (write(say, &c, 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
        if (fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static int wait_for_ever(const struct ps_guard *g, int say)
{
    start_tree(say);
    for (;;)
        pause();
    return 0;
}

static void test_worker_killed(void **state)
{
    struct guarded g = start(wait_for_ever);
    int status;

    assert_int_equal(read_char(g.alive), 'd');
    kill(g.worker, SIGKILL);
    status = status_of(&g);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    check_gone(&g);
}

static int notice_loss(const struct ps_guard *g, int say)
{
    sigset_t set;
    int number;
    char c;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    c = ps_guard_lost(g) ? 'L' : 'w';
    if (write(say, &c, 1) != 1)
        return 1;
    sigwait(&set, &number);
    /* A sanitizer gives the guard a second thread, and the signal comes when the first has ended.
     */
    while (!ps_guard_lost(g))
        sched_yield();
    c = 'l';
    return write(say, &c, 1) != 1;
}

static void test_guard_killed(void **state)
{
    struct guarded g = start(notice_loss);

    assert_int_equal(read_char(g.alive), 'w');
    kill(g.guard, SIGKILL);
    assert_int_equal(WTERMSIG(status_of(&g)), SIGKILL);
    assert_int_equal(read_char(g.alive), 'l');
    check_gone(&g);
}

static void test_groups_differ(void **state)
{
    struct guarded g = start(wait_for_ever);

    assert_int_equal(read_char(g.alive), 'd');
    assert_int_equal(getpgid(g.worker), g.worker);
    assert_int_equal(getpgid(g.guard), getpgid(0));
    kill(g.guard, SIGTERM);
    assert_int_equal(WTERMSIG(status_of(&g)), SIGTERM);
    check_gone(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_passes),     cmocka_unit_test(test_signal_death_passes),
        cmocka_unit_test(test_signals_pass_once), cmocka_unit_test(test_worker_killed),
        cmocka_unit_test(test_guard_killed),      cmocka_unit_test(test_groups_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
