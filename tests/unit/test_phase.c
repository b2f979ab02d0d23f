#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "phase.h"

/* As GCC makes it of: for (...) { loop; barrier; if (single_start()) settle(); barrier; } The call
 * of the last barrier is there twice, once before the loop. */
static const unsigned char steps[] = {
    0xeb, 0x05,                   /*  0: jmp 7 */
    0xe8, 0xf9, 0x0f, 0x00, 0x00, /*  2: call wait, of those that do not settle */
    0x90,                         /*  7: the loop */
    0xe8, 0xf3, 0x0f, 0x00, 0x00, /*  8: call wait */
    0xe8, 0x00, 0x20, 0x00, 0x00, /* 13: call single_start */
    0x74, 0xee,                   /* 18: je 2 */
    0xe8, 0x00, 0x30, 0x00, 0x00, /* 20: call settle */
    0xe8, 0xe2, 0x0f, 0x00, 0x00, /* 25: call wait, of the one that settles */
    0x75, 0xe7,                   /* 30: jne 7 */
    0xc3,                         /* 32: ret */
};
#define LOOP   7
#define SETTLE 20

static void test_both_ways_to_a_wait(void **state)
{
    static const size_t backs[] = {7, 30};
    struct ps_phase p;

    for (size_t i = 0; i < 2; i++) {
        assert_true(ps_phase_find(steps, sizeof steps, backs[i], &p));
        assert_true(ps_phase_has(&p, SETTLE));
        assert_true(ps_phase_has(&p, SETTLE + 4));
        assert_false(ps_phase_has(&p, LOOP));
    }
    assert_true(ps_phase_find(steps, sizeof steps, 13, &p));
    assert_true(ps_phase_has(&p, LOOP));
    assert_false(ps_phase_has(&p, SETTLE));
    assert_false(ps_phase_has(&p, PS_PHASE_CODE));
}

/* A table of addresses may lead anywhere. */
static void test_code_that_is_not_known(void **state)
{
    unsigned char code[sizeof steps];
    struct ps_phase p;

    assert_false(ps_phase_find(steps, sizeof steps, 8, &p)); /* behind no call */
    assert_false(ps_phase_find(steps, 3, 7, &p));
    memcpy(code, steps, sizeof steps);
    code[30] = 0xff; /* jmp *%rax */
    code[31] = 0xe0;
    assert_false(ps_phase_find(code, sizeof code, 7, &p));
    memcpy(code, steps, sizeof steps);
    code[30] = 0x06; /* no instruction */
    assert_false(ps_phase_find(code, sizeof code, 7, &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_to_a_wait),
        cmocka_unit_test(test_code_that_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
