#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "timeline.h"

#define MS UINT64_C(1000000)
#define US UINT64_C(1000)

static const uint64_t begin = 7000 * MS;

static int set_up(void **state)
{
    struct ps_timeline *t = test_malloc(sizeof *t);

    *state = t;
    return ps_timeline_init(t);
}

static int tear_down(void **state)
{
    ps_timeline_free(*state);
    test_free(*state);
    return 0;
}

/* At a time since the beginning, in µs, of a thread of process 100. */
static void take(struct ps_timeline *t, uint64_t us, enum ps_record_kind kind, pid_t tid)
{
    const struct ps_record r = {.kind = kind,
                                .time = begin + us * US,
                                .pid = 100,
                                .tid = tid,
                                .weight = 1,
                                .parent = 100,
                                .parent_pid = 100,
                                .name = kind == PS_RECORD_EXEC ? "program" : "worker"};

    ps_timeline_take(t, &r);
}

/* A process of its own, whose number is its thread's. */
static void take_process(struct ps_timeline *t, uint64_t us, enum ps_record_kind kind, pid_t pid)
{
    const struct ps_record r = {.kind = kind,
                                .time = begin + us * US,
                                .pid = pid,
                                .tid = pid,
                                .weight = 1,
                                .parent = 100,
                                .parent_pid = 100,
                                .name = "child"};

    ps_timeline_take(t, &r);
}

static void test_serial_then_two(void **state)
{
    struct ps_timeline *t = *state;
    const struct ps_timeline_thread *worker;

    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 1000, PS_RECORD_BIRTH, 101);
    take(t, 1200, PS_RECORD_IN, 101);
    worker = ps_timeline_find(t, 101);
    assert_non_null(worker);
    assert_string_equal(worker->name, "program");
    take(t, 1200, PS_RECORD_NAME, 101);
    take(t, 2200, PS_RECORD_EXIT, 101);
    take(t, 2500, PS_RECORD_EXIT, 100);
    ps_timeline_end(t);

    assert_int_equal(t->running_ns[0], 0);
    assert_int_equal(t->running_ns[1], 1500 * US);
    assert_int_equal(t->running_ns[2], 1000 * US);
    assert_int_equal(t->strip.count, 250);
    assert_int_equal(t->strip.alone[119], t->strip.width);
    assert_int_equal(t->strip.alone[120], 0);
    assert_int_equal(t->strip.running[120], 2 * t->strip.width);
    assert_int_equal(t->runnable_ns[1], 200 * US);
    assert_int_equal(t->alive_ns[2], 1200 * US);
    assert_int_equal(t->births, 1);
    assert_int_equal(t->processes, 1);
    assert_int_equal(t->execs, 1);
    assert_int_equal(t->most_alive, 2);
    assert_int_equal(t->alive, 0);
    assert_int_equal(t->end - t->begin, 2500 * US);
    assert_int_equal(t->thread_count, 2);
    assert_int_equal(t->threads[0].on_cpu, 2500 * US);
    assert_int_equal(t->threads[0].alone, 1500 * US);
    assert_string_equal(t->threads[1].name, "worker");
    assert_int_equal(t->threads[1].born, 1000 * US);
    assert_int_equal(t->threads[1].died, 2200 * US);
    assert_int_equal(t->threads[1].on_cpu, 1000 * US);
    assert_int_equal(t->threads[1].runnable, 200 * US);
    assert_int_equal(t->threads[1].alone, 0);
    assert_null(ps_timeline_find(t, 101));
    assert_int_equal(t->stretch_count, 2);
    assert_int_equal(t->stretches[0].begin, 0);
    assert_int_equal(t->stretches[0].end, 1200 * US);
    assert_int_equal(t->stretches[0].tid, 100);
    assert_int_equal(t->stretches[1].begin, 2200 * US);
}

/* Two threads on two CPUs: one waits to be started, one is driven off while nobody of the program
 * took its place, and one makes room for another. */
static void test_what_others_took(void **state)
{
    struct ps_timeline *t = *state;

    t->cpus = 2;
    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 0, PS_RECORD_BIRTH, 101);
    take(t, 200, PS_RECORD_IN, 101);
    take(t, 1000, PS_RECORD_PREEMPTED, 101);
    take(t, 1300, PS_RECORD_IN, 101);
    take(t, 1300, PS_RECORD_BIRTH, 102);
    take(t, 1500, PS_RECORD_PREEMPTED, 101);
    take(t, 1500, PS_RECORD_IN, 102);
    take(t, 2000, PS_RECORD_EXIT, 100);
    ps_timeline_end(t);
    assert_int_equal(t->displaced_ns, 300 * US);
    assert_int_equal(t->crowded_ns, 700 * US);
    assert_int_equal(t->alone_ns, 200 * US);
}

