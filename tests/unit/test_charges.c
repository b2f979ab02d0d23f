/* What this process is charged with, against records that are made up. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <time.h>
#include <unistd.h>

#include "charges.h"
#include "ticks.h"

struct scene {
    struct ps_timeline timeline;
    struct ps_charges charges;
};

/* A clock before and after something. */
struct range {
    uint64_t low, high;
};

static void begin(struct scene *s, bool from_now, enum ps_record_kind kind)
{
    const struct ps_record r = {
        .kind = kind, .time = ps_now_ns(), .pid = getpid(), .tid = getpid(), .name = "this"};

    assert_int_equal(ps_timeline_init(&s->timeline), 0);
    ps_timeline_take(&s->timeline, &r);
    ps_charges_init(&s->charges, from_now);
}

static void end(struct scene *s)
{
    ps_charges_free(&s->charges);
    ps_timeline_free(&s->timeline);
}

/* Until it counts: it does not soon after another one, or if it took too long. */
static struct range look(struct scene *s)
{
    struct range cpu;

    do {
        cpu.low = ps_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        ps_charges_look(&s->charges, getpid());
        cpu.high = ps_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    } while (!s->charges.charges[0].open);
    return cpu;
}

static void settle(struct scene *s)
{
    ps_charges_settle(&s->charges, &s->timeline, UINT64_MAX - 1);
}

static void assert_near(double ns, int64_t truth)
{
    if (ns < (double)truth - 1 || ns > (double)truth + 1)
        fail_msg("%.0f ns, not %.0f", ns, (double)truth);
}

static void in_range(const struct scene *s, double low, double high)
{
    const double ns = 1e9 * ps_charges_unrecorded(&s->charges);

    assert_true(ns >= low - 1 && ns <= high + 1);
}

static void test_of_whom_there_is_no_record_at_all(void **state)
{
    struct scene s;
    struct range cpu;

    begin(&s, false, PS_RECORD_OUT);
    cpu = look(&s);
    ps_charges_settle(&s.charges, &s.timeline, s.timeline.begin); /* too early */
    in_range(&s, 0, 0);
    settle(&s);
    in_range(&s, (double)cpu.low, (double)cpu.high);
    end(&s);
}

static void test_who_runs_is_in_the_records(void **state)
{
    struct scene s;
    struct range cpu, time;

    begin(&s, false, PS_RECORD_EXEC);
    time.low = ps_now_ns() - s.timeline.begin;
    cpu = look(&s);
    time.high = ps_now_ns() - s.timeline.begin;
    settle(&s);
    in_range(&s, (double)cpu.low - (double)time.high, (double)cpu.high - (double)time.low);
    end(&s);
}

static void test_from_now_on(void **state)
{
    struct scene s;
    struct range first, second;

    begin(&s, true, PS_RECORD_OUT);
    first = look(&s);
    settle(&s);
    in_range(&s, 0, 0);
    second = look(&s);
    settle(&s);
    in_range(&s, (double)second.low - (double)first.high, (double)second.high - (double)first.low);
    end(&s);
}

/* Its clock begins anew. */
static void test_a_process_with_the_number_of_another(void **state)
{
    struct scene s;

    begin(&s, false, PS_RECORD_OUT);
    look(&s);
    settle(&s);
    s.charges.charges[0].ns = UINT64_MAX;
    s.charges.charges[0].time = 0;
    ps_charges_look(&s.charges, getpid());
    assert_true(s.charges.charges[0].reused);
    assert_false(s.charges.charges[0].open);
    ps_charges_look(&s.charges, 0); /* of threads that there is no room for */
    assert_int_equal(s.charges.count, 1);
    end(&s);
}

/* A look at which the clock has so much more than the records, which have nothing. */
static double look_at(struct scene *s, int64_t more)
{
    struct ps_charge *c = &s->charges.charges[0];

    c->time = s->timeline.begin;
    c->ns = (uint64_t)more;
    c->open = true;
    s->charges.oldest = c->time;
    settle(s);
    return 1e9 * ps_charges_unrecorded(&s->charges);
}

#define MS INT64_C(1000000)

/* The clock of a thread that runs is that of the last tick. */
static void test_a_late_clock(void **state)
{
    struct scene s;

    begin(&s, false, PS_RECORD_OUT);
    look(&s);
    s.charges.charges[0].looks = 0;
    assert_near(look_at(&s, -3 * MS), 0);
    assert_near(look_at(&s, -6 * MS), 0);
    assert_near(look_at(&s, 2 * MS), 2 * MS);
    assert_near(look_at(&s, -1 * MS), 2 * MS);
    for (int i = 0; i < 16; i++) /* what a hypervisor takes becomes more and more */
        look_at(&s, -9 * MS);
    assert_near(look_at(&s, -9 * MS), -5 * MS);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_whom_there_is_no_record_at_all),
        cmocka_unit_test(test_who_runs_is_in_the_records),
        cmocka_unit_test(test_from_now_on),
        cmocka_unit_test(test_a_process_with_the_number_of_another),
        cmocka_unit_test(test_a_late_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
