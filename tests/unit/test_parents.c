/* Processes that wait in some way, and whether the end of a child would wake them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parents.h"
#include "ticks.h"
#include "waits.h"

#define PATIENCE_NS UINT64_C(30000000000) /* on a machine that hardly gets to it */

typedef void prepare_fn(void);

static void nothing(int number)
{
}

static void by_default(void)
{
    signal(SIGCHLD, SIG_DFL);
}

static void ignores(void)
{
    signal(SIGCHLD, SIG_IGN);
}

static void catches(void)
{
    signal(SIGCHLD, nothing);
}

static void blocks(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* For a child that ends when its parent does. */
static void waits(void)
{
    int ends[2];
    char c;
    pid_t child;

    if (pipe(ends) < 0)
        _exit(1);
    child = fork();
    if (!child) {
        close(ends[1]);
        _exit(read(ends[0], &c, 1) < 0);
    }
    waitpid(child, NULL, 0);
}

static pid_t start(prepare_fn *prepare, const char *call)
{
    const uint64_t until = ps_now_ns() + PATIENCE_NS;
    const pid_t pid = fork();
    struct ps_wait w;

    assert_true(pid >= 0);
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prepare();
        while (true)
            sleep(1000);
    }
    while (ps_wait_call(pid, pid, &w) != PS_LOOK_BLOCKED || !w.call || strcmp(w.call, call) != 0) {
        assert_true(ps_now_ns() < until);
        sched_yield();
    }
    return pid;
}

static bool woken(pid_t pid)
{
    struct ps_timeline_thread thread = {.pid = pid, .tid = pid};
    const struct ps_timeline timeline = {.threads = &thread, .thread_count = 1};
    struct ps_parents p = {0};

    return ps_parents_woken(&p, &timeline, pid);
}

static bool woken_in(prepare_fn *prepare, const char *call)
{
    const pid_t pid = start(prepare, call);
    const bool answer = woken(pid);

    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return answer;
}

static void test_who_sleeps_is_woken_by_a_signal_alone(void **state)
{
    assert_false(woken_in(by_default, "clock_nanosleep"));
    assert_false(woken_in(ignores, "clock_nanosleep"));
    assert_true(woken_in(catches, "clock_nanosleep"));
    assert_true(woken_in(blocks, "clock_nanosleep"));
}

static void test_who_waits_for_it(void **state)
{
    assert_true(woken_in(waits, "wait4"));
}

/* It sleeps now; when its child ended it waited, as it has been on no CPU in between. */
static void test_who_waited_for_it_and_sleeps_now(void **state)
{
    const pid_t pid = start(by_default, "clock_nanosleep");
    struct ps_timeline_thread thread = {.pid = pid, .tid = pid, .switches = 5};
    const struct ps_timeline timeline = {.threads = &thread, .thread_count = 1};
    struct ps_parents p = {0};

    ps_parents_see(&p, &thread, PS_WAIT_SLEEP);
    assert_false(ps_parents_woken(&p, &timeline, pid));
    ps_parents_see(&p, &thread, PS_WAIT_CHILD);
    assert_true(ps_parents_woken(&p, &timeline, pid));
    thread.switches++;
    assert_false(ps_parents_woken(&p, &timeline, pid));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_who_is_gone_may_have_been(void **state)
{
    const pid_t pid = start(by_default, "clock_nanosleep");

    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(woken(pid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_sleeps_is_woken_by_a_signal_alone),
        cmocka_unit_test(test_who_waits_for_it),
        cmocka_unit_test(test_who_waited_for_it_and_sleeps_now),
        cmocka_unit_test(test_who_is_gone_may_have_been),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
