#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "region.h"

#define A_WHILE 5000 /* ticks */

struct watcher {
    struct ps_instance in;
    struct ps_slot slot;
    struct ps_gate gate;
    struct ps_account account;
};

static void ignore(void *ctx, unsigned slot)
{
}

static void begin(struct watcher *w)
{
    *w = (struct watcher){.in = {.slots = &w->slot}};
    ps_gate_init(&w->gate);
    ps_account_init(&w->account, &w->in, 0);
}

static void pass(uint64_t ticks)
{
    uint64_t start = ps_ticks();

    while (ps_ticks_between(start, ps_ticks()) < ticks)
        ;
}

static void open_gate(struct watcher *w, uint64_t since)
{
    ps_gate_open(&w->gate, ps_probed(&w->in), since);
    ps_account_watch(&w->account, &w->gate);
}

static void spinning_counts_from_the_regions_beginning(void **state)
{
    struct watcher w;
    uint64_t awake, since;

    begin(&w);
    awake = ps_ticks();
    ps_account_awake(&w.account, &w.gate);
    pass(A_WHILE);
    since = ps_ticks();
    pass(A_WHILE);
    open_gate(&w, since);
    assert_true(w.slot.spin >= A_WHILE);
    assert_true(w.slot.spin <= ps_ticks_between(awake, ps_ticks()) - A_WHILE);
}

static void not_what_was_slept_of_it(void **state)
{
    struct watcher w;
    uint64_t since = ps_ticks(), awake;

    begin(&w);
    pass(A_WHILE);
    awake = ps_ticks();
    ps_account_awake(&w.account, &w.gate);
    open_gate(&w, since);
    assert_true(w.slot.spin <= ps_ticks_between(awake, ps_ticks()));
}

static void counts_where_the_gate_stays_shut(void **state)
{
    struct watcher w;

    begin(&w);
    ps_gate_not_opened(&w.gate, A_WHILE);
    ps_account_awake(&w.account, &w.gate);
    pass(2 * A_WHILE);
    ps_account_watch(&w.account, &w.gate);
    assert_int_equal(w.slot.spin, 0);
    ps_gate_not_opened(&w.gate, A_WHILE);
    ps_account_watch(&w.account, &w.gate);
    assert_int_equal(w.slot.spin, A_WHILE);
    ps_account_watch(&w.account, &w.gate);
    assert_int_equal(w.slot.spin, A_WHILE);
}

static void but_no_more_than_it_was_awake(void **state)
{
    struct watcher w;
    uint64_t awake;

    begin(&w);
    awake = ps_ticks();
    ps_account_awake(&w.account, &w.gate);
    ps_gate_not_opened(&w.gate, UINT64_MAX / 2);
    ps_account_watch(&w.account, &w.gate);
    assert_true(w.slot.spin <= ps_ticks_between(awake, ps_ticks()));
}

/* What is counted by events has to be of the same time. */
static void a_probe_begins_with_the_gate(void **state)
{
    struct watcher w;
    uint64_t since, opened;

    begin(&w);
    w.in.probe = (struct ps_probe){ignore, ignore, NULL};
    ps_account_awake(&w.account, &w.gate);
    since = ps_ticks();
    pass(A_WHILE);
    opened = ps_ticks();
    open_gate(&w, since);
    ps_account_leave(&w.account, &w.gate);
    assert_true(w.slot.spin <= ps_ticks_between(opened, ps_ticks()));
}

/* Though its gate stays open. */
static void a_region_is_over_by_its_count(void **state)
{
    struct watcher w;
    uint64_t spun;

    begin(&w);
    ps_account_awake(&w.account, &w.gate);
    ps_gate_open_until(&w.gate, 1, false, ps_ticks(), 3);
    ps_account_watch_until(&w.account, &w.gate, 2);
    pass(A_WHILE);
    ps_account_watch_until(&w.account, &w.gate, 3);
    spun = w.slot.spin;
    assert_true(spun >= A_WHILE);
    pass(A_WHILE);
    ps_account_watch_until(&w.account, &w.gate, 3);
    assert_true(w.slot.spin == spun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spinning_counts_from_the_regions_beginning),
        cmocka_unit_test(not_what_was_slept_of_it),
        cmocka_unit_test(counts_where_the_gate_stays_shut),
        cmocka_unit_test(but_no_more_than_it_was_awake),
        cmocka_unit_test(a_probe_begins_with_the_gate),
        cmocka_unit_test(a_region_is_over_by_its_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
