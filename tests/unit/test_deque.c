#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "deque.h"

static struct ps_deque *new_deque(void)
{
    struct ps_deque *d = aligned_alloc(_Alignof(struct ps_deque), sizeof(*d));

    assert_non_null(d);
    ps_deque_init(d);
    return d;
}

static void starts_empty(void **state)
{
    struct ps_deque *d = new_deque();

    assert_true(ps_deque_empty(d));
    assert_false(ps_deque_visible(d));
    assert_null(ps_deque_pop(d));
    assert_null(ps_deque_steal(d));
    assert_true(ps_deque_empty(d));
    free(d);
}

static void owner_gets_the_last_thief_the_first(void **state)
{
    struct ps_deque *d = new_deque();
    int items[3];

    for (int i = 0; i < 3; i++)
        assert_true(ps_deque_push(d, &items[i]));
    assert_true(ps_deque_visible(d));
    assert_ptr_equal(ps_deque_steal(d), &items[0]);
    assert_ptr_equal(ps_deque_pop(d), &items[2]);
    assert_ptr_equal(ps_deque_pop(d), &items[1]);
    assert_null(ps_deque_pop(d));
    assert_null(ps_deque_steal(d));
    free(d);
}

static void full_refuses_until_one_is_taken(void **state)
{
    struct ps_deque *d = new_deque();
    char items[PS_DEQUE_CAPACITY + 1];

    for (int i = 0; i < PS_DEQUE_CAPACITY; i++)
        assert_true(ps_deque_push(d, &items[i]));
    assert_false(ps_deque_push(d, &items[PS_DEQUE_CAPACITY]));
    assert_ptr_equal(ps_deque_steal(d), &items[0]);
    assert_true(ps_deque_push(d, &items[PS_DEQUE_CAPACITY]));
    assert_ptr_equal(ps_deque_pop(d), &items[PS_DEQUE_CAPACITY]);
    for (int i = PS_DEQUE_CAPACITY; i-- > 1;)
        assert_ptr_equal(ps_deque_pop(d), &items[i]);
    assert_true(ps_deque_empty(d));
    free(d);
}

static void goes_round_many_times(void **state)
{
    struct ps_deque *d = new_deque();
    char items[7];

    for (int round = 0; round < PS_DEQUE_CAPACITY; round++) {
        for (int i = 0; i < 7; i++)
            assert_true(ps_deque_push(d, &items[i]));
        for (int i = 0; i < 7; i++)
            assert_ptr_equal(ps_deque_steal(d), &items[i]);
    }
    assert_true(ps_deque_empty(d));
    free(d);
}

enum { THIEVES = 3, ITEMS = 60000, BURST = 5 };

struct contest {
    struct ps_deque *deque;
    unsigned char *taken; /* not atomic: the race detector sees an item that two threads got */
    _Atomic unsigned count;
};

static void take_one(struct contest *c, unsigned char *item)
{
    (*item)++;
    atomic_fetch_add(&c->count, 1);
}

static void *thief_main(void *arg)
{
    struct contest *c = arg;

    while (atomic_load(&c->count) < ITEMS) {
        unsigned char *item = ps_deque_steal(c->deque);

        if (item)
            take_one(c, item);
    }
    return NULL;
}

/* The owner pushes some and pops as many, so that it often meets the thieves at the last item. */
static void own(struct contest *c)
{
    for (unsigned i = 0; i < ITEMS;) {
        for (unsigned k = 0; k < BURST && i < ITEMS; k++)
            if (ps_deque_push(c->deque, &c->taken[i]))
                i++;
        for (unsigned k = 0; k < BURST; k++) {
            unsigned char *item = ps_deque_pop(c->deque);

            if (item)
                take_one(c, item);
        }
    }
}

static void each_item_goes_to_one_thread(void **state)
{
    struct contest c = {.deque = new_deque(), .taken = calloc(ITEMS, 1)};
    pthread_t thieves[THIEVES];

    assert_non_null(c.taken);
    for (int i = 0; i < THIEVES; i++)
        assert_int_equal(pthread_create(&thieves[i], NULL, thief_main, &c), 0);
    own(&c);
    for (int i = 0; i < THIEVES; i++)
        pthread_join(thieves[i], NULL);
    assert_int_equal(atomic_load(&c.count), ITEMS);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(c.taken[i], 1);
    assert_true(ps_deque_empty(c.deque));
    free(c.taken);
    free(c.deque);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_empty),
        cmocka_unit_test(owner_gets_the_last_thief_the_first),
        cmocka_unit_test(full_refuses_until_one_is_taken),
        cmocka_unit_test(goes_round_many_times),
        cmocka_unit_test(each_item_goes_to_one_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
