#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ring.h"

static void assert_takes(struct ps_ring *r, uint64_t number, uint64_t index)
{
    struct ps_item item;
    uint64_t found;

    assert_true(ps_ring_take(r, &item, &found));
    assert_int_equal(found, number);
    assert_int_equal(item.index, index);
}

static void assert_empty(struct ps_ring *r)
{
    struct ps_item item;
    uint64_t number;

    assert_false(ps_ring_take(r, &item, &number));
}

/* Also where each item is put into the cell of the one before. */
static void items_come_in_order(void **state)
{
    for (uint64_t cells = 1; cells <= 8; cells *= 2) {
        struct ps_ring r;

        assert_int_equal(ps_ring_init(&r, cells), 0);
        assert_empty(&r);
        for (uint64_t i = 0; i < 20; i += cells) {
            for (uint64_t k = 0; k < cells; k++)
                ps_ring_put(&r, (struct ps_item){NULL, NULL, 100 + i + k});
            for (uint64_t k = 0; k < cells; k++)
                assert_takes(&r, i + k, 100 + i + k);
            assert_empty(&r);
        }
        ps_ring_finish(&r);
    }
}

/* A line that takers write has to come back to who puts. */
static void taking_writes_no_cell(void **state)
{
    struct ps_ring r;

    assert_int_equal(ps_ring_init(&r, 2), 0);
    ps_ring_put(&r, (struct ps_item){NULL, NULL, 7});
    struct ps_cell before = r.cells[0];
    assert_takes(&r, 0, 7);
    assert_memory_equal(&before, &r.cells[0], sizeof before);
    ps_ring_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_in_order),
        cmocka_unit_test(taking_writes_no_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
