#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tasks.h"

/* A worker without a strategy: tasks are shared when a test says so. */
struct fixture {
    struct ps_tasks tasks;
    struct parscope_worker abi;
};

static int never(struct parscope_worker *w)
{
    return 1;
}

static int setup(void **state)
{
    struct fixture *f = aligned_alloc(PS_LINE, (sizeof *f + PS_LINE - 1) / PS_LINE * PS_LINE);

    if (!f || ps_tasks_init(&f->tasks) < 0)
        return -1;
    f->abi = (struct parscope_worker){.forked = never};
    ps_tasks_reset(&f->tasks, &f->abi, false);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ps_tasks_finish(&f->tasks);
    free(f);
    return 0;
}

static void push(struct fixture *f, unsigned count)
{
    f->abi.head += count;
}

static struct parscope_task *pop(struct fixture *f)
{
    return --f->abi.head;
}

static struct parscope_task *nth(struct fixture *f, unsigned n)
{
    return f->tasks.base + n;
}

static bool below_fence(struct fixture *f, struct parscope_task *t)
{
    return t < f->abi.fence;
}

static void test_nothing_is_shared_unasked(void **state)
{
    struct fixture *f = *state;

    push(f, 5);
    assert_null(ps_tasks_steal(&f->tasks));
    assert_false(ps_tasks_visible(&f->tasks));
    for (unsigned i = 5; i-- > 0;)
        assert_false(below_fence(f, pop(f)));
    assert_false(ps_tasks_share(&f->tasks, &f->abi));
}

static void test_requests_are_seen_and_answered(void **state)
{
    struct fixture *f = *state;

    assert_false(ps_tasks_wanted(&f->tasks, &f->abi));
    assert_false(parscope_is_slow(&f->abi, f->abi.head));
    ps_tasks_want(&f->tasks, &f->abi);
    assert_true(ps_tasks_wanted(&f->tasks, &f->abi));
    assert_true(parscope_is_slow(&f->abi, f->abi.head));
    assert_false(ps_tasks_share(&f->tasks, &f->abi)); /* there is nothing: it stands */
    assert_true(ps_tasks_wanted(&f->tasks, &f->abi));
    push(f, 1);
    assert_true(ps_tasks_share(&f->tasks, &f->abi));
    assert_false(ps_tasks_wanted(&f->tasks, &f->abi));
    assert_true(ps_tasks_visible(&f->tasks));
}

static void test_the_older_half_goes_first(void **state)
{
    struct fixture *f = *state;

    push(f, 5);
    assert_true(ps_tasks_share(&f->tasks, &f->abi));
    for (unsigned i = 0; i < 3; i++)
        assert_ptr_equal(ps_tasks_steal(&f->tasks), nth(f, i));
    assert_null(ps_tasks_steal(&f->tasks));
    assert_true(ps_tasks_share(&f->tasks, &f->abi));
    assert_ptr_equal(ps_tasks_steal(&f->tasks), nth(f, 3));
    assert_null(ps_tasks_steal(&f->tasks));
}

static void test_the_owner_takes_back(void **state)
{
    struct fixture *f = *state;
    struct parscope_task *t;

    push(f, 8);
    assert_true(ps_tasks_share(&f->tasks, &f->abi)); /* 0 .. 3 */
    for (unsigned i = 8; i-- > 4;)
        assert_false(below_fence(f, pop(f)));
    t = pop(f);
    assert_true(below_fence(f, t));
    assert_int_equal(ps_tasks_take_back(&f->tasks, &f->abi, t), PS_TASKS_OURS);
    assert_ptr_equal(ps_tasks_steal(&f->tasks), nth(f, 0)); /* half of the rest was left */
    assert_null(ps_tasks_steal(&f->tasks));
    assert_false(below_fence(f, pop(f)));
    assert_false(below_fence(f, pop(f)));
    t = pop(f);
    assert_true(below_fence(f, t));
    assert_int_equal(ps_tasks_take_back(&f->tasks, &f->abi, t), PS_TASKS_STOLEN);
    f->abi.head = t + 1; /* as a waiting worker works on above it */
    push(f, 1);
    assert_false(below_fence(f, pop(f)));
    f->abi.head = t;
    ps_tasks_forget(&f->tasks, &f->abi, t);
    push(f, 1);
    assert_null(ps_tasks_steal(&f->tasks));
    assert_false(below_fence(f, pop(f)));
}

