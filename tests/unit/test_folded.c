#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "folded.h"
#include "skip.h"

struct fixture {
    struct ps_symbols *symbols;
    struct ps_folded *folded;
    struct ps_observation n;
    struct ps_space space;
    struct ps_seen seen[4];
    size_t spaces[1];
    struct ps_str text;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->folded = ps_folded_create();
    f->space.name = "program";
    f->n.spaces.spaces = &f->space;
    f->n.spaces.count = 1;
    f->n.lists[PS_SEEN_SAMPLE] = (struct ps_seen_list){.seen = f->seen, .count = 4, .step = 1};
    f->n.lists[PS_SEEN_SAMPLE].taken = 4;
    for (size_t i = 0; i < 4; i++)
        f->seen[i] = (struct ps_seen){.ordinal = i, .running = i < 3 ? 1 : 2};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ps_folded_destroy(f->folded);
    ps_symbols_destroy(f->symbols);
    ps_str_finish(&f->text);
    free(f);
    return 0;
}

static const char *text_of(struct fixture *f)
{
    struct ps_err e;

    if (!f->symbols && ps_symbols_create(&f->symbols, &e) < 0)
        skip_because("there is no libdw");
    f->spaces[0] = ps_symbols_add_space(f->symbols, 1, NULL, 0);
    ps_folded_add(f->folded, f->symbols, f->spaces, &f->n);
    ps_folded_write(f->folded, &f->text);
    assert_false(f->text.failed);
    return ps_str_text(&f->text);
}

/* Of samples without registers nothing is known but how many threads ran. */
static void test_equal_stacks_are_one_line(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(text_of(f),
                        "1 running;program;[unknown] 3\n2 running;program;[unknown] 1\n");
}

static void test_each_kept_sample_stands_for_those_up_to_the_next(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < 4; i++)
        f->seen[i].ordinal = 4 * i;
    f->n.lists[PS_SEEN_SAMPLE].step = 4;
    f->n.lists[PS_SEEN_SAMPLE].taken = 14;
    assert_string_equal(text_of(f),
                        "1 running;program;[unknown] 12\n2 running;program;[unknown] 2\n");
}

static void test_points_come_first(void **state)
{
    struct fixture *f = *state;

    f->n.lists[PS_SEEN_SAMPLE].count = f->n.lists[PS_SEEN_SAMPLE].taken = 1;
    ps_folded_head(f->folded, "xz × 2");
    assert_string_equal(text_of(f), "xz × 2;1 running;program;[unknown] 1\n");
}

static void test_kernel_is_the_innermost_frame(void **state)
{
    struct fixture *f = *state;

    f->n.lists[PS_SEEN_SAMPLE].count = f->n.lists[PS_SEEN_SAMPLE].taken = 1;
    f->seen[0].kernel = true;
    assert_string_equal(text_of(f), "1 running;program;[unknown];[kernel] 1\n");
}

/* Semicolons, newlines and trailing spaces in a name must not be taken for the format's own. */
static void test_hostile_names(void **state)
{
    struct fixture *f = *state;
    char longest[5000];

    f->n.lists[PS_SEEN_SAMPLE].count = f->n.lists[PS_SEEN_SAMPLE].taken = 1;
    f->space.name = " a;b\nc\x1b 7 ";
    ps_folded_head(f->folded, ";;");
    assert_string_equal(text_of(f), "::;1 running;a:b\\x0ac\\x1b 7;[unknown] 1\n");
    f->space.name = "   ";
    ps_str_clear(&f->text);
    assert_non_null(strstr(text_of(f), "1 running;[unknown];[unknown] 1\n"));
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    f->space.name = longest;
    ps_str_clear(&f->text);
    assert_true(strlen(text_of(f)) < 2 * PS_FOLDED_FRAME + 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_equal_stacks_are_one_line),
        TEST(test_each_kept_sample_stands_for_those_up_to_the_next),
        TEST(test_points_come_first),
        TEST(test_kernel_is_the_innermost_frame),
        TEST(test_hostile_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
