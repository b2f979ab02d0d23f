#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <parscope/region.h>

#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>

#include "region_file.h"
#include "regions.h"
#include "ticks.h"

#define US UINT64_C(1000)

struct fixture {
    struct ps_timeline timeline;
    struct ps_regions *regions;
    int file;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    *state = f;
    if (ps_timeline_init(&f->timeline) || ps_regions_create(&f->regions))
        return -1;
    f->file = open(ps_regions_path(f->regions), O_RDWR | O_CLOEXEC);
    return f->file < 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    close(f->file);
    ps_regions_destroy(f->regions);
    ps_timeline_free(&f->timeline);
    free(f);
    return 0;
}

static void take(struct fixture *f, uint64_t time, enum ps_record_kind kind, pid_t tid)
{
    const struct ps_record r = {.kind = kind,
                                .time = time,
                                .pid = 100,
                                .tid = tid,
                                .weight = 1,
                                .parent = 100,
                                .parent_pid = 100,
                                .name = "program"};

    ps_regions_before(f->regions, &f->timeline, time);
    ps_timeline_take(&f->timeline, &r);
    ps_regions_after(f->regions, &f->timeline, &r);
}

/* ---- a writer of its own ---- */

static void put(const struct fixture *f, uint64_t at, const void *data, size_t size)
{
    assert_int_equal(pwrite(f->file, data, size, (off_t)at), size);
}

static void put_head(const struct fixture *f, uint32_t slot, uint64_t head)
{
    put(f, PARSCOPE_REGION_FIRST + (uint64_t)slot * PARSCOPE_REGION_SLOT + 8, &head, sizeof head);
}

static void put_event(const struct fixture *f, uint32_t slot, uint64_t number, uint32_t name,
                      uint64_t time)
{
    const struct parscope_region_event e = {time, name, 0};

    put(f,
        PARSCOPE_REGION_FIRST + (uint64_t)slot * PARSCOPE_REGION_SLOT + 16384 +
            number % PARSCOPE_REGION_EVENTS * sizeof e,
        &e, sizeof e);
}

static void put_owner(const struct fixture *f, uint32_t slot, uint32_t tid)
{
    put(f, PARSCOPE_REGION_TABLE + slot * sizeof tid, &tid, sizeof tid);
}

static void put_name(const struct fixture *f, uint32_t slot, uint32_t number, const char *name)
{
    char text[PARSCOPE_REGION_NAME];

    memset(text, 'x', sizeof text);
    memcpy(text, name, strnlen(name, sizeof text - 1) + 1);
    put(f,
        PARSCOPE_REGION_FIRST + (uint64_t)slot * PARSCOPE_REGION_SLOT + 64 +
            (number - 1) * PARSCOPE_REGION_NAME,
        text, sizeof text);
}