/* A request makes a join slow, and costs the owner nothing else. */
static void test_a_request_alone_takes_nothing(void **state)
{
    struct fixture *f = *state;
    struct parscope_task *t;

    push(f, 2);
    ps_tasks_want(&f->tasks, &f->abi);
    t = pop(f);
    assert_true(below_fence(f, t));
    assert_int_equal(ps_tasks_take_back(&f->tasks, &f->abi, t), PS_TASKS_OURS);
    assert_true(ps_tasks_wanted(&f->tasks, &f->abi));
    assert_true(ps_tasks_share(&f->tasks, &f->abi)); /* the one below */
    assert_ptr_equal(ps_tasks_steal(&f->tasks), nth(f, 0));
}

static void test_full(void **state)
{
    struct fixture *f = *state;

    push(f, PS_TASKS_CAPACITY);
    assert_false(ps_tasks_full(&f->tasks, &f->abi));
    assert_true(parscope_is_slow(&f->abi, f->abi.head));
    push(f, 1);
    assert_true(ps_tasks_full(&f->tasks, &f->abi));
}

enum { THIEVES = 3, ROUNDS = 20000, DEPTH = 6 };

struct contest {
    struct fixture *f;
    uint64_t sum; /* not atomic: the race detector sees a task that two did */
    atomic_bool over;
};

static void *thief_main(void *arg)
{
    struct contest *c = arg;

    while (!atomic_load(&c->over)) {
        struct parscope_task *t = ps_tasks_steal(&c->f->tasks);

        if (!t) {
            ps_tasks_want(&c->f->tasks, &c->f->abi);
            sched_yield();
            continue;
        }
        t->data[1] = t->data[0] + 1;
        t->data[0] = 0;
        __atomic_store_n(&t->done, 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* The owner's side of a fork and join, nested. */
static void descend(struct contest *c, unsigned depth, uint64_t value)
{
    struct fixture *f = c->f;
    struct parscope_task *t = f->abi.head;

    if (!depth)
        return;
    t->data[0] = value;
    f->abi.head = t + 1;
    if (parscope_is_slow(&f->abi, t))
        ps_tasks_share(&f->tasks, &f->abi);
    descend(c, depth - 1, value * 3);
    f->abi.head = t;
    if (parscope_unforked(&f->abi, t)) {
        c->sum += t->data[0] + 1;
        return;
    }
    c->sum += t->data[1];
}

static int unforked(struct parscope_worker *w, struct parscope_task *t)
{
    struct fixture *f = (struct fixture *)((char *)w - offsetof(struct fixture, abi));

    if (ps_tasks_take_back(&f->tasks, w, t) == PS_TASKS_OURS)
        return 1;
    while (!__atomic_load_n(&t->done, __ATOMIC_ACQUIRE))
        sched_yield();
    ps_tasks_forget(&f->tasks, w, t);
    return 0;
}

static void test_each_task_is_done_once(void **state)
{
    struct contest c = {.f = *state};
    pthread_t thieves[THIEVES];
    uint64_t expected = 0;

    c.f->abi.unforked = unforked;
    for (int i = 0; i < THIEVES; i++)
        assert_int_equal(pthread_create(&thieves[i], NULL, thief_main, &c), 0);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        descend(&c, DEPTH, round);
        for (uint64_t depth = 0, value = round; depth < DEPTH; depth++, value *= 3)
            expected += value + 1;
    }
    atomic_store(&c.over, true);
    for (int i = 0; i < THIEVES; i++)
        pthread_join(thieves[i], NULL);
    assert_true(c.sum == expected);
    assert_null(ps_tasks_steal(&c.f->tasks));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_is_shared_unasked),     TEST(test_requests_are_seen_and_answered),
        TEST(test_the_older_half_goes_first),     TEST(test_the_owner_takes_back),
        TEST(test_a_request_alone_takes_nothing), TEST(test_full),
        TEST(test_each_task_is_done_once),
    };

    return cmocka_run_group_tests_name("tasks", tests, NULL, NULL);
}
