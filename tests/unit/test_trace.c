#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "str.h"
#include "trace.h"

#define US UINT64_C(1000)

static const uint64_t begin = 7000000 * US;

struct fixture {
    struct ps_timeline timeline;
    struct ps_trace *trace;
    struct ps_str text;
    json_t *document;
    const json_t *events;
    size_t pieces;
    int error; /* of writing */
};

static int write_piece(void *arg, const void *text, size_t size)
{
    struct fixture *f = arg;

    f->pieces++;
    ps_str_addn(&f->text, text, size);
    return f->error;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->trace = ps_trace_create(write_piece, f);
    *state = f;
    return f->trace ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    json_decref(f->document);
    ps_trace_destroy(f->trace);
    ps_str_finish(&f->text);
    free(f);
    return 0;
}

static void begin_execution(struct fixture *f, const char *label)
{
    assert_int_equal(ps_timeline_init(&f->timeline), 0);
    f->timeline.listener = ps_trace_begin(f->trace, label);
}

static void end_execution(struct fixture *f)
{
    ps_timeline_end(&f->timeline);
    ps_trace_end(f->trace, &f->timeline);
}

static void finish(struct fixture *f)
{
    size_t executions;
    bool cut;

    assert_int_equal(ps_trace_finish(f->trace, &executions, &cut), 0);
    f->document = json_loads(ps_str_text(&f->text), 0, NULL);
    assert_non_null(f->document);
    f->events = json_object_get(f->document, "traceEvents");
}

static void take(struct fixture *f, uint64_t us, enum ps_record_kind kind, pid_t tid,
                 const char *name)
{
    const struct ps_record r = {.kind = kind,
                                .time = begin + us * US,
                                .pid = 100,
                                .tid = tid,
                                .weight = 1,
                                .parent = 100,
                                .parent_pid = 100,
                                .name = name};

    ps_timeline_take(&f->timeline, &r);
}

static const char *text_of(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));

    return text ? text : "";
}

static double time_of(const json_t *event, const char *key)
{
    return json_number_value(json_object_get(event, key));
}

/* In µs, of all slices of that name of a thread. */
static double sum_of(const struct fixture *f, pid_t tid, const char *name)
{
    double sum = 0;

    for (size_t i = 0; i < json_array_size(f->events); i++) {
        const json_t *e = json_array_get(f->events, i);

        if (time_of(e, "tid") == tid && !strcmp(text_of(e, "ph"), "X") &&
            !strcmp(text_of(e, "name"), name))
            sum += time_of(e, "dur");
    }
    return sum;
}

static const json_t *find(const struct fixture *f, const char *phase, const char *name)
{
    for (size_t i = 0; i < json_array_size(f->events); i++) {
        const json_t *e = json_array_get(f->events, i);

        if (!strcmp(text_of(e, "ph"), phase) && !strcmp(text_of(e, "name"), name))
            return e;
    }
    return NULL;
}

/* The command runs alone, makes a thread, and waits for it. */
static void play(struct fixture *f)
{
    take(f, 0, PS_RECORD_EXEC, 100, "program");
    take(f, 1000, PS_RECORD_BIRTH, 101, NULL);
    take(f, 1050, PS_RECORD_IN, 101, NULL);
    take(f, 1500, PS_RECORD_OUT, 100, NULL);
    take(f, 2500, PS_RECORD_PREEMPTED, 101, NULL);
    take(f, 2700, PS_RECORD_IN, 101, NULL);
    take(f, 3700, PS_RECORD_EXIT, 101, NULL);
    take(f, 3710, PS_RECORD_IN, 100, NULL);
    take(f, 4000, PS_RECORD_EXIT, 100, NULL);
}

static void test_slices_are_what_the_timeline_has(void **state)
{
    struct fixture *f = *state;

    begin_execution(f, "program");
    play(f);
    end_execution(f);
    finish(f);
    for (size_t i = 0; i < f->timeline.thread_count; i++) {
        const struct ps_timeline_thread *t = &f->timeline.threads[i];

        assert_float_equal(sum_of(f, t->tid, "running"), (double)t->on_cpu / 1e3, 1e-6);
        assert_float_equal(sum_of(f, t->tid, "waiting"), (double)t->blocked / 1e3, 1e-6);
        assert_float_equal(sum_of(f, t->tid, "runnable, no CPU"), (double)t->runnable / 1e3, 1e-6);
    }
    assert_float_equal(sum_of(f, 100, "waiting"), 2210, 1e-6);
    ps_timeline_free(&f->timeline);
}

static void test_threads_have_names(void **state)
{
    struct fixture *f = *state;

    begin_execution(f, "program");
    play(f);
    end_execution(f);
    finish(f);
    for (size_t i = 0, named = 0; i < json_array_size(f->events); i++) {
        const json_t *e = json_array_get(f->events, i);

        if (time_of(e, "tid") != 101 || strcmp(text_of(e, "name"), "thread_name") != 0)
            continue;
        assert_string_equal(text_of(json_object_get(e, "args"), "name"), "program");
        assert_int_equal(++named, 1);
    }
    ps_timeline_free(&f->timeline);
}

static void test_serial_stretches_are_marked(void **state)
{
    struct fixture *f = *state;
    const json_t *e;

    begin_execution(f, "program");
    play(f);
    end_execution(f);
    finish(f);
    e = find(f, "X", "serial: program");
    assert_non_null(e);
    assert_float_equal(time_of(e, "ts"), 0, 1e-6);
    assert_float_equal(time_of(e, "dur"), 1050, 1e-6);
    ps_timeline_free(&f->timeline);
}