static const struct ps_region *row_of(const struct fixture *f, const char *name)
{
    size_t count;
    uint64_t lost;
    const struct ps_region *rows = ps_regions_rows(f->regions, &count, &lost);

    for (size_t i = 0; i < count; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    fail_msg("there is no region '%s'", name);
    return NULL;
}

static uint64_t lost_of(const struct fixture *f)
{
    size_t count;
    uint64_t lost;

    ps_regions_rows(f->regions, &count, &lost);
    return lost;
}

/* ---- what they come to ---- */

/* Thread 101 is in "outer" for 900 us, of which 300 without a CPU, and 200 alone. */
static void test_joined_with_the_timeline(void **state)
{
    struct fixture *f = *state;
    const uint64_t t = ps_now_ns() - 10000 * US;
    const struct ps_region *row;

    put_owner(f, 5, 101);
    put_name(f, 5, 1, "outer");
    put_name(f, 5, 2, "inner");
    put_event(f, 5, 0, 1, t + 100 * US);
    put_event(f, 5, 1, 2, t + 300 * US);
    put_event(f, 5, 2, 0, t + 600 * US);
    put_event(f, 5, 3, 0, t + 1000 * US);
    put_head(f, 5, 4);
    ps_regions_read(f->regions, &f->timeline);
    take(f, t, PS_RECORD_EXEC, 100);
    take(f, t + 10 * US, PS_RECORD_BIRTH, 101);
    take(f, t + 20 * US, PS_RECORD_IN, 101);
    take(f, t + 200 * US, PS_RECORD_OUT, 100);
    take(f, t + 400 * US, PS_RECORD_OUT, 101);
    take(f, t + 500 * US, PS_RECORD_IN, 100);
    take(f, t + 600 * US, PS_RECORD_IN, 101);
    take(f, t + 800 * US, PS_RECORD_PREEMPTED, 101);
    take(f, t + 900 * US, PS_RECORD_IN, 101);
    take(f, t + 2000 * US, PS_RECORD_EXIT, 101);
    ps_regions_end(f->regions, &f->timeline);
    row = row_of(f, "outer");
    assert_int_equal(row->entries, 1);
    assert_int_equal(row->time, 900 * US);
    assert_int_equal(row->wall, 900 * US);
    assert_int_equal(row->on_cpu, 600 * US);
    assert_int_equal(row->runnable, 100 * US);
    assert_int_equal(row->alone, 200 * US);
    row = row_of(f, "inner");
    assert_int_equal(row->time, 300 * US);
    assert_int_equal(row->on_cpu, 100 * US);
    assert_int_equal(row->open, 0);
    assert_int_equal(lost_of(f), 0);
}

static void test_recursion_counts_once(void **state)
{
    struct fixture *f = *state;
    const uint64_t t = ps_now_ns() - 10000 * US;

    put_owner(f, 0, 100);
    put_name(f, 0, 1, "solve");
    put_event(f, 0, 0, 1, t + 10 * US);
    put_event(f, 0, 1, 1, t + 20 * US);
    put_event(f, 0, 2, 0, t + 30 * US);
    put_event(f, 0, 3, 0, t + 40 * US);
    put_head(f, 0, 4);
    ps_regions_read(f->regions, &f->timeline);
    take(f, t, PS_RECORD_EXEC, 100);
    take(f, t + 100 * US, PS_RECORD_EXIT, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_int_equal(row_of(f, "solve")->entries, 2);
    assert_int_equal(row_of(f, "solve")->time, 30 * US);
    assert_int_equal(row_of(f, "solve")->on_cpu, 30 * US);
}

/* A thread that ends, or calls exec, in a region. */
static void test_what_is_open_ends_with_its_thread(void **state)
{
    struct fixture *f = *state;
    const uint64_t t = ps_now_ns() - 10000 * US;

    put_owner(f, 0, 101);
    put_name(f, 0, 1, "a");
    put_event(f, 0, 0, 1, t + 10 * US);
    put_head(f, 0, 1);
    ps_regions_read(f->regions, &f->timeline);
    take(f, t, PS_RECORD_EXEC, 100);
    take(f, t, PS_RECORD_IN, 101);
    take(f, t + 30 * US, PS_RECORD_EXIT, 101);
    take(f, t + 90 * US, PS_RECORD_EXIT, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_int_equal(row_of(f, "a")->time, 20 * US);
    assert_int_equal(row_of(f, "a")->wall, 20 * US);
}

static void test_places_of_ended_threads_are_free_again(void **state)
{
    struct fixture *f = *state;
    const uint64_t t = ps_now_ns() - 10000 * US;
    uint32_t owner = 1;

    put_owner(f, 7, 101);
    put_name(f, 7, 1, "a");
    take(f, t, PS_RECORD_IN, 101);
    ps_regions_read(f->regions, &f->timeline);
    put_event(f, 7, 0, 1, t + 10 * US);
    put_event(f, 7, 1, 0, t + 20 * US);
    put_head(f, 7, 2);
    ps_regions_read(f->regions, &f->timeline);
    take(f, t + 100 * US, PS_RECORD_EXIT, 101);
    ps_regions_read(f->regions, &f->timeline);
    assert_int_equal(pread(f->file, &owner, sizeof owner, PARSCOPE_REGION_TABLE + 7 * sizeof owner),
                     sizeof owner);
    assert_int_equal(owner, 0);
    assert_int_equal(row_of(f, "a")->time, 10 * US);
    /* Of another thread, from the first event on. */
    put_owner(f, 7, 102);
    put_name(f, 7, 1, "b");
    put_event(f, 7, 0, 1, t + 200 * US);
    put_event(f, 7, 1, 0, t + 250 * US);
    put_head(f, 7, 2);
    ps_regions_read(f->regions, &f->timeline);
    take(f, t + 300 * US, PS_RECORD_EXIT, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_int_equal(row_of(f, "b")->time, 50 * US);
}

/* ---- what nobody should write ---- */

static void test_ends_without_beginnings(void **state)
{
    struct fixture *f = *state;
    size_t count;
    uint64_t lost;

    put_owner(f, 0, 100);
    for (uint32_t i = 0; i < 100; i++)
        put_event(f, 0, i, 0, i);
    put_head(f, 0, 100);
    ps_regions_read(f->regions, &f->timeline);
    take(f, ps_now_ns(), PS_RECORD_EXEC, 100);
    ps_regions_end(f->regions, &f->timeline);
    ps_regions_rows(f->regions, &count, &lost);
    assert_int_equal(count, 0);
}

static void test_heads_that_can_not_be(void **state)
{
    struct fixture *f = *state;
    static const uint64_t heads[] = {PARSCOPE_REGION_EVENTS + 1, UINT64_MAX, 3, 0, 1u << 31};

    put_owner(f, 0, 100);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        put_head(f, 0, heads[i]);
        ps_regions_read(f->regions, &f->timeline);
    }
    ps_regions_end(f->regions, &f->timeline);
    assert_true(lost_of(f) > 0);
}

static void test_names_that_can_not_be(void **state)
{
    struct fixture *f = *state;
    const uint64_t now = ps_now_ns();

    put_owner(f, 0, 100);
    put_name(f, 0, 1, "\x1b[2J\n");
    put_name(f, 0, 2, "0123456789012345678901234567890123456789012345678901234567890");
    put_event(f, 0, 0, 257, now);
    put_event(f, 0, 1, UINT32_MAX, now);
    put_event(f, 0, 2, 1, now);
    put_event(f, 0, 3, 2, now);
    put_event(f, 0, 4, 256, now);
    put_head(f, 0, 5);
    ps_regions_read(f->regions, &f->timeline);
    take(f, now + US, PS_RECORD_EXEC, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_int_equal(lost_of(f), 2);
    row_of(f, "\\x1b[2J\\x0a");
    row_of(f, "01234567890123456789012345678901234567890123456");
    row_of(f, "(without a name)");
}

static void test_times_that_can_not_be(void **state)
{
    struct fixture *f = *state;
    const uint64_t now = ps_now_ns();

    put_owner(f, 0, 100);
    put_name(f, 0, 1, "a");
    put_event(f, 0, 0, 1, UINT64_MAX);
    put_event(f, 0, 1, 0, 0);
    put_event(f, 0, 2, 1, now + UINT64_C(3600000000) * US);
    put_event(f, 0, 3, 0, UINT64_MAX / 2 + 1);
    put_head(f, 0, 4);
    ps_regions_read(f->regions, &f->timeline);
    take(f, now, PS_RECORD_EXEC, 100);
    take(f, now + 1000 * US, PS_RECORD_EXIT, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_true(row_of(f, "a")->time < 1000000 * US);
    assert_true(row_of(f, "a")->wall <= 1000 * US);
}

static void test_too_deep_and_too_many(void **state)
{
    struct fixture *f = *state;
    const uint64_t now = ps_now_ns();
    size_t count;
    uint64_t lost;
    char name[16];

    put_owner(f, 0, 100);
    for (uint32_t i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "%u", i);
        put_name(f, 0, i + 1, name);
        put_event(f, 0, i, i + 1, now);
    }
    put_head(f, 0, 200);
    ps_regions_read(f->regions, &f->timeline);
    take(f, now + US, PS_RECORD_EXEC, 100);
    ps_regions_end(f->regions, &f->timeline);
    ps_regions_rows(f->regions, &count, &lost);
    assert_int_equal(count, PS_REGIONS_MOST);
    assert_int_equal(row_of(f, "other regions")->open, 0);
}

/* All slots taken, by threads that there are not, and by numbers that are no thread's. */
static void test_hostile_owners(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 0; i < PARSCOPE_REGION_SLOTS; i++) {
        put_owner(f, i, i % 3 ? 100 : UINT32_MAX - i);
        put_event(f, i, 0, 1, 1);
        put_head(f, i, 1);
    }
    ps_regions_read(f->regions, &f->timeline);
    take(f, ps_now_ns(), PS_RECORD_EXEC, 100);
    take(f, ps_now_ns(), PS_RECORD_EXIT, 100);
    ps_regions_read(f->regions, &f->timeline);
    ps_regions_end(f->regions, &f->timeline);
}

static void test_the_size_can_not_be_changed(void **state)
{
    struct fixture *f = *state;

    assert_int_not_equal(ftruncate(f->file, 0), 0);
    assert_int_not_equal(ftruncate(f->file, INT64_C(1) << 40), 0);
}

/* ---- the header ---- */

static void *mark(void *arg)
{
    parscope_region_begin("in a thread");
    *(uint64_t *)arg = ps_now_ns();
    parscope_region_begin("inner");
    *(uint64_t *)arg = ps_now_ns() - *(uint64_t *)arg;
    parscope_region_end("inner");
    parscope_region_end("in a thread");
    return NULL;
}

static void mark_in_thread(uint64_t *inner)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, mark, inner), 0);
    pthread_join(thread, NULL);
}