static void test_blocked_and_preempted(void **state)
{
    struct ps_timeline *t = *state;

    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 100, PS_RECORD_PREEMPTED, 100);
    assert_int_equal(t->runnable, 1);
    assert_int_equal(t->running, 0);
    take(t, 300, PS_RECORD_IN, 100);
    assert_true(ps_timeline_runs(t, 100));
    take(t, 400, PS_RECORD_OUT, 100);
    assert_false(ps_timeline_runs(t, 100));
    take(t, 900, PS_RECORD_IN, 100);
    take(t, 1000, PS_RECORD_NAME, 100);
    ps_timeline_end(t);

    assert_int_equal(t->running_ns[0], 700 * US);
    assert_int_equal(t->running_ns[1], 300 * US);
    assert_int_equal(t->runnable_ns[1], 200 * US);
    assert_int_equal(t->threads[0].on_cpu, 300 * US);
    assert_int_equal(t->threads[0].runnable, 200 * US);
    assert_int_equal(t->threads[0].blocked, 500 * US);
    assert_int_equal(t->threads[0].switches, 2);
    assert_int_equal(t->threads[0].died, 0);
    assert_int_equal(t->switches, 2);
}

/* A wait of 0.1 ms, and one of 0.5 ms. */
static void test_brief_waits(void **state)
{
    struct ps_timeline *t = *state;

    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 100, PS_RECORD_OUT, 100);
    take(t, 200, PS_RECORD_IN, 100);
    take(t, 300, PS_RECORD_OUT, 100);
    take(t, 800, PS_RECORD_IN, 100);
    ps_timeline_end(t);
    assert_int_equal(t->threads[0].blocked, 600 * US);
    assert_int_equal(t->brief_ns, 100 * US);
}

/* What was lost is mended by what comes. */
static void test_records_missing(void **state)
{
    struct ps_timeline *t = *state;

    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 100, PS_RECORD_IN, 100);
    assert_int_equal(t->running, 1);
    take(t, 200, PS_RECORD_OUT, 100);
    take(t, 300, PS_RECORD_OUT, 100);
    assert_int_equal(t->running, 0);
    take(t, 400, PS_RECORD_LOST, 0);
    take(t, 400, PS_RECORD_IN, 555); /* never seen before */
    assert_int_equal(t->running, 1);
    take(t, 500, PS_RECORD_OUT, 556);
    assert_int_equal(t->running, 1);
    assert_int_equal(t->alive, 3);
    take(t, 600, PS_RECORD_EXIT, 557);
    take(t, 600, PS_RECORD_EXIT, 555);
    assert_int_equal(t->running, 0);
    assert_int_equal(t->alive, 2);
    assert_int_equal(t->lost, 1);
    ps_timeline_end(t);
    assert_int_equal(t->threads[0].on_cpu, 200 * US);
}

static void test_number_used_again(void **state)
{
    struct ps_timeline *t = *state;

    take(t, 0, PS_RECORD_EXEC, 100);
    for (uint64_t i = 0; i < 10; i++) {
        take(t, 10 * i, PS_RECORD_BIRTH, 101);
        take(t, 10 * i + 5, PS_RECORD_IN, 101);
        if (i % 2)
            take(t, 10 * i + 9, PS_RECORD_EXIT, 101);
    }
    assert_int_equal(t->thread_count, 11);
    assert_int_equal(t->alive, 1);
    assert_int_equal(t->running, 1);
    for (size_t i = 1; i <= 10; i++)
        assert_int_equal(t->threads[i].on_cpu, i % 2 ? 5 * US : 4 * US);
}

static void test_exec_ends_other_threads(void **state)
{
    struct ps_timeline *t = *state;

    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 10, PS_RECORD_BIRTH, 101);
    take(t, 10, PS_RECORD_IN, 101);
    take_process(t, 10, PS_RECORD_BIRTH, 200);
    take(t, 20, PS_RECORD_EXIT, 100); /* thread 101 calls exec and is 100 from then on */
    take(t, 30, PS_RECORD_EXEC, 100);
    assert_int_equal(t->running, 1);
    assert_true(ps_timeline_runs(t, 100));
    assert_null(ps_timeline_find(t, 101));
    assert_non_null(ps_timeline_find(t, 200));
    assert_int_equal(t->alive, 2);
}

