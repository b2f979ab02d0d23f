#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "fixture.h"
#include "str.h"

struct fixture {
    struct ps_arena arena;
    struct ps_fake *fake;
    struct ps_err error;
};

static int setup(void **state)
{
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

static void load_basic(struct fixture *f)
{
    const char *folder = getenv("TEST_DATA");
    char path[4096];

    snprintf(path, sizeof path, "%s/fake-basic.txt", folder ? folder : "tests/unit/data");
    assert_int_equal(ps_fake_load(&f->arena, path, &f->fake, &f->error), 0);
}

static int load_text(struct fixture *f, const char *text, size_t length)
{
    char path[] = "/tmp/parscope-test-XXXXXX";
    int err, fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    close(fd);
    f->error.text[0] = '\0';
    err = ps_fake_load(&f->arena, path, &f->fake, &f->error);
    unlink(path);
    return err;
}

static void assert_sample(const struct fixture *f, struct ps_fake_query q, size_t round,
                          double expected)
{
    const char *reason = NULL;
    double value = -1;

    assert_int_equal(ps_fake_sample(f->fake, &q, round, &value, &reason), 0);
    assert_null(reason);
    assert_float_equal(value, expected, 1e-12);
}

static void assert_none(const struct fixture *f, const char *metric, size_t round,
                        const char *expected)
{
    const struct ps_fake_query q = {metric, "tree", "steal", 1};
    const char *reason = NULL;
    double value = -1;

    assert_int_equal(ps_fake_sample(f->fake, &q, round, &value, &reason), -ENODATA);
    assert_string_equal(reason, expected);
    assert_float_equal(value, -1, 0);
}

static void test_rounds(void **state)
{
    struct fixture *f = *state;

    load_basic(f);
    for (size_t round = 0; round < 7; round++)
        assert_sample(f, (struct ps_fake_query){"wall_time", "tree", "steal", 1}, round,
                      1e-3 * (double)(round % 3 + 1));
    assert_sample(f, (struct ps_fake_query){"neighbour_index", "", "", 0}, 3, 2.1);
    assert_sample(f, (struct ps_fake_query){"steal", "", "", 0}, 0, 0.005);
}

static void test_most_specific(void **state)
{
    struct fixture *f = *state;

    load_basic(f);
    assert_sample(f, (struct ps_fake_query){"wall_time", "reduce:size=1M", "steal", 1}, 0, 0.010);
    assert_sample(f, (struct ps_fake_query){"wall_time", "reduce", "steal", 4}, 0, 0.010);
    assert_sample(f, (struct ps_fake_query){"wall_time", "reduce:size=10M", "pool", 2}, 0, 0.020);
    assert_sample(f, (struct ps_fake_query){"wall_time", "reduce", "pool", 2}, 0, 0.030);
    assert_sample(f, (struct ps_fake_query){"wall_time", "reduce:size=1M", "pool:chunk=4", 2}, 0,
                  0.030);
    assert_sample(f, (struct ps_fake_query){"wall_time", "reduce", "pool:schedule=dynamic", 2}, 0,
                  0.040);
    assert_sample(f, (struct ps_fake_query){"wall_time", "tree", "pool", 4}, 0, 0.050);
    assert_sample(f, (struct ps_fake_query){"wall_time", "tree", "steal", 4}, 0, 0.060);
    assert_sample(f, (struct ps_fake_query){"wall_time", "reducer", "steal", 1}, 0, 1e-3);
    assert_sample(f, (struct ps_fake_query){"page_faults", "tree", "steal", 1}, 0, 2);
}

static void test_unavailable(void **state)
{
    struct fixture *f = *state;

    load_basic(f);
    assert_none(f, "cycles", 0, "no PMU: this virtual machine shows none");
    assert_none(f, "instructions", 1, "lost");
    assert_sample(f, (struct ps_fake_query){"instructions", "tree", "steal", 1}, 2, 7);
    assert_none(f, "migrations", 0, "not scripted");
}

static void assert_refused(struct fixture *f, const char *text, const char *part)
{
    assert_int_equal(load_text(f, text, strlen(text)), -EINVAL);
    assert_null(f->fake);
    if (!strstr(f->error.text, part))
        fail_msg("'%s' lacks '%s'", f->error.text, part);
}

static void test_bad_lines(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "wall_time\n", ":1: ");
    assert_refused(f, "# fine\n\nwall_time * *\n", ":3: ");
    assert_refused(f, "wall_time * * *\n", ":1: no value for 'wall_time'");
    assert_refused(f, "wall_time * * * # 1\n", "no value");
    assert_refused(f, "a * * 1 1\na * * 0 1\n", ":2: threads");
    assert_refused(f, "a * * -1 1\n", ":1: threads");
    assert_refused(f, "a * * 1.5 1\n", ":1: threads");
    assert_refused(f, "a * * 65537 1\n", ":1: threads");
    assert_refused(f, "a * * 1 nan\n", ":1: value");
    assert_refused(f, "a * * 1 inf\n", ":1: value");
    assert_refused(f, "a * * 1 0x10\n", ":1: value");
    assert_refused(f, "a * * 1 1e999\n", ":1: value");
    assert_refused(f, "a * * 1 1 2 three\n", "three");
    assert_refused(f, "a * * 1 unavailable:\n", "reason");
    assert_refused(f, "steal reduce * * 0.1\n", "must be *");
    assert_refused(f, "cpu_busy * * 2 0.1\n", "must be *");
}

static void test_limits(void **state)
{
    struct fixture *f = *state;
    struct ps_str s = PS_STR_INIT;

    ps_str_add(&s, "a * * *");
    for (int i = 0; i < 1000; i++)
        ps_str_add(&s, " 1");
    assert_int_equal(load_text(f, s.text, s.length), 0);
    f->fake = NULL;
    ps_str_add(&s, " 1");
    assert_refused(f, s.text, "more than 1000 values");
    ps_str_clear(&s);
    for (int i = 0; i < 10001; i++)
        ps_str_add(&s, "a * * * 1\n");
    assert_int_equal(load_text(f, s.text, s.length), -E2BIG);
    assert_non_null(strstr(f->error.text, "10000 lines"));
    while (s.length <= (size_t)1 << 20)
        ps_str_add(&s, "# 0123456789012345678901234567890123456789012345678901234567890\n");
    assert_int_equal(load_text(f, s.text, s.length), -E2BIG);
    assert_non_null(strstr(f->error.text, "1 MiB"));
    assert_false(s.failed);
    ps_str_finish(&s);
}

static void test_bad_files(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_text(f, "a * * * 1\0\n", 11), -EINVAL);
    assert_non_null(strstr(f->error.text, "not a text file"));
    f->error.text[0] = '\0';
    assert_int_equal(ps_fake_load(&f->arena, "/nonexistent/x", &f->fake, &f->error), -ENOENT);
    assert_non_null(strstr(f->error.text, "'/nonexistent/x'"));
    assert_int_equal(ps_fake_load(&f->arena, "/", &f->fake, NULL), -EISDIR);
    assert_null(f->fake);
}

static void test_empty(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_text(f, "", 0), 0);
    assert_none(f, "wall_time", 0, "not scripted");
    assert_int_equal(load_text(f, "wall_time * * * 5", 17), 0); /* no newline at the end */
    assert_sample(f, (struct ps_fake_query){"wall_time", "tree", "pool", 1}, 0, 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rounds), TEST(test_most_specific), TEST(test_unavailable), TEST(test_bad_lines),
        TEST(test_limits), TEST(test_bad_files),     TEST(test_empty),
    };

    return cmocka_run_group_tests_name("fake", tests, NULL, NULL);
}
