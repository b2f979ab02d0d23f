#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "runtimes.h"
#include "thread_use.h"

static struct ps_thread_sampler s;

static int setup(void **state)
{
    ps_thread_sampler_init(&s, NULL, 0, 0.002);
    return 0;
}

static void looks(size_t running, size_t alive, size_t count)
{
    s.seen[running] += count;
    s.alive_seen[alive] += count;
    s.seen_taken[running] += count;
    s.alive_taken[alive] += count;
    s.looks += count;
}

/* One, which counts for as many as lie between it and the one before. */
static void heavy_look(size_t running, size_t alive, size_t weight)
{
    looks(running, alive, weight);
    s.seen_taken[running] -= weight - 1;
    s.alive_taken[alive] -= weight - 1;
}

static void thread(uint64_t ms)
{
    s.ranks[s.rank_count++] = ms * 1000000; /* the busiest first */
}

static enum ps_thread_use use(size_t asked)
{
    return ps_thread_judge(&s, asked, NAN).use;
}

static void test_too_few_looks(void **state)
{
    looks(2, 2, PS_THREAD_SAMPLER_MIN_SEEN - 1);
    assert_int_equal(use(2), PS_THREADS_UNKNOWN);
    assert_int_equal(ps_thread_judge(&s, 2, NAN).at_once, 0);
    looks(2, 2, 1);
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    assert_int_equal(use(0), PS_THREADS_UNKNOWN);
    assert_int_equal(ps_thread_judge(&s, 0, NAN).at_once, 2);
}

static void test_share_of_the_looks(void **state)
{
    looks(2, 2, 97);
    looks(3, 3, 3);
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    looks(3, 3, 97);
    assert_int_equal(use(2), PS_THREADS_MORE);
    assert_float_equal(ps_thread_judge(&s, 2, NAN).above, 100 / 197.0, 1e-9);
    looks(0, 3, 1000); /* idle looks take no part */
    assert_int_equal(use(2), PS_THREADS_MORE);
}

/* One that is far from the others is one all the same. */
static void test_a_heavy_look(void **state)
{
    thread(50);
    thread(50);
    thread(50);
    looks(1, 2, 30);
    heavy_look(3, 3, 64);
    assert_int_equal(ps_thread_judge(&s, 1, NAN).at_once, 1);
    heavy_look(3, 3, 64);
    assert_int_equal(ps_thread_judge(&s, 1, NAN).at_once, 3);
}

/* Its second thread writes what the first compresses, and has a third of the work. */
static void test_overlap(void **state)
{
    thread(660);
    thread(340);
    looks(1, 2, 60);
    looks(2, 2, 40);
    assert_int_equal(use(1), PS_THREADS_AS_ASKED);
    looks(2, 2, 60);
    assert_int_equal(use(1), PS_THREADS_MORE);
}

/* A compressor with one worker, whose first thread reads and writes. */
static void test_helper(void **state)
{
    thread(960);
    thread(40);
    looks(1, 2, 85);
    looks(2, 2, 15);
    assert_int_equal(use(1), PS_THREADS_AS_ASKED);
    assert_int_equal(use(2), PS_THREADS_FEWER);
    assert_int_equal(ps_thread_judge(&s, 1, NAN).at_once, 1);
}

static void test_pool_and_its_parent(void **state)
{
    for (int i = 0; i < 4; i++)
        thread(250);
    thread(30);
    looks(4, 5, 80);
    looks(5, 5, 20);
    assert_int_equal(use(4), PS_THREADS_AS_ASKED);
    assert_int_equal(use(3), PS_THREADS_MORE);
}

/* As make -j2 has them: each has little of the whole. */
static void test_many_short_processes(void **state)
{
    for (int i = 0; i < 100; i++)
        thread(10);
    looks(1, 3, 10);
    looks(2, 3, 88);
    looks(3, 4, 2);
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    assert_int_equal(use(1), PS_THREADS_MORE);
}

static void test_one_thread(void **state)
{
    thread(100);
    looks(1, 1, 20);
    assert_int_equal(use(2), PS_THREADS_FEWER);
    assert_int_equal(use(1), PS_THREADS_AS_ASKED);
}

/* Two that were asked for are there and share the work, though they seldom meet. */
static void test_sleepers(void **state)
{
    thread(20);
    thread(22);
    looks(0, 2, 90);
    looks(1, 2, 12);
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    assert_int_equal(use(4), PS_THREADS_FEWER);
}

