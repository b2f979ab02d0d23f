#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "spaces.h"

static int set_up(void **state)
{
    struct ps_spaces *s = test_malloc(sizeof *s);

    *state = s;
    return ps_spaces_init(s);
}

static int tear_down(void **state)
{
    ps_spaces_free(*state);
    test_free(*state);
    return 0;
}

static void map(struct ps_spaces *s, pid_t pid, uint64_t start, uint64_t end, const char *path)
{
    const struct ps_record r = {.kind = PS_RECORD_MAPPING,
                                .pid = pid,
                                .tid = pid,
                                .name = path,
                                .mapping = {start, end, 0x1000, 8, 42}};

    ps_spaces_take(s, &r);
}

static void exec(struct ps_spaces *s, pid_t pid, const char *name)
{
    const struct ps_record r = {.kind = PS_RECORD_EXEC, .pid = pid, .tid = pid, .name = name};

    ps_spaces_take(s, &r);
}

static void born(struct ps_spaces *s, pid_t pid, pid_t tid, pid_t parent)
{
    const struct ps_record r = {
        .kind = PS_RECORD_BIRTH, .pid = pid, .tid = tid, .parent = parent, .parent_pid = parent};

    ps_spaces_take(s, &r);
}

static void ended(struct ps_spaces *s, pid_t pid, pid_t tid)
{
    const struct ps_record r = {.kind = PS_RECORD_EXIT, .pid = pid, .tid = tid};

    ps_spaces_take(s, &r);
}

static const struct ps_space *of(struct ps_spaces *s, pid_t pid)
{
    return &s->spaces[ps_spaces_of(s, pid)];
}

static void test_exec_and_mappings(void **state)
{
    struct ps_spaces *s = *state;
    const struct ps_space *p;

    assert_int_equal(ps_spaces_of(s, 100), 0);
    exec(s, 100, "program");
    map(s, 100, 0x7000, 0x9000, "/lib/b");
    map(s, 100, 0x4000, 0x6000, "/bin/a");
    p = of(s, 100);
    assert_int_equal(p->count, 2);
    assert_string_equal(p->name, "program");
    assert_string_equal(p->mappings[0].path, "/bin/a");
    assert_int_equal(p->mappings[0].offset, 0x1000);
    assert_int_equal(p->mappings[0].inode, 42);
    assert_string_equal(p->mappings[1].path, "/lib/b");
    assert_int_equal(s->mapping_count, 2);
    exec(s, 100, "other");
    assert_int_equal(of(s, 100)->count, 0);
    assert_string_equal(of(s, 100)->name, "other");
}

static void test_later_ones_cut_earlier_ones(void **state)
{
    struct ps_spaces *s = *state;
    const struct ps_mapping *m;

    exec(s, 100, "program");
    map(s, 100, 0x1000, 0x9000, "/wide");
    map(s, 100, 0x4000, 0x5000, "/in");
    m = of(s, 100)->mappings;
    assert_int_equal(of(s, 100)->count, 3);
    assert_int_equal(m[0].end, 0x4000);
    assert_string_equal(m[1].path, "/in");
    assert_int_equal(m[2].start, 0x5000);
    assert_int_equal(m[2].offset, 0x1000 + 0x4000);
    assert_string_equal(m[2].path, "/wide");

    map(s, 100, 0x3000, 0x6000, "/over");
    m = of(s, 100)->mappings;
    assert_int_equal(of(s, 100)->count, 3);
    assert_int_equal(m[0].end, 0x3000);
    assert_string_equal(m[1].path, "/over");
    assert_int_equal(m[2].start, 0x6000);
    assert_int_equal(m[2].offset, 0x1000 + 0x5000);

    map(s, 100, 0x0000, 0x9000, "/all");
    assert_int_equal(of(s, 100)->count, 1);
    assert_int_equal(s->mapping_count, 1);
}

static void test_child_shares_until_it_changes(void **state)
{
    struct ps_spaces *s = *state;

    exec(s, 100, "program");
    map(s, 100, 0x1000, 0x2000, "/bin/a");
    born(s, 200, 200, 100);
    born(s, 300, 300, 100);
    assert_int_equal(ps_spaces_of(s, 200), ps_spaces_of(s, 100));
    map(s, 200, 0x5000, 0x6000, "/lib/child");
    assert_int_not_equal(ps_spaces_of(s, 200), ps_spaces_of(s, 100));
    assert_int_equal(of(s, 200)->count, 2);
    assert_string_equal(of(s, 200)->name, "program");
    assert_int_equal(of(s, 100)->count, 1);
    map(s, 100, 0x7000, 0x8000, "/lib/parent");
    assert_int_equal(of(s, 100)->count, 2);
    assert_int_equal(of(s, 300)->count, 1);
    exec(s, 300, "child");
    assert_int_equal(of(s, 300)->count, 0);
    assert_int_equal(of(s, 100)->count, 2);
}

