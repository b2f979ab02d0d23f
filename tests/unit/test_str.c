#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "err.h"
#include "str.h"

static void test_empty(void **state)
{
    struct ps_str s = PS_STR_INIT;

    assert_string_equal(ps_str_text(&s), "");
    ps_str_add(&s, "");
    assert_string_equal(ps_str_text(&s), "");
    assert_int_equal(s.length, 0);
    ps_str_finish(&s);
    ps_str_finish(&s);
}

static void test_add(void **state)
{
    struct ps_str s = PS_STR_INIT;

    ps_str_add(&s, "one");
    ps_str_addn(&s, " two!", 4);
    ps_str_addf(&s, " %d %s", 3, "four");
    assert_string_equal(ps_str_text(&s), "one two 3 four");
    assert_int_equal(s.length, strlen("one two 3 four"));
    assert_false(s.failed);
    ps_str_clear(&s);
    assert_string_equal(ps_str_text(&s), "");
    ps_str_add(&s, "again");
    assert_string_equal(ps_str_text(&s), "again");
    ps_str_finish(&s);
}

static void test_grows_across_every_length(void **state)
{
    struct ps_str s = PS_STR_INIT;

    for (size_t i = 0; i < 5000; i++) {
        ps_str_addf(&s, "%c", (int)('a' + i % 26));
        assert_true(s.length < s.capacity);
        assert_int_equal(strlen(s.text), i + 1);
    }
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(s.text[i], 'a' + i % 26);
    ps_str_finish(&s);
}

static void test_failure_sticks(void **state)
{
    struct ps_str s = PS_STR_INIT;

    ps_str_add(&s, "kept");
    ps_str_pad(&s, "", 0);
    ps_str_addn(&s, "x", SIZE_MAX - 64);
    assert_true(s.failed);
    ps_str_add(&s, "ignored");
    assert_string_equal(ps_str_text(&s), "kept");
    ps_str_clear(&s);
    assert_false(s.failed);
    ps_str_finish(&s);
}

static void test_pad_counts_code_points(void **state)
{
    struct ps_str s = PS_STR_INIT;

    ps_str_pad(&s, "ab", 4);
    ps_str_add(&s, "|");
    ps_str_pad(&s, "\u00b5s", -4);
    ps_str_add(&s, "|");
    ps_str_pad(&s, "longer", 3);
    ps_str_add(&s, "|");
    ps_str_pad(&s, "longer", -3);
    assert_string_equal(ps_str_text(&s), "ab  |  \u00b5s|longer|longer");
    ps_str_finish(&s);
}

static void test_columns(void **state)
{
    assert_int_equal(ps_columns(""), 0);
    assert_int_equal(ps_columns("abc"), 3);
    assert_int_equal(ps_columns("\u00b1 1 \u00b5s"), 6);
    assert_int_equal(ps_columns("\U0001d400"), 1);
}

static void test_first_error_is_kept(void **state)
{
    struct ps_err e = {0};

    assert_int_equal(ps_fail(&e, 22, "%s %d", "first", 1), -22);
    assert_int_equal(ps_fail(&e, 5, "second"), -5);
    assert_string_equal(e.text, "first 1");
    assert_int_equal(ps_fail(NULL, 5, "nowhere"), -5);
}

static void test_long_errors_are_cut(void **state)
{
    struct ps_err e = {0};

    ps_fail(&e, 1, "%*d", 5000, 1);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_grows_across_every_length),
        cmocka_unit_test(test_failure_sticks),
        cmocka_unit_test(test_pad_counts_code_points),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_first_error_is_kept),
        cmocka_unit_test(test_long_errors_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
