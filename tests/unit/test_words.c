#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "words.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MOST     4

static void unexpected_oom(void)
{
    abort();
}

static int setup(void **state)
{
    struct ps_arena *a = test_malloc(sizeof *a);

    ps_arena_init(a, unexpected_oom);
    *state = a;
    return 0;
}

static int teardown(void **state)
{
    ps_arena_finish(*state);
    test_free(*state);
    return 0;
}

static void test_split(void **state)
{
    static const struct {
        const char *text, *words[MOST + 1];
    } table[] = {
        {"true", {"true"}},
        {"  xz -1\t-T4\n", {"xz", "-1", "-T4"}},
        {"a 'b c' \"d e\" f\\ g", {"a", "b c", "d e", "f g"}},
        {"a '' \"\" b", {"a", "", "", "b"}},
        {"a'b'\"c\"\\d", {"abcd"}},
        {"'a\\b'", {"a\\b"}},
        {"\"a\\\\b\\\"c\\$d\\`e\\f'\"", {"a\\b\"c$d`e\\f'"}},
        {"\\a\\\\ \\' \\\"", {"a\\", "'", "\""}},
        {"a \\| '|&;<>()`' \"|&;<>()`\"", {"a", "|", "|&;<>()`", "|&;<>()`"}},
        {"$HOME *.c ~ #x", {"$HOME", "*.c", "~", "#x"}},
        {"awk {print} {threads} a=b", {"awk", "{print}", "{threads}", "a=b"}},
        {"caf\xc3\xa9 '\xe2\x82\xac'", {"caf\xc3\xa9", "\xe2\x82\xac"}},
        {"\"a\nb\"", {"a\nb"}},
    };

    for (size_t i = 0; i < COUNT(table); i++) {
        struct ps_err e = {0};
        const char **words;
        size_t count, j = 0;

        assert_int_equal(ps_words_split(table[i].text, "-c", *state, &words, &count, &e), 0);
        for (; table[i].words[j]; j++) {
            assert_true(j < count);
            assert_string_equal(words[j], table[i].words[j]);
        }
        assert_int_equal(count, j);
        assert_null(words[count]);
        assert_string_equal(e.text, "");
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *error;
    } table[] = {
        {"", "-c: the command is empty"},
        {" \t\n", "-c: the command is empty"},
        {"'' a", "-c: the first word, the command's name, is empty"},
        {"echo \t'a", "-c: the quote ' opened at column 7 is never closed"},
        {"echo \"a\\\"", "-c: the quote \" opened at column 6 is never closed"},
        {"'a'\"b'", "-c: the quote \" opened at column 4 is never closed"},
        {"a b\\", "-c: nothing follows the backslash at column 4"},
        {"echo 'a b' | wc", "-c: '|' at column 12 needs a shell: add --shell sh, or quote it"},
        {"\xc3\xa9 \xe2\x82\xac & x",
         "-c: '&' at column 5 needs a shell: add --shell sh, or quote it"},
        {"a;b", "-c: ';' at column 2 needs a shell: add --shell sh, or quote it"},
        {"a 2>b", "-c: '>' at column 4 needs a shell: add --shell sh, or quote it"},
        {"a <b", "-c: '<' at column 3 needs a shell: add --shell sh, or quote it"},
        {"(a)", "-c: '(' at column 1 needs a shell: add --shell sh, or quote it"},
        {"a)", "-c: ')' at column 2 needs a shell: add --shell sh, or quote it"},
        {"`a`", "-c: '`' at column 1 needs a shell: add --shell sh, or quote it"},
    };

    for (size_t i = 0; i < COUNT(table); i++) {
        const char **words = NULL;
        struct ps_err e = {0};
        size_t count = 77;

        assert_int_equal(ps_words_split(table[i].text, "-c", *state, &words, &count, &e), -EINVAL);
        assert_string_equal(e.text, table[i].error);
        assert_null(words);
        assert_int_equal(count, 77);
    }
}

static void test_names_what_was_split(void **state)
{
    struct ps_err e = {0};
    const char **words;
    size_t count;

    assert_int_equal(ps_words_split("'", "--prepare", *state, &words, &count, &e), -EINVAL);
    assert_string_equal(e.text, "--prepare: the quote ' opened at column 1 is never closed");
    assert_int_equal(ps_words_split("", "-c", *state, &words, &count, NULL), -EINVAL);
}

static void test_too_many(void **state)
{
    const size_t length = 2 * PS_MAX_WORDS;
    char *text = ps_arena_alloc(*state, length + 3);
    struct ps_err e = {0};
    const char **words;
    size_t count;

    for (size_t i = 0; i < length; i++)
        text[i] = i % 2 ? ' ' : 'a';
    assert_int_equal(ps_words_split(text, "-c", *state, &words, &count, &e), 0);
    assert_int_equal(count, PS_MAX_WORDS);
    assert_string_equal(words[count - 1], "a");
    strcpy(text + length, "b");
    assert_int_equal(ps_words_split(text, "-c", *state, &words, &count, &e), -E2BIG);
    assert_string_equal(e.text, "-c: more than 65536 words");
}

static void test_join(void **state)
{
    static const char *const words[] = {"xz",  "-T{threads}", "a b", "",  "it's",
                                        "*.c", "a|b",         "a=b", "%d"};

    assert_string_equal(ps_words_join(words, COUNT(words), *state),
                        "xz -T{threads} 'a b' '' 'it'\\''s' '*.c' 'a|b' a=b %d");
    assert_string_equal(ps_words_join(words, 1, *state), "xz");
    assert_string_equal(ps_words_join(words, 0, *state), "");
}

/* Whatever the words are, splitting what was joined gives them back. */
static void test_there_and_back(void **state)
{
    static const char letters[] = "ab \t\n'\"\\|&;<>()`$*?[{}#~!\xc3\xa9";
    struct ps_rng rng = {7};

    for (int i = 0; i < 3000; i++) {
        char text[MOST][8];
        const char *words[MOST], **back;
        size_t n = 1 + (size_t)ps_rng_below(&rng, MOST), count;

        for (size_t j = 0; j < n; j++) {
            size_t length = (j == 0) + (size_t)ps_rng_below(&rng, sizeof text[j] - 1);

            for (size_t k = 0; k < length; k++)
                text[j][k] = letters[ps_rng_below(&rng, sizeof letters - 1)];
            text[j][length] = '\0';
            words[j] = text[j];
        }
        assert_int_equal(
            ps_words_split(ps_words_join(words, n, *state), "-c", *state, &back, &count, NULL), 0);
        assert_int_equal(count, n);
        for (size_t j = 0; j < n; j++)
            assert_string_equal(back[j], words[j]);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_split),    TEST(test_refused), TEST(test_names_what_was_split),
        TEST(test_too_many), TEST(test_join),    TEST(test_there_and_back),
    };

    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
