/* Counters in user mode, by a page and a register that are made up. */
#include <linux/perf_event.h>
#include <stdbool.h>

#include "fixture.h"

static uint64_t registers[2];
static unsigned reads;
static struct perf_event_mmap_page page;

/* The kernel moves the event to another register while the first is read. */
static uint64_t read_register(uint32_t index)
{
    if (reads++ == 0 && page.lock == 1) {
        page.lock = 2;
        page.index = 2;
        page.offset = 5000;
    }
    return registers[index];
}
#define PS_PMC_REGISTER(index) read_register(index)
#include "pmpi/pmc.h"

static int setup(void **state)
{
    page = (struct perf_event_mmap_page){.index = 1, .offset = 1000, .pmc_width = 48};
    page.cap_user_rdpmc = 1;
    registers[0] = 23;
    registers[1] = 7;
    reads = 0;
    return 0;
}

static void test_sum(void **state)
{
    uint64_t value;

    assert_true(ps_pmc_read(&page, &value));
    assert_int_equal(value, 1023);
}

/* A register that overflows soon begins below zero: 48 bits are all that there are. */
static void test_below_zero(void **state)
{
    uint64_t value;

    registers[0] = (UINT64_C(1) << 48) - 100;
    assert_true(ps_pmc_read(&page, &value));
    assert_int_equal(value, 900);
}

static void test_moved_meanwhile(void **state)
{
    uint64_t value;

    page.lock = 1;
    assert_true(ps_pmc_read(&page, &value));
    assert_int_equal(value, 5007);
    assert_int_equal(reads, 2);
}

static void test_not_there(void **state)
{
    uint64_t value;

    page.index = 0;
    assert_false(ps_pmc_read(&page, &value));
    page.index = 1;
    page.cap_user_rdpmc = 0;
    assert_false(ps_pmc_read(&page, &value));
    assert_int_equal(reads, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_sum, setup),
        cmocka_unit_test_setup(test_below_zero, setup),
        cmocka_unit_test_setup(test_moved_meanwhile, setup),
        cmocka_unit_test_setup(test_not_there, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
