#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ends.h"

#define MS UINT64_C(1000000)

enum { PARENT = 100, CHILD = 200, OTHER = 300 };

static const struct ps_record end = {.kind = PS_RECORD_EXIT,
                                     .time = 10 * MS,
                                     .pid = CHILD,
                                     .tid = CHILD,
                                     .cpu = 1,
                                     .parent_pid = PARENT};

static bool look(struct ps_ends_search *s, uint64_t ms, enum ps_record_kind kind, pid_t pid,
                 int cpu)
{
    const struct ps_record r = {.kind = kind, .time = ms * MS, .pid = pid, .tid = pid, .cpu = cpu};

    return ps_ends_look(s, &r);
}

static void test_the_parent_gets_a_cpu(void **state)
{
    struct ps_ends_search s = ps_ends_search(&end, PS_END_BY_PARENT);

    assert_true(look(&s, 11, PS_RECORD_IN, OTHER, 0));
    assert_true(look(&s, 12, PS_RECORD_SAMPLE, PARENT, 0));
    assert_int_equal(ps_ends_found(&s, 0), 0);
    assert_false(look(&s, 15, PS_RECORD_IN, PARENT, 0));
    assert_int_equal(ps_ends_found(&s, 0), 15 * MS);
    assert_int_equal(ps_ends_found(&s, 12 * MS), 15 * MS);
}

/* Its CPU was another's before: it can't have run there. */
static void test_its_cpu_is_taken(void **state)
{
    struct ps_ends_search s = ps_ends_search(&end, PS_END_BY_PARENT);

    assert_true(look(&s, 12, PS_RECORD_IN, OTHER, 1));
    assert_true(look(&s, 13, PS_RECORD_IN, OTHER, 1));
    assert_int_equal(ps_ends_found(&s, 0), 0);
    assert_false(look(&s, 15, PS_RECORD_IN, PARENT, 0));
    assert_int_equal(ps_ends_found(&s, 0), 12 * MS);
}

static void test_a_parent_that_sleeps_on(void **state)
{
    struct ps_ends_search s = ps_ends_search(&end, PS_END_BY_PARENT);

    assert_true(look(&s, 11, PS_RECORD_IN, OTHER, 1));
    assert_false(look(&s, 10 + PS_ENDS_MOST_NS / MS + 1, PS_RECORD_IN, PARENT, 0));
    assert_int_equal(ps_ends_found(&s, 0), 0);
}

static void test_the_caller_is_told(void **state)
{
    struct ps_ends_search s = ps_ends_search(&end, PS_END_BY_CALLER);

    assert_int_equal(ps_ends_found(&s, 0), 0);
    assert_int_equal(ps_ends_found(&s, 9 * MS), 0);
    assert_int_equal(ps_ends_found(&s, 900 * MS), 900 * MS);
    assert_true(look(&s, 14, PS_RECORD_IN, PARENT, 0));
    assert_true(look(&s, 16, PS_RECORD_IN, OTHER, 1));
    assert_int_equal(ps_ends_found(&s, 0), 0);
    assert_int_equal(ps_ends_found(&s, 900 * MS), 16 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_parent_gets_a_cpu),
        cmocka_unit_test(test_its_cpu_is_taken),
        cmocka_unit_test(test_a_parent_that_sleeps_on),
        cmocka_unit_test(test_the_caller_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