/* Serial stretches are whole in spite of short interruptions, and the longest are kept in order. */
static void test_stretches(void **state)
{
    struct ps_timeline *t = *state;
    uint64_t us = 0;

    take(t, us, PS_RECORD_EXEC, 100);
    for (int i = 0; i < 10; i++) {
        take(t, us += 1000, PS_RECORD_PREEMPTED, 100);
        take(t, us += 50, PS_RECORD_IN, 100);
    }
    take(t, us, PS_RECORD_OUT, 100);
    for (uint64_t i = 1; i <= 40; i++) {
        take(t, us += 500, PS_RECORD_IN, 100);
        take(t, us += 10 * i, PS_RECORD_OUT, 100);
    }
    ps_timeline_end(t);
    assert_int_equal(t->stretch_count, PS_TIMELINE_STRETCHES);
    assert_int_equal(t->stretches[0].begin, 0);
    assert_int_equal(t->stretches[0].end, 10450 * US);
    for (size_t i = 1; i < t->stretch_count; i++)
        assert_int_equal(t->stretches[i].end - t->stretches[i].begin, 10 * (41 - i) * US);
}

/* Two that take turns: each stretch is that of one. */
static void test_stretch_of_one_thread(void **state)
{
    struct ps_timeline *t = *state;

    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 0, PS_RECORD_BIRTH, 101);
    take(t, 2000, PS_RECORD_OUT, 100);
    take(t, 2000, PS_RECORD_IN, 101);
    take(t, 5000, PS_RECORD_OUT, 101);
    take(t, 5000, PS_RECORD_IN, 100);
    take(t, 6000, PS_RECORD_EXIT, 100);
    ps_timeline_end(t);
    assert_int_equal(t->stretch_count, 3);
    assert_int_equal(t->stretches[0].tid, 101);
    assert_int_equal(t->stretches[0].end - t->stretches[0].begin, 3000 * US);
    assert_int_equal(t->stretches[0].thread, 1);
    assert_int_equal(t->threads[0].alone, 3000 * US);
    assert_int_equal(t->threads[1].alone, 3000 * US);
}

/* Threads beyond those that are told apart are one together, and all times still add up. */
static void test_many_threads(void **state)
{
    struct ps_timeline *t = *state;
    const uint64_t most = PS_TIMELINE_THREADS + 1000;
    uint64_t on_cpu = 0;

    take(t, 0, PS_RECORD_EXEC, 100);
    take(t, 0, PS_RECORD_OUT, 100);
    for (uint64_t i = 0; i < most; i++) {
        take_process(t, i, PS_RECORD_BIRTH, (pid_t)(1000 + i));
        take_process(t, i, PS_RECORD_IN, (pid_t)(1000 + i));
        take_process(t, i + 1, PS_RECORD_EXIT, (pid_t)(1000 + i));
    }
    ps_timeline_end(t);
    assert_true(t->truncated);
    assert_int_equal(t->thread_count, PS_TIMELINE_THREADS + 1);
    assert_int_equal(t->others, most + 1 - PS_TIMELINE_THREADS);
    assert_int_equal(t->threads[PS_TIMELINE_THREADS].tid, 0);
    for (size_t i = 0; i < t->thread_count; i++)
        on_cpu += t->threads[i].on_cpu;
    assert_int_equal(on_cpu, most * US);
    assert_int_equal(t->running_ns[1], most * US);
    assert_int_equal(t->processes, most + 1);
    assert_int_equal(t->most_alive, 2);
}

static void test_more_at_once_than_told_apart(void **state)
{
    struct ps_timeline *t = *state;

    take(t, 0, PS_RECORD_EXEC, 100);
    for (pid_t i = 0; i < PS_TIMELINE_MOST + 500; i++) {
        take(t, 0, PS_RECORD_BIRTH, 1000 + i);
        take(t, 0, PS_RECORD_IN, 1000 + i);
    }
    take(t, 10, PS_RECORD_EXIT, 100);
    assert_int_equal(t->running_ns[PS_TIMELINE_MOST], 10 * US);
    assert_int_equal(t->running, PS_TIMELINE_MOST + 500);
    assert_int_equal(t->alive_ns[PS_TIMELINE_MOST], 10 * US);
}

/* ---- who exits goes on until it is gone ---- */

static void take_end(struct ps_timeline *t, uint64_t us, pid_t pid, uint64_t gone)
{
    const struct ps_record r = {.kind = PS_RECORD_EXIT,
                                .time = begin + us * US,
                                .pid = pid,
                                .tid = pid,
                                .parent_pid = 100,
                                .gone = begin + gone * US};

    ps_timeline_take(t, &r);
}

/* Two children of 100, which waits for them. */
static void begin_children(struct ps_timeline *t)
{
    take(t, 0, PS_RECORD_EXEC, 100);
    take_process(t, 0, PS_RECORD_BIRTH, 200);
    take_process(t, 0, PS_RECORD_BIRTH, 300);
    take_process(t, 0, PS_RECORD_IN, 200);
    take_process(t, 0, PS_RECORD_IN, 300);
    take(t, 0, PS_RECORD_OUT, 100);
}

