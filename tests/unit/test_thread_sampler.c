#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "skip.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "thread_sampler.h"

#define INTERVAL 0.005
#define PATIENCE 100000 /* looks, until what must come has come */

/* What the forked process becomes. Spinners include its first thread. */
struct shape {
    size_t spinners, blocked;
    const char *name;       /* NULL: as it is */
    bool below;             /* the spinners are in its child, which it waits for */
    const cpu_set_t *where; /* NULL: anywhere */
};

/* A forked process and the pipe by which it ends when we do. */
struct tree {
    pid_t pid;
    int end;
};

/* What the threads of a forked process share: each says that it is there, and blocks or spins. */
struct signs {
    int here, end;
};

static void *spin(void *arg)
{
    const struct signs *s = arg;

    if (write(s->here, "", 1) != 1)
        _exit(1);
    for (volatile unsigned i = 0;; i++)
        ;
    return NULL;
}

static void *block(void *arg)
{
    const struct signs *s = arg;
    char c;

    if (write(s->here, "", 1) != 1 || read(s->end, &c, 1) != 0)
        _exit(1);
    return NULL;
}

/* Ends by SIGALRM's default should the test not come to it. */
static void become(const struct shape *shape, struct signs *s)
{
    pthread_t thread;

    alarm(100);
    if (shape->name)
        prctl(PR_SET_NAME, shape->name);
    if (shape->where && sched_setaffinity(0, sizeof *shape->where, shape->where) < 0)
        _exit(1);
    if (shape->below) {
        pid_t child = fork();

        if (child != 0) {
            waitpid(child, NULL, 0);
            _exit(0);
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(100);
    }
    for (size_t i = 1; i < shape->spinners; i++) {
        if (pthread_create(&thread, NULL, spin, s) != 0)
            _exit(1);
    }
    for (size_t i = !shape->spinners; i < shape->blocked; i++) {
        if (pthread_create(&thread, NULL, block, s) != 0)
            _exit(1);
    }
    if (shape->spinners)
        spin(s);
    block(s);
    _exit(0);
}

/* Returns when all threads are there. */
static struct tree grow(const struct shape *shape)
{
    int here[2], end[2];
    struct tree t;
    char c;

    assert_int_equal(pipe(here), 0);
    assert_int_equal(pipe(end), 0);
    t.pid = fork();
    assert_true(t.pid >= 0);
    if (t.pid == 0) {
        close(here[0]);
        close(end[1]);
        become(shape, &(struct signs){here[1], end[0]});
    }
    close(here[1]);
    close(end[0]);
    for (size_t i = 0; i < shape->spinners + shape->blocked; i++)
        assert_int_equal(read(here[0], &c, 1), 1);
    close(here[0]);
    t.end = end[1];
    return t;
}

static void fell(const struct tree *t)
{
    int status;

    kill(t->pid, SIGKILL);
    assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
    close(t->end);
    assert_true(WIFSIGNALED(status));
}

static int setup(void **state)
{
    *state = test_malloc(sizeof(struct ps_thread_sampler));
    ps_thread_sampler_init(*state, NULL, 0, INTERVAL);
    return 0;
}

static int teardown(void **state)
{
    test_free(*state);
    return 0;
}

/* Looks until `running` threads are seen at once: those that are to block may not have got there.
 */
static void look_until(struct ps_thread_sampler *c, const struct tree *t, size_t running)
{
    for (int i = 0; i < PATIENCE && c->seen[running] == 0; i++)
        assert_true(ps_thread_sampler_sample(c, &t->pid, 1) >= INTERVAL);
    assert_true(c->seen[running] > 0);
}

static void test_spinning(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree t = grow(&(struct shape){.spinners = 3});

    look_until(c, &t, 3);
    fell(&t);
    for (size_t n = 0; n < 3; n++)
        assert_int_equal(c->seen[n], 0);
    assert_true(c->most_alive >= 3);
    assert_int_equal(c->outside, 0);
    assert_false(c->truncated);
}

static void test_blocked_do_not_count(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree t = grow(&(struct shape){.spinners = 1, .blocked = 2});

    look_until(c, &t, 1);
    fell(&t);
    assert_int_equal(c->seen[0], 0);
    assert_true(c->most_alive >= 3);
}

static void test_all_blocked(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree t = grow(&(struct shape){.blocked = 2});

    look_until(c, &t, 0);
    fell(&t);
    assert_true(c->most_alive >= 2);
}

static void test_below(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree t = grow(&(struct shape){.spinners = 2, .below = true});
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    if (access(path, R_OK) != 0) {
        fell(&t);
        skip_because("this kernel has no /proc/PID/task/TID/children");
    }
    look_until(c, &t, 2);
    fell(&t);
    assert_true(c->most_alive >= 3);
}

static void test_several_trees(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree a = grow(&(struct shape){.spinners = 1});
    struct tree b = grow(&(struct shape){.spinners = 2});
    const pid_t pids[] = {a.pid, b.pid};

    for (int i = 0; i < PATIENCE && c->seen[3] == 0; i++)
        ps_thread_sampler_sample(c, pids, 2);
    fell(&a);
    fell(&b);
    assert_true(c->seen[3] > 0);
    for (size_t n = 0; n < 3; n++)
        assert_int_equal(c->seen[n], 0);
}

static void test_names(void **state)
{
    static const char *const names[] = {"a b", ") S 1 (", "x) Z 1", "(", "R) R R", " "};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ps_thread_sampler *c = *state;
        struct tree t = grow(&(struct shape){.spinners = 1, .name = names[i]});

        ps_thread_sampler_init(c, NULL, 0, INTERVAL);
        look_until(c, &t, 1);
        fell(&t);
        t = grow(&(struct shape){.blocked = 1, .name = names[i]});
        look_until(c, &t, 0);
        fell(&t);
    }
}

