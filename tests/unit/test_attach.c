#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "skip.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "existing.h"
#include "observer.h"
#include "ticks.h"

#define MS UINT64_C(1000000)

/* A process that computes in three threads, of which one is made anew after each 50 ms. */
static void *spin(void *arg)
{
    const uint64_t end = ps_thread_cpu_ns() + (arg ? 50 * MS : UINT64_MAX / 2);

    while (ps_thread_cpu_ns() < end)
        ;
    return NULL;
}

static void program(int ready)
{
    pthread_t thread;

    prctl(PR_SET_NAME, "attached");
    pthread_create(&thread, NULL, spin, NULL);
    for (;;) {
        if (pthread_create(&thread, NULL, spin, &ready))
            _exit(1);
        if (ready >= 0 && write(ready, "", 1) != 1)
            _exit(1);
        ready = -1;
        pthread_join(thread, NULL);
    }
}

static pid_t start(void)
{
    int ends[2];
    char answer;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        program(ends[1]);
    }
    assert_int_equal(read(ends[0], &answer, 1), 1);
    close(ends[0]);
    close(ends[1]);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void pass(double seconds)
{
    const struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&t, NULL);
}

static void test_explains_the_cpu_time(void **state)
{
    const pid_t pid = start();
    struct ps_observation *n;
    struct ps_observer *o;
    struct ps_err e = {""};
    uint64_t before, after, seen = 0;
    clockid_t clock;
    int err;

    if (INSTRUMENTED) {
        end(pid);
        skip_because("a sanitizer starts threads of its own");
    }
    assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
    err = ps_observer_attach(pid, 2, &o, &e);
    if (err == -EACCES || err == -EPERM) {
        end(pid);
        skip_because(e.text);
    }
    assert_int_equal(err, 0);
    before = ps_clock_ns(clock);
    for (uint64_t begin = ps_now_ns();
         ps_now_ns() - begin < 1000 * MS || ps_clock_ns(clock) - before < 400 * MS;)
        pass(ps_observer_watch(o, NULL, 0));
    after = ps_clock_ns(clock);
    n = ps_observer_finish(o, 0);
    for (size_t i = 0; i < n->timeline.thread_count; i++) {
        seen += n->timeline.threads[i].on_cpu;
        assert_string_equal(n->timeline.threads[i].name, "attached");
    }
    assert_int_equal(n->timeline.lost, 0);
    assert_true(n->timeline.births >= 1);
    /* Each switch takes some microseconds that belong to no slice: beside others there are many. */
    assert_in_range(100 * seen / (after - before), 96, 101);
    assert_in_range(100 * n->lists[PS_SEEN_SAMPLE].taken * (uint64_t)(n->period * 1e9) /
                        (after - before),
                    85, 110);
    assert_true(n->spaces.mapping_count > 2);
    ps_observation_free(n);
    ps_observer_close(o);
    end(pid);
}

/* Two threads that hand over to each other all the time. */
static void *hand_over(void *arg)
{
    const int *ends = arg;
    char c;

    while (read(ends[0], &c, 1) == 1 && write(ends[1], &c, 1) == 1)
        ;
    return NULL;
}

static pid_t start_handing_over(void)
{
    const pid_t pid = fork();
    int there[2], back[2], one[2], other[2];
    pthread_t thread;

    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (pipe(there) || pipe(back) || write(back[1], "", 1) != 1)
        _exit(1);
    one[0] = there[0];
    one[1] = back[1];
    other[0] = back[0];
    other[1] = there[1];
    if (pthread_create(&thread, NULL, hand_over, one))
        _exit(1);
    hand_over(other);
    _exit(1);
}

static void test_switches_are_counted(void **state)
{
    const pid_t pid = start_handing_over();
    double most = 0;

    for (int i = 0; i < 50 && !(most > 0); i++)
        most = ps_existing_switches(pid);
    end(pid);
    if (access("/proc/self/schedstat", R_OK))
        skip_because("the kernel does not count them");
    assert_true(most > 0);
    assert_true(ps_existing_switches(pid) == 0);
}

static double period(bool spins, double switches)
{
    return ps_observer_period(&(struct ps_expected){.spins = spins, .switches = switches});
}

static void test_threads_that_switch_often_are_sampled_seldom(void **state)
{
    assert_float_equal(period(true, NAN), 2e-3, 1e-9);
    assert_float_equal(period(true, 0), 2e-3, 1e-9);
    assert_float_equal(period(true, 2000), 2e-3, 1e-9);
    assert_float_equal(period(true, 10000), 10e-3, 1e-9);
    assert_float_equal(period(true, 1e6), 20e-3, 1e-9);
    assert_float_equal(period(false, 0), 6e-3, 1e-9);
    assert_float_equal(period(false, 1e6), 20e-3, 1e-9);
}

static double apart(double idle)
{
    return ps_observer_apart(&(struct ps_expected){.idle = idle});
}

static void test_looks_are_rare_where_nothing_waits(void **state)
{
    assert_float_equal(apart(NAN), 5e-3, 1e-9);
    assert_float_equal(apart(0.9), 5e-3, 1e-9);
    assert_float_equal(apart(0.4), 5e-3, 1e-9);
    assert_float_equal(apart(0.2), 10e-3, 1e-9);
    assert_float_equal(apart(0), 20e-3, 1e-9);
    assert_float_equal(apart(-0.01), 20e-3, 1e-9);
}

static void test_no_such_process(void **state)
{
    struct ps_observer *o;
    struct ps_err e = {""};
    const pid_t pid = fork();

    if (!pid)
        _exit(0);
    waitpid(pid, NULL, 0);
    assert_int_equal(ps_observer_attach(pid, 2, &o, &e), -ESRCH);
    assert_non_null(strstr(e.text, "no process"));
}

/* Another user's, for whom is not root. */
static void test_of_another_user(void **state)
{
    pid_t pid = fork();
    int status;

    if (!pid) {
        struct ps_observer *o;
        struct ps_err e = {""};

        if (setgid(65534) < 0 || setuid(65534) < 0)
            _exit(77);
        _exit(ps_observer_attach(1, 2, &o, &e) != -EACCES || !strstr(e.text, "user"));
    }
    waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) == 77)
        skip_because("only root can be somebody else");
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_explains_the_cpu_time),
        cmocka_unit_test(test_switches_are_counted),
        cmocka_unit_test(test_threads_that_switch_often_are_sampled_seldom),
        cmocka_unit_test(test_looks_are_rare_where_nothing_waits),
        cmocka_unit_test(test_no_such_process),
        cmocka_unit_test(test_of_another_user),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
