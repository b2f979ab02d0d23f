#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reap.h"

static void wait_for(int fd, size_t count)
{
    char c;

    while (count--)
        assert_int_equal(read(fd, &c, 1), 1);
}

/* A process that ignores what it can, and has as many children of the same kind. */
static void start(int say, int depth, int width)
{
    if (fork())
        return;
    signal(SIGTERM, SIG_IGN);
    setsid();
    for (int i = 0; depth && i < width; i++)
        start(say, depth - 1, width);
    if (write(say, "x", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void test_nothing_to_do(void **state)
{
    struct ps_reaped r = ps_reap_all(1, NULL);

    assert_false(ps_reap_needed());
    assert_int_equal(r.killed, 0);
    assert_int_equal(r.unkillable, 0);
}

static void test_whole_tree(void **state)
{
    struct ps_reaped r;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    start(ends[1], 2, 3);
    wait_for(ends[0], 1 + 3 + 9);
    assert_true(ps_reap_needed());
    r = ps_reap_all(60, NULL);
    assert_int_equal(r.killed, 13);
    assert_int_equal(r.unkillable, 0);
    assert_false(ps_reap_needed());
    close(ends[0]);
    close(ends[1]);
}

static void test_stopped(void **state)
{
    int ends[2], status;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(ps_reap_all(60, NULL).killed, 1);
    close(ends[0]);
    close(ends[1]);
}

static void test_dead_ones_are_not_killed(void **state)
{
    pid_t child = fork();
    siginfo_t info;

    if (child == 0)
        _exit(3);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_true(ps_reap_needed());
    assert_int_equal(ps_reap_all(60, NULL).killed, 0);
    assert_false(ps_reap_needed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_whole_tree),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_dead_ones_are_not_killed),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
