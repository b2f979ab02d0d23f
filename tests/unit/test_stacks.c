/* Copies of stacks, in room that was there before and in more. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "stacks.h"

#define MOST 64

static const unsigned char bytes[2 * MOST] = "what lies on a stack";

static void test_copies(void **state)
{
    struct ps_stacks *s = ps_stacks_create(2, MOST);
    unsigned char *copies[4];

    assert_non_null(s);
    for (size_t i = 0; i < 4; i++) {
        copies[i] = ps_stacks_copy(s, bytes + i, MOST - i);
        assert_non_null(copies[i]);
    }
    for (size_t i = 0; i < 4; i++)
        assert_memory_equal(copies[i], bytes + i, MOST - i);
    for (size_t i = 0; i < 4; i++)
        ps_stacks_drop(s, copies[i]);
    ps_stacks_destroy(s);
}

static void test_room_is_used_again(void **state)
{
    struct ps_stacks *s = ps_stacks_create(1, MOST);
    unsigned char *first = ps_stacks_copy(s, bytes, MOST), *second;

    ps_stacks_drop(s, first);
    second = ps_stacks_copy(s, bytes + 1, MOST);
    assert_ptr_equal(second, first);
    assert_memory_equal(second, bytes + 1, MOST);
    ps_stacks_drop(s, second);
    ps_stacks_destroy(s);
}

static void test_larger_and_empty_ones(void **state)
{
    struct ps_stacks *s = ps_stacks_create(0, MOST);
    unsigned char *large = ps_stacks_copy(s, bytes, 2 * MOST), *none = ps_stacks_copy(s, NULL, 0);

    assert_memory_equal(large, bytes, 2 * MOST);
    assert_non_null(none);
    ps_stacks_drop(s, large);
    ps_stacks_drop(s, none);
    ps_stacks_drop(s, NULL);
    ps_stacks_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_room_is_used_again),
        cmocka_unit_test(test_larger_and_empty_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