/* A thread for each small task: most are over before anybody looks. */
static void test_cpu_time_of_threads_that_nobody_saw(void **state)
{
    thread(30);
    looks(0, 1, 40);
    looks(1, 2, 60);
    assert_int_equal(ps_thread_judge(&s, 2, 0.9).use, PS_THREADS_FEWER);
    assert_int_equal(ps_thread_judge(&s, 2, 1.6).use, PS_THREADS_UNKNOWN);
    assert_int_equal(ps_thread_judge(&s, 2, 1.6).at_once, 0);
}

/* Two of four that were asked for: that they ran at once says nothing against it. */
static void test_more_than_were_seen(void **state)
{
    struct ps_thread_judgement two = {PS_THREADS_FEWER, 2, 0}, all = {PS_THREADS_AS_ASKED, 4, 0};

    ps_thread_doubt(&two, 0);
    assert_int_equal(two.use, PS_THREADS_FEWER);
    ps_thread_doubt(&two, NAN);
    assert_int_equal(two.use, PS_THREADS_FEWER);
    ps_thread_doubt(&two, 0.5);
    assert_int_equal(two.use, PS_THREADS_UNKNOWN);
    assert_int_equal(two.at_once, 0);
    ps_thread_doubt(&all, 0.5);
    assert_int_equal(all.use, PS_THREADS_AS_ASKED);
}

/* A compiler's driver, its link-time optimizer and the assembler: two of them have the work, and
 * both are there. */
static void test_one_after_the_other(void **state)
{
    thread(60);
    thread(40);
    looks(0, 3, 10);
    looks(1, 3, 95);
    looks(2, 3, 3);
    assert_int_equal(use(2), PS_THREADS_FEWER);
    assert_int_equal(ps_thread_judge(&s, 2, NAN).at_once, 1);
    s.later_ns = 100000000; /* threads of one process, under a lock */
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    s.later_ns = 0;
    looks(2, 3, 7);
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
}

static void test_turns(void **state)
{
    thread(50);
    thread(48);
    looks(1, 3, 90);
    looks(2, 3, 10);
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    s.turns = 40;
    s.turns_taken = 2; /* by chance, of looks far apart */
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    s.turns_taken = 3;
    s.looked_ns = 400000000; /* they wait for something else */
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
    s.looked_ns = 100000000;
    assert_int_equal(use(2), PS_THREADS_TURNS);
    looks(2, 3, 60); /* they overlap after all */
    assert_int_equal(use(2), PS_THREADS_AS_ASKED);
}

/* Another execution's threads are not more threads, nor do they take turns with those of the first.
 */
static void test_executions(void **state)
{
    for (pid_t i = 0; i < 20; i++) {
        s.threads[7] = (struct ps_thread_seen){.tid = 100 + i, .cpu_ns = 10000000};
        s.threads[9] = (struct ps_thread_seen){.tid = 200 + i, .cpu_ns = 1000000};
        s.thread_count = 2;
        s.alone = 100 + i;
        looks(1, 1, 2);
        ps_thread_sampler_end(&s);
        assert_int_equal(s.thread_count, 0);
        assert_int_equal(s.alone, 0);
    }
    assert_int_equal(s.rank_count, 2);
    assert_int_equal(s.ranks[0], 200000000);
    assert_int_equal(s.ranks[1], 20000000);
    assert_int_equal(use(2), PS_THREADS_FEWER);
}

static void test_runtimes(void **state)
{
    assert_int_equal(ps_runtimes_in(""), 0);
    assert_int_equal(ps_runtimes_in("7f00-7f01 r-xp 0 0:1 1   /usr/lib/libc.so.6\n"
                                    "7f02-7f03 r-xp 0 0:1 1   /usr/lib/libgomp.so.1.0.0\n"
                                    "7f04-7f05 r-xp 0 0:1 1   /usr/lib/llvm-14/lib/libomp.so.5"),
                     PS_RUNTIME_LIBGOMP | PS_RUNTIME_LIBOMP);
    assert_int_equal(ps_runtimes_in("5500-5501 r-xp 0 0:1 1   /usr/bin/python3.11\n"
                                    "7f02-7f03 rw-p 0 0:0 0 \n"
                                    "7f02-7f03 r--p 0 0:1 1   /home/libjvm.so/x"),
                     PS_RUNTIME_PYTHON);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_too_few_looks),
        TEST(test_share_of_the_looks),
        TEST(test_helper),
        TEST(test_a_heavy_look),
        TEST(test_overlap),
        TEST(test_pool_and_its_parent),
        TEST(test_many_short_processes),
        TEST(test_one_thread),
        TEST(test_sleepers),
        TEST(test_cpu_time_of_threads_that_nobody_saw),
        TEST(test_more_than_were_seen),
        TEST(test_one_after_the_other),
        TEST(test_turns),
        TEST(test_executions),
        TEST(test_runtimes),
    };

    return cmocka_run_group_tests_name("thread_use", tests, NULL, NULL);
}