/* The first two CPUs that we may run on; false where there is one. */
static bool two_cpus(int cpus[2])
{
    cpu_set_t set;
    size_t n = 0;

    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    for (int i = 0; i < CPU_SETSIZE && n < 2; i++) {
        if (CPU_ISSET((size_t)i, &set))
            cpus[n++] = i;
    }
    return n == 2;
}

static void test_outside(void **state)
{
    struct ps_thread_sampler *c = *state;
    cpu_set_t where;
    struct tree t;
    int cpus[2];

    if (!two_cpus(cpus))
        skip_because("needs 2 CPUs");
    CPU_ZERO(&where);
    CPU_SET((size_t)cpus[1], &where);
    t = grow(&(struct shape){.spinners = 1, .where = &where});
    ps_thread_sampler_init(c, &cpus[0], 1, INTERVAL);
    look_until(c, &t, 1);
    assert_true(c->outside > 0);
    ps_thread_sampler_init(c, &cpus[1], 1, INTERVAL);
    look_until(c, &t, 1);
    assert_int_equal(c->outside, 0);
    ps_thread_sampler_init(c, cpus, 2, INTERVAL);
    look_until(c, &t, 1);
    assert_int_equal(c->outside, 0);
    fell(&t);
}

static void test_gone(void **state)
{
    struct ps_thread_sampler *c = *state;
    siginfo_t info;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_true(ps_thread_sampler_sample(c, &pid, 1) == INTERVAL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(ps_thread_sampler_sample(c, &pid, 1) == INTERVAL);
    assert_true(ps_thread_sampler_sample(c, &pid, 0) == INTERVAL);
    assert_int_equal(c->looks, 0);
    assert_int_equal(c->most_alive, 0);
}

static size_t open_descriptors(void)
{
    size_t n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* Processes that come and go all the time, while we look. */
static void test_coming_and_going(void **state)
{
    struct ps_thread_sampler *c = *state;
    const size_t before = open_descriptors();
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(100);
        for (;;) {
            pid_t child = fork();

            if (child <= 0)
                _exit(child < 0);
            waitpid(child, NULL, 0);
        }
    }
    for (int i = 0; i < 2000; i++)
        ps_thread_sampler_sample(c, &pid, 1);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(c->taken, 32 + (2000 - 32) / 2); /* the others are second ones */
    assert_in_range(c->most_alive, 1, 4);
    assert_int_equal(open_descriptors(), before);
}

/* A long execution is looked at less often, and each look then stands for more of it. */
static void test_long(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree t = grow(&(struct shape){.spinners = 1});
    double apart = 0, next = INTERVAL;
    size_t seen = 0;

    while (c->taken < 1024) {
        apart += next;
        next = ps_thread_sampler_sample(c, &t.pid, 1);
    }
    assert_true(next == INTERVAL);
    assert_true(ps_thread_sampler_sample(c, &t.pid, 1) == 63 * INTERVAL);
    fell(&t);
    assert_int_equal(c->taken, 1024);
    assert_true((double)c->looks * INTERVAL > 0.99 * apart);
    assert_true((double)c->looks * INTERVAL < 1.01 * apart);
    /* Not always running: on a busy machine it may be between two states. */
    for (size_t i = 0; i <= PS_THREAD_SAMPLER_MOST; i++)
        seen += c->seen[i];
    assert_int_equal(seen, c->looks);
    assert_true(c->seen[1] > c->looks / 2);
    ps_thread_sampler_end(c);
    assert_int_equal(c->weight, 1);
}

/* Who runs alone for longer than looks lie apart does not take turns as under a lock. */
static void test_turns(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree a = grow(&(struct shape){.spinners = 1});
    struct tree b = grow(&(struct shape){.spinners = 1});

    c->weight = 64;
    for (int i = 0; i < 10; i++) {
        const struct tree *t = i % 2 ? &a : &b;

        ps_thread_sampler_sample(c, &t->pid, 1);
        ps_thread_sampler_sample(c, &t->pid, 1);
    }
    assert_int_equal(c->taken, 10);
    assert_int_equal(c->looks, 640);
    assert_int_equal(c->turns, 0);
    ps_thread_sampler_sample(c, &a.pid, 1);
    ps_thread_sampler_sample(c, &b.pid, 1);
    assert_int_equal(c->turns, 64);
    assert_int_equal(c->turns_taken, 1);
    fell(&a);
    fell(&b);
}

/* One process given so often that there are more threads than are looked at. */
static void test_bounded(void **state)
{
    struct ps_thread_sampler *c = *state;
    struct tree t = grow(&(struct shape){.spinners = 1});
    const size_t count = PS_THREAD_SAMPLER_MOST + 10;
    pid_t *pids = test_calloc(count, sizeof *pids);

    for (size_t i = 0; i < count; i++)
        pids[i] = t.pid;
    ps_thread_sampler_sample(c, pids, 100);
    assert_false(c->truncated);
    assert_true(c->most_alive >= 100);
    ps_thread_sampler_sample(c, pids, count);
    fell(&t);
    test_free(pids);
    assert_true(c->truncated);
    assert_int_equal(c->most_alive, PS_THREAD_SAMPLER_MOST);
    assert_int_equal(c->looks, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_long),
        TEST(test_turns),
        TEST(test_spinning),
        TEST(test_blocked_do_not_count),
        TEST(test_all_blocked),
        TEST(test_below),
        TEST(test_several_trees),
        TEST(test_names),
        TEST(test_outside),
        TEST(test_gone),
        TEST(test_coming_and_going),
        TEST(test_bounded),
    };

    return cmocka_run_group_tests_name("thread_sampler", tests, NULL, NULL);
}