static void test_the_counter_sums_to_the_slices(void **state)
{
    struct fixture *f = *state;
    double area = 0, at = 0, running = 0;

    begin_execution(f, "program");
    play(f);
    end_execution(f);
    finish(f);
    for (size_t i = 0; i < json_array_size(f->events); i++) {
        const json_t *e = json_array_get(f->events, i);

        if (strcmp(text_of(e, "ph"), "C") != 0)
            continue;
        assert_true(time_of(e, "ts") >= at);
        area += running * (time_of(e, "ts") - at);
        at = time_of(e, "ts");
        running = time_of(json_object_get(e, "args"), "running");
    }
    assert_float_equal(area, sum_of(f, 100, "running") + sum_of(f, 101, "running"), 1e-6);
    ps_timeline_free(&f->timeline);
}

/* A look tells what the wait is that it falls into, and no other; two may come before the first of
 * them is over. */
static void test_looks_name_waits(void **state)
{
    struct fixture *f = *state;
    const struct ps_wait sleeping = {.kind = PS_WAIT_SLEEP},
                         reading = {.kind = PS_WAIT_READ, .object = "a\"b\\c\n"};

    begin_execution(f, "program");
    take(f, 0, PS_RECORD_EXEC, 100, "program");
    take(f, 100, PS_RECORD_OUT, 100, NULL);
    ps_trace_look(f->trace, 100, begin + 150 * US, &sleeping);
    ps_trace_look(f->trace, 100, begin + 250 * US, &reading);
    take(f, 200, PS_RECORD_IN, 100, NULL);
    take(f, 240, PS_RECORD_OUT, 100, NULL);
    take(f, 270, PS_RECORD_IN, 100, NULL);
    take(f, 300, PS_RECORD_OUT, 100, NULL);
    take(f, 320, PS_RECORD_EXIT, 100, NULL);
    end_execution(f);
    finish(f);
    assert_float_equal(sum_of(f, 100, "waiting: sleep"), 100, 1e-6);
    assert_float_equal(sum_of(f, 100, "waiting: read"), 30, 1e-6);
    assert_float_equal(sum_of(f, 100, "waiting"), 20, 1e-6);
    assert_string_equal(text_of(json_object_get(find(f, "X", "waiting: read"), "args"), "object"),
                        "a\"b\\c\\x0a");
    ps_timeline_free(&f->timeline);
}

static void test_executions_follow_each_other(void **state)
{
    struct fixture *f = *state;
    const json_t *first, *second;

    for (int i = 0; i < 2; i++) {
        begin_execution(f, i ? "second\x1b" : "first");
        play(f);
        end_execution(f);
        ps_timeline_free(&f->timeline);
    }
    finish(f);
    first = find(f, "X", "first");
    second = find(f, "X", "second\\x1b");
    assert_non_null(first);
    assert_non_null(second);
    assert_float_equal(time_of(first, "dur"), 4000, 1e-6);
    assert_float_equal(time_of(second, "dur"), 4000, 1e-6);
    assert_true(time_of(second, "ts") > 4000);
}

static void test_a_hostile_name_is_harmless(void **state)
{
    struct fixture *f = *state;

    begin_execution(f, "\"]}");
    take(f, 0, PS_RECORD_EXEC, 100, "\"\\\x01\xff\xc3");
    take(f, 100, PS_RECORD_EXIT, 100, NULL);
    end_execution(f);
    finish(f);
    assert_non_null(find(f, "X", "\"]}"));
    ps_timeline_free(&f->timeline);
}

static void test_too_many_events_are_cut(void **state)
{
    struct fixture *f = *state;
    const struct ps_timeline_listener *l;
    size_t executions, lines = 0;
    bool cut;

    begin_execution(f, "program");
    l = f->timeline.listener;
    for (uint64_t i = 0; i < PS_TRACE_MOST + 10; i++)
        l->running(l->arg, begin + i * US, i % 2);
    end_execution(f);
    assert_int_equal(ps_trace_finish(f->trace, &executions, &cut), 0);
    assert_true(cut);
    assert_true(f->pieces > 100);
    for (const char *c = ps_str_text(&f->text); *c; c++)
        lines += *c == '\n';
    assert_true(lines > PS_TRACE_MOST && lines < PS_TRACE_MOST + 10);
    assert_non_null(strstr(ps_str_text(&f->text),
                           "\n],\"otherData\":{\"cut\":\"nothing after the first 1000000 "));
    ps_timeline_free(&f->timeline);
}

static void test_what_can_not_be_written_is_said_at_the_end(void **state)
{
    struct fixture *f = *state;
    size_t executions;
    bool cut;

    f->error = -ENOSPC;
    begin_execution(f, "program");
    play(f);
    end_execution(f);
    assert_int_equal(ps_trace_finish(f->trace, &executions, &cut), -ENOSPC);
    assert_int_equal(f->pieces, 1);
    ps_timeline_free(&f->timeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_slices_are_what_the_timeline_has),
        TEST(test_threads_have_names),
        TEST(test_serial_stretches_are_marked),
        TEST(test_the_counter_sums_to_the_slices),
        TEST(test_looks_name_waits),
        TEST(test_executions_follow_each_other),
        TEST(test_a_hostile_name_is_harmless),
        TEST(test_too_many_events_are_cut),
        TEST(test_what_can_not_be_written_is_said_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
