#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arena.h"

static jmp_buf out_of_memory;

static void on_oom(void)
{
    longjmp(out_of_memory, 1);
}

static void unexpected_oom(void)
{
    abort();
}

static void test_alloc_is_zeroed_and_aligned(void **state)
{
    struct ps_arena a;

    ps_arena_init(&a, unexpected_oom);
    for (size_t size = 0; size < 300; size++) {
        unsigned char *p = ps_arena_alloc(&a, size);

        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
    }
    ps_arena_finish(&a);
}

static void test_blocks_do_not_overlap(void **state)
{
    enum { COUNT = 500 };
    struct ps_arena a;
    unsigned char *p[COUNT];

    ps_arena_init(&a, unexpected_oom);
    for (size_t i = 0; i < COUNT; i++) {
        p[i] = ps_arena_alloc(&a, i + 1);
        memset(p[i], (int)(i % 251), i + 1);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j <= i; j++)
            assert_int_equal(p[i][j], i % 251);
    }
    ps_arena_finish(&a);
}

static void test_large_requests(void **state)
{
    struct ps_arena a;
    unsigned char *large;

    ps_arena_init(&a, unexpected_oom);
    ps_arena_alloc(&a, 1);
    large = ps_arena_alloc(&a, 5000000);
    large[4999999] = 1;
    assert_non_null(ps_arena_alloc(&a, 1));
    ps_arena_finish(&a);
    assert_null(a.blocks);
}

static void test_overflow_calls_the_handler(void **state)
{
    struct ps_arena a;
    volatile int calls = 0;

    ps_arena_init(&a, on_oom);
    if (setjmp(out_of_memory) == 0)
        ps_arena_array(&a, SIZE_MAX / 2, 3);
    else
        calls++;
    if (setjmp(out_of_memory) == 0)
        ps_arena_alloc(&a, SIZE_MAX);
    else
        calls++;
    assert_int_equal(calls, 2);
    ps_arena_finish(&a);
}

static void test_text(void **state)
{
    struct ps_arena a;
    char *copy, *text;

    ps_arena_init(&a, unexpected_oom);
    copy = ps_arena_copy(&a, "reduce");
    text = ps_arena_format(&a, "%s:size=%d", copy, 10);
    assert_string_equal(copy, "reduce");
    assert_string_equal(text, "reduce:size=10");
    assert_string_equal(ps_arena_copy(&a, ""), "");
    ps_arena_finish(&a);
}

static void test_grow_keeps_the_elements(void **state)
{
    struct ps_arena a;
    unsigned *list = NULL;
    size_t moves = 0;

    ps_arena_init(&a, unexpected_oom);
    for (unsigned i = 0; i < 1000; i++) {
        unsigned *now = ps_arena_grow(&a, list, i, sizeof *list);

        moves += now != list;
        list = now;
        list[i] = i;
    }
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    assert_true(moves < 12);
    ps_arena_finish(&a);
}

static char *join(struct ps_arena *a, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = ps_arena_vformat(a, format, args);
    va_end(args);
    return text;
}

static void test_format_cuts_nothing(void **state)
{
    struct ps_arena a;
    char half[10001];

    memset(half, 'x', 10000);
    half[10000] = '\0';
    ps_arena_init(&a, unexpected_oom);
    assert_string_equal(join(&a, "%s:%d", "one", 2), "one:2");
    assert_string_equal(join(&a, "%s", ""), "");
    assert_int_equal(strlen(join(&a, "%s%c%s", half, '-', half)), 20001);
    assert_string_equal(join(&a, "%s%c%s", half, '-', half) + 19998, "xxx");
    ps_arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_is_zeroed_and_aligned),
        cmocka_unit_test(test_blocks_do_not_overlap),
        cmocka_unit_test(test_large_requests),
        cmocka_unit_test(test_overflow_calls_the_handler),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_format_cuts_nothing),
        cmocka_unit_test(test_grow_keeps_the_elements),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