static void test_exits_and_is_gone_later(void **state)
{
    struct ps_timeline *t = *state;

    begin_children(t);
    take_end(t, 1000, 200, 1500);
    take_end(t, 1100, 300, 1300);
    assert_int_equal(t->running, 2);
    assert_int_equal(ps_timeline_cpu_ns(t, 200, begin + 1200 * US), 1200 * US);
    assert_int_equal(ps_timeline_cpu_ns(t, 200, begin + 9000 * US), 1500 * US);
    take(t, 1600, PS_RECORD_IN, 100);
    assert_int_equal(t->running, 1);
    assert_int_equal(t->alive, 1);
    ps_timeline_end(t);
    assert_int_equal(t->threads[1].on_cpu, 1500 * US);
    assert_int_equal(t->threads[1].died, 1500 * US);
    assert_int_equal(t->threads[1].alone, 200 * US);
    assert_int_equal(t->threads[2].on_cpu, 1300 * US);
    assert_int_equal(t->running_ns[0], 100 * US);
    assert_int_equal(t->running_ns[1], 200 * US);
    assert_int_equal(t->running_ns[2], 1300 * US);
}

static void test_gone_after_the_last_record(void **state)
{
    struct ps_timeline *t = *state;

    begin_children(t);
    take_end(t, 1000, 300, 0);
    take_end(t, 1000, 200, 6000);
    ps_timeline_end(t);
    assert_int_equal(t->threads[1].on_cpu, 6000 * US);
    assert_int_equal(t->threads[2].on_cpu, 1000 * US);
    assert_int_equal(t->running_ns[1], 5000 * US);
    assert_int_equal(t->end - t->begin, 6000 * US);
}

/* Its parent has been told, and the number is another one's before all of it is over. */
static void test_number_used_again_before_it_is_gone(void **state)
{
    struct ps_timeline *t = *state;

    begin_children(t);
    take_end(t, 1000, 200, 1500);
    take_process(t, 1200, PS_RECORD_BIRTH, 200);
    take_process(t, 1300, PS_RECORD_IN, 200);
    take_process(t, 1700, PS_RECORD_OUT, 200);
    ps_timeline_end(t);
    assert_int_equal(t->threads[1].on_cpu, 1200 * US);
    assert_int_equal(t->threads[3].on_cpu, 400 * US);
    assert_int_equal(t->alive, 3);
}

static enum ps_end_shown shown(const struct ps_timeline *t, pid_t pid, pid_t tid, pid_t parent)
{
    const struct ps_record r = {
        .kind = PS_RECORD_EXIT, .pid = pid, .tid = tid, .parent_pid = parent};

    return ps_timeline_end_shown(t, &r);
}

static void test_who_shows_an_end(void **state)
{
    struct ps_timeline *t = *state;

    begin_children(t);
    assert_int_equal(shown(t, 200, 200, 100), PS_END_BY_PARENT);
    take(t, 10, PS_RECORD_IN, 100); /* it is awake, and may come late to wait */
    assert_int_equal(shown(t, 200, 200, 100), PS_END_BY_NOBODY);
    take(t, 20, PS_RECORD_PREEMPTED, 100);
    assert_int_equal(shown(t, 200, 200, 100), PS_END_BY_NOBODY);
    take(t, 30, PS_RECORD_OUT, 100);
    take(t, 40, PS_RECORD_BIRTH, 101); /* one more thread of the parent's */
    assert_int_equal(shown(t, 200, 200, 100), PS_END_BY_NOBODY);
    assert_int_equal(shown(t, 100, 101, 7), PS_END_BY_NOBODY);
    take(t, 50, PS_RECORD_EXIT, 100); /* the last one may be another than the first */
    assert_int_equal(shown(t, 100, 101, 7), PS_END_BY_CALLER);
    assert_int_equal(shown(t, 300, 300, 1), PS_END_BY_NOBODY); /* it has got another parent */
    take_process(t, 60, PS_RECORD_EXEC, 400); /* a second one that the caller began */
    assert_int_equal(shown(t, 100, 101, 7), PS_END_BY_NOBODY);
    assert_int_equal(shown(t, 999, 999, 100), PS_END_BY_NOBODY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_serial_then_two),
        TEST(test_what_others_took),
        TEST(test_blocked_and_preempted),
        TEST(test_brief_waits),
        TEST(test_records_missing),
        TEST(test_number_used_again),
        TEST(test_exec_ends_other_threads),
        TEST(test_stretches),
        TEST(test_stretch_of_one_thread),
        TEST(test_many_threads),
        TEST(test_more_at_once_than_told_apart),
        TEST(test_exits_and_is_gone_later),
        TEST(test_gone_after_the_last_record),
        TEST(test_number_used_again_before_it_is_gone),
        TEST(test_who_shows_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
