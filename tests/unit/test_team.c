#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "team.h"
#include "ticks.h"

enum { WORKERS = 5, MAX_CPU = 4096 };

static const int floating_cpus[WORKERS] = {-1, -1, -1, -1, -1};

/* The first and the last CPU that we may use, which may be the same. */
static void allowed_cpus(int cpus[2])
{
    cpu_set_t *set = CPU_ALLOC(MAX_CPU);
    size_t size = CPU_ALLOC_SIZE(MAX_CPU);

    assert_non_null(set);
    assert_int_equal(sched_getaffinity(0, size, set), 0);
    cpus[0] = -1;
    for (int i = 0; i < MAX_CPU; i++) {
        if (!CPU_ISSET_S((size_t)i, size, set))
            continue;
        if (cpus[0] < 0)
            cpus[0] = i;
        cpus[1] = i;
    }
    CPU_FREE(set);
}

static struct ps_team *new_team(const int *cpus, unsigned workers, bool pin)
{
    struct ps_team *team = NULL;
    struct ps_err e = {""};

    assert_int_equal(ps_team_create(cpus, workers, pin, &team, &e), 0);
    assert_string_equal(e.text, "");
    return team;
}

struct calls {
    unsigned count[WORKERS + 1]; /* not atomic: the end of a call must order it */
    pthread_t thread[WORKERS + 1];
};

static void count_call(void *arg, unsigned member)
{
    struct calls *c = arg;

    c->count[member]++;
    c->thread[member] = pthread_self();
}

static void runs_the_members_asked_for(void **state)
{
    struct ps_team *team = new_team(floating_cpus, WORKERS, true);
    struct calls c = {{0}};

    assert_int_equal(ps_team_workers(team), WORKERS);
    ps_team_start(team, 1, 3, count_call, &c);
    assert_int_equal(ps_team_wait(team, 0), 0);
    for (unsigned i = 0; i <= WORKERS; i++)
        assert_int_equal(c.count[i], i >= 1 && i < 4);
    ps_team_start_floating(team, 2, count_call, &c);
    assert_int_equal(ps_team_wait(team, 0), 0);
    for (unsigned i = 0; i <= WORKERS; i++)
        assert_int_equal(c.count[i], (i >= 1 && i < 4) + (i < 2 || i == WORKERS));
    ps_team_destroy(team);
}

static void each_member_is_one_thread(void **state)
{
    struct ps_team *team = new_team(floating_cpus, WORKERS, false);
    struct calls first = {{0}}, c = {{0}};

    for (int round = 0; round < 200; round++) {
        ps_team_start(team, 0, WORKERS + 1, count_call, &c);
        assert_int_equal(ps_team_wait(team, 0), 0);
        if (!round)
            first = c;
        for (unsigned i = 0; i <= WORKERS; i++) {
            assert_int_equal(c.count[i], round + 1);
            assert_true(pthread_equal(c.thread[i], first.thread[i]));
            assert_false(pthread_equal(c.thread[i], pthread_self()));
        }
    }
    ps_team_destroy(team);
}

struct affinity {
    bool has[2];
    int count;
};

struct affinities {
    int cpus[2];
    struct affinity of[4];
};

static void read_affinity(void *arg, unsigned member)
{
    struct affinities *a = arg;
    size_t size = CPU_ALLOC_SIZE(MAX_CPU);
    cpu_set_t *set = CPU_ALLOC(MAX_CPU);

    if (!set || sched_getaffinity(0, size, set))
        abort();
    a->of[member].count = CPU_COUNT_S(size, set);
    for (int i = 0; i < 2; i++)
        a->of[member].has[i] = CPU_ISSET_S((size_t)a->cpus[i], size, set);
    CPU_FREE(set);
}

static void members_run_where_they_are_pinned(void **state)
{
    struct affinities a;
    struct ps_team *team;
    int count;

    allowed_cpus(a.cpus);
    count = a.cpus[0] == a.cpus[1] ? 1 : 2;
    team = new_team(a.cpus, 2, true);
    ps_team_start(team, 0, 3, read_affinity, &a);
    assert_int_equal(ps_team_wait(team, 0), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ps_team_cpu(team, (unsigned)i), a.cpus[i]);
        assert_int_equal(a.of[i].count, 1);
        assert_true(a.of[i].has[i]);
    }
    assert_int_equal(ps_team_cpu(team, 2), -1);
    assert_int_equal(a.of[2].count, count);

    ps_team_narrow(team, 1);
    ps_team_start(team, 2, 1, read_affinity, &a);
    assert_int_equal(ps_team_wait(team, 0), 0);
    assert_int_equal(a.of[2].count, 1);
    assert_true(a.of[2].has[0]);

    ps_team_narrow(team, 2);
    ps_team_start(team, 2, 1, read_affinity, &a);
    assert_int_equal(ps_team_wait(team, 0), 0);
    assert_int_equal(a.of[2].count, count);
    ps_team_destroy(team);
}

