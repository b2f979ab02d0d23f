/* Threads of which it is known what they did, and samples of which some are missing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "weights.h"

#define MS      UINT64_C(1000000)
#define PERIOD  0.01 /* s */
#define COMPUTE 1    /* on a CPU without a break for 1 s; all of its samples are there */
#define TURNS   2    /* likewise, 20,000 times for 50 us; 0.8 s of it in user mode, 40 samples */
#define MOST    300

struct scene {
    struct ps_timeline_thread threads[3];
    struct ps_seen seen[MOST];
    struct ps_observation n;
    double weights[MOST];
};

static void add_samples(struct scene *s, pid_t tid, bool kernel, size_t count)
{
    struct ps_seen_list *l = &s->n.lists[PS_SEEN_SAMPLE];

    for (size_t i = 0; i < count; i++)
        l->seen[l->count++] =
            (struct ps_seen){.time = s->n.timeline.begin + i * MS, .tid = tid, .kernel = kernel};
}

static void set_up(struct scene *s)
{
    *s = (struct scene){.threads = {{.tid = COMPUTE, .on_cpu = 1000 * MS, .switches = 10},
                                    {.tid = TURNS, .on_cpu = 1000 * MS, .switches = 20000}}};
    s->n.period = PERIOD;
    s->n.used = 2.0;
    s->n.system = 0.2;
    s->n.timeline.begin = 1000 * MS;
    s->n.timeline.threads = s->threads;
    s->n.timeline.thread_count = 2;
    s->n.lists[PS_SEEN_SAMPLE] = (struct ps_seen_list){.seen = s->seen, .step = 1};
    add_samples(s, COMPUTE, false, 100);
    add_samples(s, TURNS, false, 40);
}

static double sum(struct scene *s, pid_t tid, bool kernel)
{
    double all = 0;

    ps_weights_find(&s->n, s->weights);
    for (size_t i = 0; i < s->n.lists[PS_SEEN_SAMPLE].count; i++)
        all += s->seen[i].tid == tid && s->seen[i].kernel == kernel ? s->weights[i] : 0;
    return all;
}

static void test_of_a_thread_that_switches_often_some_are_missing(void **state)
{
    struct scene s;

    set_up(&s);
    assert_float_equal(sum(&s, COMPUTE, false), 1.0, 1e-9);
    assert_float_equal(sum(&s, TURNS, false), 0.8, 1e-9);
}

static void test_each_sample_of_one_stands_for_as_much(void **state)
{
    struct scene s;

    set_up(&s);
    ps_weights_find(&s.n, s.weights);
    assert_float_equal(s.weights[99], PERIOD, 1e-12);
    assert_float_equal(s.weights[100], 0.02, 1e-12);
    assert_float_equal(s.weights[139], 0.02, 1e-12);
}

static void test_what_has_samples_in_the_kernel_is_there(void **state)
{
    struct scene s;

    set_up(&s);
    add_samples(&s, TURNS, true, 50);
    assert_float_equal(sum(&s, TURNS, false), 0.8, 1e-9);
    assert_float_equal(sum(&s, TURNS, true), 0.2, 1e-9);
}

static void test_of_samples_of_which_few_are_kept(void **state)
{
    struct scene s;

    set_up(&s);
    s.n.lists[PS_SEEN_SAMPLE].step = 2;
    s.n.period = PERIOD / 2;
    assert_float_equal(sum(&s, TURNS, false), 0.8, 1e-9);
}

static void test_no_thread_gets_more_than_it_was_on_a_cpu(void **state)
{
    struct scene s;

    set_up(&s);
    s.n.used = 9;
    s.n.unrecorded = 7;
    assert_float_equal(sum(&s, TURNS, false), 1.0, 1e-9);
}

static void test_where_none_is_missing_or_nothing_is_known(void **state)
{
    struct scene s;

    set_up(&s);
    s.n.system = 0.7;
    assert_float_equal(sum(&s, TURNS, false), 0.4, 1e-9);
    s.n.system = NAN;
    assert_float_equal(sum(&s, TURNS, false), 0.4, 1e-9);
    s.n.system = 0;
    s.n.used = 0;
    assert_float_equal(sum(&s, TURNS, false), 0.4, 1e-9);
}

/* One that changed its user has no records from then on, but is in the accounts: 1 s, of which 0.1
 * s in the kernel. */
static void test_what_has_no_records_is_not_missing(void **state)
{
    struct scene s;

    set_up(&s);
    s.n.used += 1.0;
    s.n.system += 0.1;
    assert_float_equal(sum(&s, TURNS, false), 0.8, 1e-9);
}

/* Of 4,000 brief threads each has its own samples. */
static void test_many(void **state)
{
    enum { MANY = 4000 };
    static struct ps_timeline_thread threads[MANY];
    struct scene s;

    set_up(&s);
    for (pid_t i = 0; i < MANY; i++)
        threads[i] = (struct ps_timeline_thread){
            .tid = MANY - i + TURNS, .on_cpu = MS, .switches = 10, .born = (uint64_t)i};
    s.n.timeline.threads = threads;
    s.n.timeline.thread_count = MANY;
    s.n.lists[PS_SEEN_SAMPLE].count = 0;
    s.n.period = 0.1e-3;
    for (pid_t tid = 1; tid < MOST; tid++)
        add_samples(&s, tid + TURNS, false, 1);
    s.n.used = 4.0;
    s.n.system = 3.8;
    for (size_t i = 0; i < MOST - 1; i++)
        s.seen[i].time = s.n.timeline.begin + MANY;
    ps_weights_find(&s.n, s.weights);
    for (size_t i = 0; i < MOST - 1; i++)
        assert_float_equal(s.weights[i], 0.2 / (MOST - 1), 1e-9);
}

/* The third thread had the number later. */
static void test_a_number_that_was_used_twice(void **state)
{
    struct scene s;

    set_up(&s);
    s.threads[1].died = 200 * MS;
    s.threads[2] = (struct ps_timeline_thread){.tid = TURNS, .born = 300 * MS};
    s.n.timeline.thread_count = 3;
    s.seen[139].time = s.n.timeline.begin + 400 * MS;
    ps_weights_find(&s.n, s.weights);
    assert_float_equal(s.weights[139], PERIOD, 1e-12);
    assert_float_equal(s.weights[138], 0.79 / 39, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_a_thread_that_switches_often_some_are_missing),
        cmocka_unit_test(test_each_sample_of_one_stands_for_as_much),
        cmocka_unit_test(test_what_has_samples_in_the_kernel_is_there),
        cmocka_unit_test(test_of_samples_of_which_few_are_kept),
        cmocka_unit_test(test_no_thread_gets_more_than_it_was_on_a_cpu),
        cmocka_unit_test(test_where_none_is_missing_or_nothing_is_known),
        cmocka_unit_test(test_what_has_no_records_is_not_missing),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_a_number_that_was_used_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
