#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "shares.h"

#define MOST 4

struct team {
    struct ps_near near;
    struct ps_shares shares;
    struct ps_loop loop;
    unsigned workers, late; /* worker `late` comes when all others are through */
    unsigned char *marks;   /* not atomic: the race detector sees an item that two did */
    uint64_t largest;       /* range that a body got */
    _Atomic unsigned through;
    uint64_t items[MOST];
};

struct parker {
    struct team *team;
    unsigned slot;
    uint64_t largest;
};

static _Thread_local struct parker *here;

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct team *c = arg;

    if (end - begin > here->largest)
        here->largest = end - begin;
    for (; begin < end; begin++)
        c->marks[begin]++;
}

static void *come(void *arg)
{
    struct parker *s = arg;
    struct team *c = s->team;
    struct parscope_worker w = {.slot = s->slot};

    here = s;
    while (s->slot == c->late && atomic_load(&c->through) + 1 < c->workers)
        sched_yield();
    c->items[s->slot] = ps_shares_run(&c->shares, &c->loop, &w);
    atomic_fetch_add(&c->through, 1);
    return NULL;
}

static void run_region(struct team *c)
{
    struct parker parkers[MOST];
    pthread_t threads[MOST];

    atomic_store(&c->through, 0);
    c->loop.number++;
    c->largest = 0;
    for (unsigned i = 0; i < c->workers; i++) {
        parkers[i] = (struct parker){c, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, come, &parkers[i]), 0);
    }
    for (unsigned i = 0; i < c->workers; i++) {
        pthread_join(threads[i], NULL);
        if (parkers[i].largest > c->largest)
            c->largest = parkers[i].largest;
    }
}

static void expect_each_once(struct team *c)
{
    uint64_t items = 0, wrong = 0;

    for (unsigned i = 0; i < c->workers; i++)
        items += c->items[i];
    assert_true(items == c->loop.n);
    for (uint64_t i = 0; i < c->loop.n; i++)
        wrong += c->marks[i] != 1;
    assert_true(wrong == 0);
}

static void init_shares(struct team *c)
{
    const int cpus[MOST] = {-1, -1, -1, -1};

    assert_int_equal(ps_near_init(&c->near, NULL, cpus, c->workers), 0);
    assert_int_equal(ps_shares_init(&c->shares, &c->near, 1), 0);
}

static void finish_shares(struct team *c)
{
    ps_shares_finish(&c->shares);
    ps_near_finish(&c->near);
}

static void run_loop(unsigned workers, unsigned late, uint64_t n, uint64_t chunk, unsigned regions)
{
    struct team c = {.loop = {body, &c, n, chunk, 0}, .workers = workers, .late = late};

    init_shares(&c);
    c.marks = malloc(n);
    assert_non_null(c.marks);
    for (unsigned i = 0; i < regions; i++) {
        memset(c.marks, 0, n);
        run_region(&c);
        expect_each_once(&c);
        assert_true(c.largest == (chunk < n ? chunk : n));
    }
    free(c.marks);
    finish_shares(&c);
}

static void test_each_item_once(void **state)
{
    static const uint64_t sizes[] = {1, 2, 3, 5, 100, 10007};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (unsigned workers = 1; workers <= MOST; workers++) {
            run_loop(workers, MOST, sizes[i], 1, 5);
            run_loop(workers, MOST, sizes[i], 3, 5);
            run_loop(workers, MOST, sizes[i], 20000, 2);
        }
}

/* The share of who has not come yet is done by the others. */
static void test_nobody_waits_for_a_late_worker(void **state)
{
    struct team c = {.loop = {body, &c, 1000, 1, 0}, .workers = 3, .late = 1};

    init_shares(&c);
    c.marks = calloc(1000, 1);
    assert_non_null(c.marks);
    run_region(&c);
    expect_each_once(&c);
    assert_int_equal(c.items[1], 0);
    free(c.marks);
    finish_shares(&c);
}

/* More regions than there are tags, and workers that are late in each. */
static void test_many_regions(void **state)
{
    struct team c = {.loop = {body, &c, 3, 1, 65530}, .workers = 2, .late = 0};

    init_shares(&c);
    c.marks = malloc(3);
    assert_non_null(c.marks);
    for (unsigned i = 0; i < 20; i++) {
        memset(c.marks, 0, 3);
        run_region(&c);
        expect_each_once(&c);
        assert_int_equal(c.items[0], 0);
    }
    free(c.marks);
    finish_shares(&c);
}

/* More chunks than a word can count: the bodies' chunks stay what was asked for. */
static void test_more_chunks_than_units(void **state)
{
    run_loop(2, MOST, (UINT64_C(1) << 25) + 7, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_item_once),
        cmocka_unit_test(test_nobody_waits_for_a_late_worker),
        cmocka_unit_test(test_many_regions),
        cmocka_unit_test(test_more_chunks_than_units),
    };

    return cmocka_run_group_tests_name("shares", tests, NULL, NULL);
}