static void unpinned_members_float(void **state)
{
    struct affinities a, custom;
    struct ps_team *team;

    allowed_cpus(a.cpus);
    custom = a;
    read_affinity(&custom, 0);
    team = new_team(a.cpus, 2, false);
    ps_team_start(team, 0, 3, read_affinity, &a);
    assert_int_equal(ps_team_wait(team, 0), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ps_team_cpu(team, i), -1);
        assert_int_equal(a.of[i].count, custom.of[0].count);
    }
    ps_team_destroy(team);
}

struct held {
    _Atomic bool release;
    _Atomic bool interrupted;
    pthread_t supervisor;
};

static void hold(void *arg, unsigned member)
{
    while (!atomic_load(&((struct held *)arg)->release))
        sched_yield();
}

static void wait_times_out_and_goes_on(void **state)
{
    struct ps_team *team = new_team(floating_cpus, 1, false);
    struct held h = {false};

    ps_team_start(team, 0, 1, hold, &h);
    assert_int_equal(ps_team_wait(team, 1), -ETIMEDOUT);
    assert_int_equal(ps_team_wait(team, ps_now_ns() + 1000000), -ETIMEDOUT);
    atomic_store(&h.release, true);
    assert_int_equal(ps_team_wait(team, 0), 0);
    assert_int_equal(ps_team_wait(team, 1), 0);
    ps_team_destroy(team);
}

static _Atomic unsigned handled;
static _Atomic bool handled_elsewhere;
static pthread_t supervisor;

static void on_signal(int number)
{
    atomic_fetch_add(&handled, 1);
    if (!pthread_equal(pthread_self(), supervisor))
        atomic_store(&handled_elsewhere, true);
}

/* To the process, so that a member that did not block it might get it; again and again, because one
 * that comes before the supervisor sleeps interrupts nothing. */
static void signal_until_interrupted(void *arg, unsigned member)
{
    struct held *h = arg;
    const struct timespec pause = {0, 100000};

    while (!atomic_load(&h->interrupted)) {
        kill(getpid(), SIGUSR1);
        nanosleep(&pause, NULL);
    }
    hold(arg, member);
}

static void check_interrupted(int flags)
{
    struct ps_team *team = new_team(floating_cpus, 2, false);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags}, before;
    struct held h = {false};

    supervisor = pthread_self();
    sigaction(SIGUSR1, &action, &before);
    ps_team_start(team, 0, 1, signal_until_interrupted, &h);
    assert_int_equal(ps_team_wait(team, 0), -EINTR);
    atomic_store(&h.interrupted, true);
    atomic_store(&h.release, true);
    while (ps_team_wait(team, 0) == -EINTR)
        ;
    ps_team_destroy(team);
    sigaction(SIGUSR1, &before, NULL);
    assert_true(atomic_load(&handled) > 0);
    assert_false(atomic_load(&handled_elsewhere));
}

static void a_signal_interrupts_the_wait(void **state)
{
    check_interrupted(0);
    check_interrupted(SA_RESTART);
}

static void refuses_a_cpu_that_is_not_there(void **state)
{
    int cpus[2];
    struct ps_team *team = NULL;
    struct ps_err e = {""};

    allowed_cpus(cpus);
    cpus[1] = 1 << 20;
    assert_int_equal(ps_team_create(cpus, 2, true, &team, &e), -EINVAL);
    assert_null(team);
    assert_non_null(strstr(e.text, "1048576"));
}

/* The limit on threads does not hold for root. */
static int fail_to_create(void)
{
    const struct rlimit few = {1, 1};
    struct ps_team *team = NULL;
    struct ps_err e = {""};

    if (!geteuid() && setuid(65534))
        return 2;
    if (setrlimit(RLIMIT_NPROC, &few))
        return 3;
    if (ps_team_create(floating_cpus, WORKERS, false, &team, &e) != -EAGAIN)
        return 4;
    return team || !strstr(e.text, "6 threads") ? 5 : 0;
}

static void too_many_threads_leave_none_behind(void **state)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (!child)
        _exit(fail_to_create());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void knows_the_length_of_a_tick(void **state)
{
    struct ps_team *team = new_team(floating_cpus, 1, false);
    double ns = ps_team_tick_ns(team);

    assert_true(ns > 0.01 && ns < 1000);
    assert_true(ns == ps_team_tick_ns(team));
    ps_team_destroy(team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_threads_leave_none_behind),
        cmocka_unit_test(runs_the_members_asked_for),
        cmocka_unit_test(each_member_is_one_thread),
        cmocka_unit_test(members_run_where_they_are_pinned),
        cmocka_unit_test(unpinned_members_float),
        cmocka_unit_test(wait_times_out_and_goes_on),
        cmocka_unit_test(a_signal_interrupts_the_wait),
        cmocka_unit_test(refuses_a_cpu_that_is_not_there),
        cmocka_unit_test(knows_the_length_of_a_tick),
    };

    ps_team_destroy(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