static void look_anew(const struct fixture *f)
{
    setenv("PARSCOPE_REGIONS", ps_regions_path(f->regions), 1);
    parscope_region_state = 0;
}

static void test_by_the_header(void **state)
{
    struct fixture *f = *state;
    const uint64_t begin = ps_now_ns();
    uint64_t inner;

    look_anew(f);
    mark_in_thread(&inner);
    mark_in_thread(&inner);
    ps_regions_read(f->regions, &f->timeline);
    take(f, begin, PS_RECORD_EXEC, 100);
    take(f, ps_now_ns(), PS_RECORD_EXIT, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_int_equal(row_of(f, "in a thread")->entries, 2);
    assert_int_equal(row_of(f, "inner")->entries, 2);
    assert_true(row_of(f, "in a thread")->time >= row_of(f, "inner")->time);
    assert_true(row_of(f, "in a thread")->time <= ps_now_ns() - begin);
    assert_int_equal(lost_of(f), 0);
}

/* Nobody reads: outer regions are whole all the same, and inner ones are counted. */
static void test_a_full_ring_loses_whole_regions(void **state)
{
    struct fixture *f = *state;
    const uint64_t begin = ps_now_ns();
    const uint64_t times = PARSCOPE_REGION_EVENTS;

    look_anew(f);
    parscope_region_begin("outer");
    for (uint64_t i = 0; i < times; i++) {
        parscope_region_begin("inner");
        parscope_region_end("inner");
    }
    parscope_region_end("outer");
    ps_regions_read(f->regions, &f->timeline);
    take(f, begin, PS_RECORD_EXEC, 100);
    take(f, ps_now_ns(), PS_RECORD_EXIT, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_int_equal(row_of(f, "outer")->entries, 1);
    assert_int_equal(row_of(f, "inner")->entries, PARSCOPE_REGION_EVENTS / 2 - 1);
    assert_int_equal(lost_of(f), times - row_of(f, "inner")->entries);
    assert_true(row_of(f, "outer")->time >= row_of(f, "inner")->time);
    parscope_region_forget(parscope_region_self);
}

/* A child does not write to its parent's slot. */
static void test_a_forked_child_has_a_slot_of_its_own(void **state)
{
    struct fixture *f = *state;
    const uint64_t begin = ps_now_ns();
    int status;
    pid_t pid;

    look_anew(f);
    parscope_region_begin("parent");
    pid = fork();
    if (!pid) {
        parscope_region_begin("child");
        parscope_region_end("child");
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    parscope_region_end("parent");
    ps_regions_read(f->regions, &f->timeline);
    take(f, begin, PS_RECORD_EXEC, 100);
    take(f, ps_now_ns(), PS_RECORD_EXIT, 100);
    ps_regions_end(f->regions, &f->timeline);
    assert_int_equal(row_of(f, "parent")->entries, 1);
    assert_int_equal(row_of(f, "child")->entries, 1);
    assert_true(row_of(f, "parent")->time > row_of(f, "child")->time);
    parscope_region_forget(parscope_region_self);
}

static void test_nobody_observes(void **state)
{
    static const char *const paths[] = {NULL, "", "/nonexistent", "/dev/null", "/"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (paths[i])
            setenv("PARSCOPE_REGIONS", paths[i], 1);
        else
            unsetenv("PARSCOPE_REGIONS");
        parscope_region_state = 0;
        parscope_region_begin("a");
        parscope_region_end("a");
        assert_null(parscope_region_self);
        assert_int_equal(parscope_region_state, paths[i] ? 1 : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_joined_with_the_timeline),
        TEST(test_recursion_counts_once),
        TEST(test_what_is_open_ends_with_its_thread),
        TEST(test_places_of_ended_threads_are_free_again),
        TEST(test_ends_without_beginnings),
        TEST(test_heads_that_can_not_be),
        TEST(test_names_that_can_not_be),
        TEST(test_times_that_can_not_be),
        TEST(test_too_deep_and_too_many),
        TEST(test_hostile_owners),
        TEST(test_the_size_can_not_be_changed),
        TEST(test_by_the_header),
        TEST(test_a_full_ring_loses_whole_regions),
        TEST(test_a_forked_child_has_a_slot_of_its_own),
        TEST(test_nobody_observes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