/* Threads have the space of their process, which stays until the last of them ends. */
static void test_threads(void **state)
{
    struct ps_spaces *s = *state;
    size_t space;

    exec(s, 100, "program");
    map(s, 100, 0x1000, 0x2000, "/bin/a");
    born(s, 100, 101, 100);
    space = ps_spaces_of(s, 100);
    ended(s, 100, 100);
    assert_int_equal(ps_spaces_of(s, 100), space);
    ended(s, 100, 101);
    assert_int_equal(ps_spaces_of(s, 100), 0);
    assert_int_equal(s->spaces[space].count, 1); /* somebody asked for it */
    exec(s, 100, "again");
    assert_int_not_equal(ps_spaces_of(s, 100), space);
}

/* Threads that were there before end, and nobody has asked for the space yet. */
static void test_what_was_there_before_is_kept(void **state)
{
    struct ps_spaces *s = *state;

    exec(s, 100, "program");
    map(s, 100, 0x4000, 0x6000, "/bin/a");
    ps_spaces_keep(s, 100);
    ended(s, 100, 101);
    born(s, 100, 102, 100);
    ended(s, 100, 102);
    assert_int_equal(s->mapping_count, 1);
    assert_int_equal(of(s, 100)->count, 1);
    ps_spaces_keep(s, 200);
    assert_int_equal(ps_spaces_of(s, 200), 0);
}

static void test_unknown_process(void **state)
{
    struct ps_spaces *s = *state;

    ended(s, 77, 77);
    map(s, 77, 0x1000, 0x2000, "//anon");
    assert_int_equal(of(s, 77)->count, 1);
    born(s, 79, 79, 78);
    assert_int_equal(of(s, 79)->count, 0);
    map(s, 79, 0x1000, 0x2000, "//anon");
    assert_int_equal(of(s, 79)->count, 1);
    assert_int_equal(of(s, 78)->count, 0);
    assert_int_equal(s->spaces[0].count, 0);
}

static void test_many_short_children(void **state)
{
    struct ps_spaces *s = *state;

    exec(s, 100, "make");
    map(s, 100, 0x1000, 0x2000, "/bin/make");
    for (pid_t pid = 1000; pid < 11000; pid++) {
        born(s, pid, pid, 100);
        ended(s, pid, pid);
    }
    assert_int_equal(s->count, 2);
    for (pid_t pid = 1000; pid < 11000; pid++) {
        born(s, pid, pid, 100);
        exec(s, pid, "cc1");
        for (uint64_t i = 1; i <= 12; i++)
            map(s, pid, i << 16, (i << 16) + 0x1000, "/bin/cc1");
        ended(s, pid, pid);
    }
    assert_int_equal(s->count, 3);
    assert_int_equal(s->mapping_count, 1);
    assert_int_equal(of(s, 100)->count, 1);
}

/* All are asked for: there is an end to what is kept, and what is kept stays right. */
static void test_bounded(void **state)
{
    struct ps_spaces *s = *state;
    char path[32];

    for (pid_t pid = 1000; pid < 11000; pid++) {
        exec(s, pid, "child");
        for (uint64_t i = 1; i <= 20; i++) {
            snprintf(path, sizeof path, "/tmp/%d-%d", (int)pid, (int)i);
            map(s, pid, i << 16, (i << 16) + 0x1000, path);
        }
        ps_spaces_of(s, pid);
    }
    assert_int_equal(s->count, PS_SPACES_MOST);
    assert_int_equal(s->mapping_count, PS_SPACES_MAPPINGS);
    assert_int_equal(s->spaces[0].count, 0);
    assert_int_equal(ps_spaces_of(s, 10999), 0);
    assert_int_equal(of(s, 1000)->count, 20);
    assert_string_equal(of(s, 1000)->mappings[19].path, "/tmp/1000-20");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_exec_and_mappings),
        TEST(test_later_ones_cut_earlier_ones),
        TEST(test_child_shares_until_it_changes),
        TEST(test_threads),
        TEST(test_what_was_there_before_is_kept),
        TEST(test_unknown_process),
        TEST(test_many_short_children),
        TEST(test_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
